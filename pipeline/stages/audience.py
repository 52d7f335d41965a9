"""Stage 5: one audience for each import, of the personas whose rows were created, updated or unchanged."""

from sqlalchemy import Connection

from pipeline.sql import statement
from pipeline.work import Advance, Batch, Import, Next, Progress, Tools
from schemas.states import StageName

#: Lines of the file in a part: so many members are inserted at a time.
LINES = 250_000


def count_parts(work: Import) -> int:
    """Parts of this stage: slices of the file's lines."""
    rows: int = sum(work.profile.get("part_rows", ()))
    return max(1, -(-rows // LINES))


def prepare(tools: Tools, batch: Batch) -> None:
    """Everything happens in the database."""


def perform(conn: Connection, tools: Tools, batch: Batch, prepared: None) -> Progress:
    """Take in the personas of one slice of lines; the last slice has all that is left."""
    work = batch.work
    facts: dict[str, object] = {"import_id": work.id}
    facts["audience_id"] = conn.execute(statement("audience", "find"), facts).scalar_one()
    last = batch.part == count_parts(work) - 1
    lines = {"from_line": batch.part * LINES, "to_line": None if last else (batch.part + 1) * LINES}
    members = conn.execute(statement("audience", "fill"), {**facts, **lines}).rowcount
    return Progress(rows=members)


def close(conn: Connection, tools: Tools, work: Import) -> Next:
    """The audience knows how many they are."""
    conn.execute(statement("audience", "note_members"), {"import_id": work.id})
    return Advance(StageName.TEXTS)
