"""Stage 5: one audience for each import, of the personas whose rows were created, updated or unchanged."""

from sqlalchemy import Connection

from pipeline.sql import statement
from pipeline.work import Advance, Batch, Import, Next, Progress, Tools
from schemas.states import StageName


def prepare(tools: Tools, batch: Batch) -> None:
    """Everything happens in the database."""


def perform(conn: Connection, tools: Tools, batch: Batch, prepared: None) -> Progress:
    work = batch.work
    facts = {"import_id": work.id, "account_id": work.account.id, "name": work.name}
    facts["audience_id"] = conn.execute(statement("audience", "make"), facts).scalar_one()
    members = conn.execute(statement("audience", "fill"), facts).rowcount
    conn.execute(statement("audience", "note_members"), {**facts, "members": members})
    return Progress(rows=members)


def close(conn: Connection, tools: Tools, work: Import) -> Next:
    return Advance(StageName.TEXTS)
