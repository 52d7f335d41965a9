"""The rehearsal of a plan: what every row would do, decided part by part, kept in staging, not done. Owns no rule."""

from sqlalchemy import Connection

from pipeline.effects import count_effects, decide, facts_of, open_effects
from pipeline.sql import statement
from pipeline.work import Import, Progress

#: Lines named when a plan no longer fits.
_NAMED = 5


def open_rehearsal(conn: Connection, work: Import) -> None:
    """An empty table for the effects; an older rehearsal is kept beside it to compare with."""
    for name in ("drop_before", "keep_before", "drop_rehearsed"):
        conn.execute(statement("rehearsal", name, work.id))
    open_effects(conn)
    conn.execute(statement("rehearsal", "create", work.id))


def rehearse(conn: Connection, work: Import, part: int) -> Progress:
    """Decide one part of the plan and keep what it would do."""
    facts = facts_of(work, part)
    open_effects(conn)
    decide(conn, work, facts)
    conn.execute(statement("rehearsal", "keep", work.id))
    return Progress(counts=count_effects(conn, work, facts))


def find_differences(conn: Connection, work: Import) -> str | None:
    """What has drifted since the rehearsal before this one, in words that name lines only; None: nothing."""
    if not conn.execute(statement("rehearsal", "has_before", work.id)).scalar_one():
        return None
    lines = conn.execute(statement("rehearsal", "differences", work.id)).scalars().all()
    if not lines:
        return None
    named = ", ".join(map(str, lines[:_NAMED]))
    more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return f"These lines would come out differently than planned: {named}{more}."
