"""Reads what is measured out of the history, which is the truth: no process has to be asked. Names no metrics."""

from sqlalchemy import Connection

from pipeline.sql import statement
from schemas.measures import Measures
from schemas.states import ImportStatus, StageName, Trigger

#: Over which the speed of a stage is taken.
_WINDOW = "5 minutes"


def read_measures(conn: Connection) -> Measures:
    """One reading, of the whole system. States, triggers and stages without anything are there, as 0."""
    oldest = conn.execute(statement("measures", "oldest_unheld")).scalar_one()
    return Measures(
        imports=_zero(ImportStatus) | _read(conn, "imports_by_status"),
        triggers=_zero(Trigger) | _read(conn, "imports_by_trigger"),
        rates={str(stage): 0.0 for stage in StageName} | _rates(conn),
        open_parts=_zero(StageName) | _read(conn, "open_parts_by_stage"),
        oldest_unheld=float(oldest),
        lost=_zero(StageName) | _read(conn, "lost_by_stage"),
        rejects=_read(conn, "rejects_by_code"),
    )


def _zero(words: type[ImportStatus] | type[Trigger] | type[StageName]) -> dict[str, int]:
    return {str(word): 0 for word in words}


def _read(conn: Connection, name: str) -> dict[str, int]:
    return {row.key: int(row.value) for row in conn.execute(statement("measures", name))}


def _rates(conn: Connection) -> dict[str, float]:
    rows = conn.execute(statement("measures", "rates_by_stage"), {"window": _WINDOW})
    return {row.key: float(row.value) for row in rows}
