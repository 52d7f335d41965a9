"""Stage 3: who is it? Writes the plan of every row, without touching a persona; then the gate.

Part 0 makes the plan. A plan that somebody wants to see is rehearsed in the parts after it, one for each part of apply.
"""

from sqlalchemy import Connection

from pipeline import blocklist, gate
from pipeline.checkpoints import last_part
from pipeline.plan import plan_tangled
from pipeline.rehearsal import find_differences, open_rehearsal, rehearse
from pipeline.sql import statement
from pipeline.totals import add_up
from pipeline.work import Advance, Batch, Finish, Import, Next, Park, Progress, Tools
from schemas import codes
from schemas.states import ImportStatus, StageName

#: Rows of an apply part: larger ones gain little and keep a single edit of the same persona waiting longer.
PART_SIZE = 10_000


def prepare(tools: Tools, batch: Batch) -> None:
    """Everything happens in the database."""


def perform(conn: Connection, tools: Tools, batch: Batch, prepared: None) -> Progress:
    """Plan every row that has no outcome yet; planning again starts from nothing."""
    if batch.part > 0:
        return rehearse(conn, batch.work, _first_part(conn, batch.work) + batch.part - 1)
    return _make_plan(conn, tools, batch.work)


def _make_plan(conn: Connection, tools: Tools, work: Import) -> Progress:
    conn.execute(statement("dedupe", "settings"))
    seen = conn.execute(statement("dedupe", "snapshot")).scalar_one()
    for name in ("drop_plan", "create_plan", "analyze_rows"):
        conn.execute(statement("dedupe", name, work.id))
    facts = {"import_id": work.id, "account_id": work.account.id}
    conn.execute(statement("dedupe", "match", work.id), facts)
    _mark_blocked(conn, tools, work)
    for name in (
        "settings_for_keys",
        "analyze_matched",
        "find_shared",
        "find_tangled",
        "index_tangled",
        "analyze_tangled",
    ):
        conn.execute(statement("dedupe", name, work.id))
    rows = _plan(conn, work)
    for name in ("drop_matched", "index_plan", "analyze_plan"):
        conn.execute(statement("dedupe", name, work.id))
    for name in ("forget_planned_rejects", "plan_rejects", "silence_blocked"):
        conn.execute(statement("dedupe", name, work.id), facts)
    conn.execute(statement("dedupe", "note_plan"), {**facts, "seen": seen})
    if _is_to_be_seen(conn, work):
        open_rehearsal(conn, work)
    return Progress(rows=rows)


def _is_to_be_seen(conn: Connection, work: Import) -> bool:
    """A dry run, or the plan of one that was approved: it is compared with what was seen, until it is being done."""
    seen = work.options.dry_run and "plan_drifted" not in work.approved
    return seen and _first_part(conn, work) == 0


def _first_part(conn: Connection, work: Import) -> int:
    return last_part(conn, work.id, StageName.APPLY) + 1


def _mark_blocked(conn: Connection, tools: Tools, work: Import) -> None:
    if blocklist.in_use(conn, work.account.id):
        keys = blocklist.padded_keys(tools.blocklist_key)
        conn.execute(statement("dedupe", "mark_blocked", work.id), {"account_id": work.account.id, **keys})


def _plan(conn: Connection, work: Import) -> int:
    # Tangled rows first: their parts take longest, and a long one at the end would have the others' worker wait.
    first_part = _first_part(conn, work)
    tangled = plan_tangled(conn, work, first_part, PART_SIZE)
    facts = {
        "first_part": _last_planned(conn, work.id, first_part - 1) + 1,
        "part_size": PART_SIZE,
        "on_conflict": work.options.on_conflict,
        "replace": work.options.replace_identifiers,
        "restore": work.options.archived == "restore",
    }
    return tangled + conn.execute(statement("dedupe", "plan_untangled", work.id), facts).rowcount


def _last_planned(conn: Connection, import_id: int, at_least: int) -> int:
    planned = conn.execute(statement("dedupe", "last_part", import_id)).scalar_one()
    return at_least if planned is None else max(at_least, planned)


def close(conn: Connection, tools: Tools, work: Import) -> Next:
    """Open the gate, or stop in front of it; a dry run ends here."""
    first_part = _first_part(conn, work)
    parts = range(first_part, _last_planned(conn, work.id, first_part) + 1)
    if _is_to_be_seen(conn, work):
        if last_part(conn, work.id, StageName.DEDUPE) == 0:
            return Advance(StageName.DEDUPE, range(1, len(parts) + 1))
        if work.dry_run:
            facts = add_up(conn, work)
            conn.execute(statement("rehearsal", "total", work.id), facts)
            return Finish(ImportStatus.PLANNED, gate.find_obstacle(conn, work))
        if drift := find_differences(conn, work):
            return Park(ImportStatus.NEEDS_APPROVAL, "plan_drifted", f"{codes.sentence('plan_drifted')} {drift}")
    return gate.find_obstacle(conn, work) or Advance(StageName.APPLY, parts)
