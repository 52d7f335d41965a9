"""Checkpoints and attempts: the only module that writes them. Owns no order of stages."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from pipeline.sql import statement
from pipeline.work import Doorbell, Progress
from schemas.states import AttemptOutcome, CheckpointState, StageName

#: A part that has lost this many workers without progress ends its import.
MOST_CRASHES = 10
#: Bytes of a small file: some ten thousand rows, done within a second or two.
SMALL_FILE = 2 << 20


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint whose row this transaction has locked."""

    id: int
    state: CheckpointState
    crashes: int


def _facts(bell: Doorbell) -> dict[str, object]:
    return asdict(bell)


@contextmanager
def holding(conn: Connection, bell: Doorbell) -> Iterator[bool]:
    """Keep other workers from starting on the same part while the body runs; False: another one is at it."""
    held = conn.execute(statement("checkpoints", "hold"), _facts(bell)).scalar_one_or_none()
    conn.commit()
    try:
        yield bool(held)
    finally:
        if held and not conn.invalidated:
            conn.rollback()
            conn.execute(statement("checkpoints", "release"), _facts(bell))
            conn.commit()


def lock_checkpoint(conn: Connection, bell: Doorbell) -> Checkpoint | None:
    """The part's checkpoint, locked to the end of the transaction; None: not there, or in another's hands."""
    row = conn.execute(statement("checkpoints", "lock_checkpoint"), _facts(bell)).one_or_none()
    return Checkpoint(row.id, CheckpointState(row.state), row.crashes) if row else None


def begin_attempt(conn: Connection, bell: Doorbell, checkpoint: Checkpoint, task_id: str) -> tuple[int, int]:
    """Count this attempt; (its id, how many workers this part has lost so far)."""
    crashes = conn.execute(statement("checkpoints", "mark_lost"), {"checkpoint_id": checkpoint.id}).scalar_one()
    facts = {**_facts(bell), "checkpoint_id": checkpoint.id, "task_id": task_id}
    return conn.execute(statement("checkpoints", "begin_attempt"), facts).scalar_one(), crashes


def note_superseded(conn: Connection, bell: Doorbell, task_id: str) -> None:
    """A delivery that found nothing to do."""
    conn.execute(statement("checkpoints", "note_superseded"), {**_facts(bell), "task_id": task_id})


def end_attempt(conn: Connection, attempt_id: int, outcome: AttemptOutcome, error: str | None = None) -> None:
    """Note how an attempt ended; `error` is a code or the name of a class."""
    facts = {"attempt_id": attempt_id, "outcome": outcome, "error": error}
    conn.execute(statement("checkpoints", "end_attempt"), facts)


def finish_checkpoint(conn: Connection, checkpoint: Checkpoint, progress: Progress) -> None:
    """The part is done, with its counts."""
    facts = {"checkpoint_id": checkpoint.id, "rows": progress.rows, "counts": json.dumps(progress.counts)}
    conn.execute(statement("checkpoints", "finish_checkpoint"), facts)


def back_off(conn: Connection, checkpoint_id: int) -> None:
    """Try again later, doubling the pause; the sweep rings when the time has come."""
    conn.execute(statement("checkpoints", "back_off"), {"checkpoint_id": checkpoint_id})


def open_parts(conn: Connection, import_id: int, stage: StageName, parts: Sequence[int]) -> list[Doorbell]:
    """Open the parts of a stage; the doorbells to ring after commit."""
    facts = {"import_id": import_id, "stage": stage, "parts": list(parts), "small_file": SMALL_FILE}
    small = conn.execute(statement("checkpoints", "open_parts"), facts).scalar_one()
    return [Doorbell(stage, import_id, part, small) for part in parts]


def reopen_dedupe(conn: Connection, import_id: int) -> list[Doorbell]:
    """Plan again what has not been applied yet."""
    conn.execute(statement("checkpoints", "reopen_parts"), {"import_id": import_id})
    return open_parts(conn, import_id, StageName.DEDUPE, [0])


def count_open(conn: Connection, import_id: int, stage: StageName) -> int:
    """How many parts of a stage are not done."""
    facts = {"import_id": import_id, "stage": stage}
    return int(conn.execute(statement("checkpoints", "count_open"), facts).scalar_one())


def last_part(conn: Connection, import_id: int, stage: StageName) -> int:
    """The highest part number of a stage, -1 if it has none."""
    facts = {"import_id": import_id, "stage": stage}
    return int(conn.execute(statement("checkpoints", "last_part"), facts).scalar_one())


def lock_open(conn: Connection, import_id: int) -> None:
    """Wait until nobody is at an open part of the import, and keep it so to the end of the transaction.

    To be called before the import's row is locked: that is the order of a worker that comes to the end of a part.
    """
    conn.execute(statement("checkpoints", "lock_open"), {"import_id": import_id})


def list_open(conn: Connection, import_id: int) -> list[Doorbell]:
    """Doorbells of all open parts of an import."""
    return _ring(conn, "list_open", import_id=import_id)


def make_due(conn: Connection, import_id: int) -> list[Doorbell]:
    """Every open part of an import can be tried at once, with its counters at zero."""
    return _ring(conn, "make_due", import_id=import_id)


def sum_counts(conn: Connection, import_id: int) -> dict[str, int]:
    """The counts of an import's parts, added up by name."""
    rows = conn.execute(statement("checkpoints", "sum_counts"), {"import_id": import_id})
    return {row.key: row.total for row in rows}


def end_frozen(conn: Connection, patience_seconds: int) -> int:
    """End sessions of workers that stopped in the middle of a COPY, with the locks that they hold; how many.

    The rest of the transaction has no role.
    """
    conn.execute(statement("checkpoints", "as_login"))
    facts = {"patience": f"{patience_seconds} seconds"}
    return len(conn.execute(statement("checkpoints", "end_frozen"), facts).all())


def ring_unheld(conn: Connection, patience_seconds: int, at_most: int) -> list[Doorbell]:
    """Doorbells for open parts that nobody is at work on; notes that they were rung."""
    return _ring(conn, "ring_unheld", patience=f"{patience_seconds} seconds", at_most=at_most)


def _ring(conn: Connection, query: str, **facts: object) -> list[Doorbell]:
    rows = conn.execute(statement("checkpoints", query), {**facts, "small_file": SMALL_FILE})
    return [Doorbell(StageName(row.stage), row.import_id, row.part, row.small) for row in rows]
