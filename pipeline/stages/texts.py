"""Stage 6: double opt-in texts are scheduled, and the import's counts are closed. Sends nothing."""

from sqlalchemy import Connection

from pipeline.sql import statement
from pipeline.texts.schedule import schedule_texts
from pipeline.totals import add_up
from pipeline.work import Batch, Finish, Import, Next, Progress, Tools
from schemas.states import ImportStatus


def prepare(tools: Tools, batch: Batch) -> None:
    """Everything happens in the database."""


def perform(conn: Connection, tools: Tools, batch: Batch, prepared: None) -> Progress:
    """Schedule what the account asks for."""
    scheduled = schedule_texts(conn, batch.work.id, batch.work.account, tools.clock())
    return Progress(rows=scheduled, counts={"texts_scheduled": scheduled})


def close(conn: Connection, tools: Tools, work: Import) -> Next:
    """Every row is accounted for: the import is complete."""
    conn.execute(statement("imports", "total"), add_up(conn, work))
    return Finish(ImportStatus.COMPLETED)
