"""The gate between dedupe and apply: what a person must answer before anything changes. Owns no answers."""

from sqlalchemy import Connection

from pipeline.sql import statement
from pipeline.work import Import, Park
from schemas import codes
from schemas.states import ImportStatus

#: Too many rejects: more than half of at least so many rows.
_ENOUGH_ROWS = 100


def find_obstacle(conn: Connection, work: Import) -> Park | None:
    """The first thing that a person has not approved yet; None: go on."""
    if not (work.options.accept_terms or work.terms_accepted_by or work.account.terms_accepted_by):
        return _park("terms_not_accepted")
    if not (work.options.again or "already_imported" in work.approved):
        facts = {"account_id": work.account.id, "import_id": work.id, "sha256": work.sha256}
        earlier = conn.execute(statement("dedupe", "earlier_import"), facts).scalar_one()
        if earlier is not None:
            return _park("already_imported", f"The earlier import is {earlier}.")
    if "too_many_rejects" not in work.approved and _mostly_rejected(conn, work):
        return _park("too_many_rejects")
    return None


def _mostly_rejected(conn: Connection, work: Import) -> bool:
    rows = sum(work.profile.get("part_rows", ()))
    rejected = conn.execute(statement("dedupe", "count_rejects"), {"import_id": work.id}).scalar_one()
    return bool(rows >= _ENOUGH_ROWS and 2 * rejected > rows)


def _park(code: str, more: str = "") -> Park:
    return Park(ImportStatus.NEEDS_APPROVAL, code, f"{codes.sentence(code)} {more}".strip())
