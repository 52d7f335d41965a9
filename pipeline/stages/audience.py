"""Stage 5: one audience for each import, of the personas whose rows were created, updated or unchanged.

Its members are read from the outcomes: a copy of them cost a tenth of the whole import.
"""

from sqlalchemy import Connection

from pipeline.sql import statement
from pipeline.work import Advance, Batch, Import, Next, Progress, Tools
from schemas.states import StageName


def prepare(tools: Tools, batch: Batch) -> None:
    """Everything happens in the database."""


def perform(conn: Connection, tools: Tools, batch: Batch, prepared: None) -> Progress:
    """Make the audience, which knows how many they are."""
    work = batch.work
    facts = {"import_id": work.id, "account_id": work.account.id, "name": work.name}
    return Progress(rows=conn.execute(statement("audience", "make"), facts).scalar_one())


def close(conn: Connection, tools: Tools, work: Import) -> Next:
    return Advance(StageName.TEXTS)
