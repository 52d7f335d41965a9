"""Stage 4: what changes. Personas, ledger, consent and outcomes of one part, in one transaction with its checkpoint."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from pipeline.effects import count_effects, decide, facts_of, open_effects
from pipeline.faults import PlanOutdated, is_taken_key
from pipeline.rows.attributes import attribute_key
from pipeline.sql import statement
from pipeline.work import Advance, Batch, Import, Next, Progress, Tools
from schemas.errors import Transient
from schemas.fields import ATTRIBUTE_PREFIX
from schemas.states import StageName

#: The version of the terms that a file's opt-ins are given under.
TERMS_VERSION = "2026-01"

#: So often a part decides anew, at once, before it makes way for whoever keeps changing its personas.
_MOST_TRIES = 5
_ROWS = ("rows_created", "rows_updated", "rows_unchanged", "rows_rejected", "rows_skipped")


def prepare(tools: Tools, batch: Batch) -> None:
    """Everything happens in the database."""


def perform(conn: Connection, tools: Tools, batch: Batch, prepared: None) -> Progress:
    """Decide what the part's rows do to their personas, then do it; again, where somebody changes one in between."""
    work = batch.work
    facts = {**facts_of(work, batch.part), "terms_version": TERMS_VERSION}
    conn.execute(statement("apply", "settings"))
    open_effects(conn)
    written = _try_to_write(conn, work, facts)
    # Whoever changed an identity before this is seen now; whoever wants to, waits for the commit.
    if _has_drifted(conn, work, facts):
        raise PlanOutdated
    if not written:
        raise Transient("personas of this part keep changing")
    counts = count_effects(conn, work, facts)
    return Progress(rows=sum(counts[name] for name in _ROWS), counts=counts)


def _try_to_write(conn: Connection, work: Import, facts: dict[str, Any]) -> bool:
    for _ in range(_MOST_TRIES):
        try:
            with conn.begin_nested() as attempt:
                decide(conn, work, facts)
                if _write(conn, work, facts):
                    return True
                attempt.rollback()
        except IntegrityError as error:
            # A persona of the plan may be gone by now: what was decided without it fits nowhere.
            if is_taken_key(error) or _has_drifted(conn, work, facts):
                raise PlanOutdated from None
            raise
    return False


def _has_drifted(conn: Connection, work: Import, facts: dict[str, Any]) -> bool:
    return bool(conn.execute(statement("apply", "drifted", work.id), facts).scalar_one())


def _write(conn: Connection, work: Import, facts: dict[str, Any]) -> bool:
    """Do what was decided; False if a persona is no longer as it was then.

    Personas that were there before come late, in the order in which everybody takes these locks:
    whoever edits one of them waits from then to the commit.
    """
    if work.options.replace_identifiers:
        conn.execute(statement("apply", "free_keys"), facts)
    for name in ("insert_personas", "insert_ledger", "insert_events"):
        conn.execute(statement("apply", name), facts)
    conn.execute(statement("apply", "insert_outcomes", work.id), facts)
    conn.execute(statement("apply", "insert_notices"), facts)
    conn.execute(statement("apply", "look_up"))
    changed = conn.execute(statement("apply", "update_personas"), facts).scalar_one()
    if changed:
        return False
    conn.execute(statement("apply", "look_up_no_more"))
    # Two parts that bring a new name wait for one another from here on, which is not long.
    _name_attributes(conn, work)
    conn.execute(statement("apply", "cancel_texts"), facts)
    return True


def _name_attributes(conn: Connection, work: Import) -> None:
    fields = [field for field in work.mapping["fields"].values() if field and field.startswith(ATTRIBUTE_PREFIX)]
    if fields:
        names = [field.removeprefix(ATTRIBUTE_PREFIX) for field in fields]
        facts = {"account_id": work.account.id, "keys": [attribute_key(name) for name in names], "names": names}
        conn.execute(statement("apply", "name_attributes"), facts)


def close(conn: Connection, tools: Tools, work: Import) -> Next:
    """The rows that map left out get their outcome with the last part, so that every line has one."""
    conn.execute(statement("apply", "insert_left_out"), {"import_id": work.id})
    return Advance(StageName.AUDIENCE)
