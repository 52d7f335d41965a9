"""Replay: the failed import that a Celery task belonged to goes on from where it stopped. Owns no stage's work."""

from dataclasses import dataclass

from pipeline import checkpoints
from pipeline.sql import statement
from pipeline.work import Doorbell, Tools
from schemas.errors import WrongCommand
from schemas.states import ImportStatus


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay did; `said` is why there was nothing to do, else None."""

    import_id: int
    doorbells: list[Doorbell]
    said: str | None


def replay(tools: Tools, task_id: str) -> Replay:
    """Let a failed import go on, whichever of its attempts' task ids is given.

    Its open parts are rung under new task ids, since a broker may discard an id that it has seen. What is done stays
    done.
    Raises WrongCommand for an unknown task id.
    """
    with tools.engine.begin() as conn:
        found = conn.execute(statement("replay", "find_import"), {"task_id": task_id}).one_or_none()
        if found is None:
            raise WrongCommand("No import has a task of that id; `personas show IMPORT` lists the ids of its attempts.")
        import_id = found.id
        checkpoints.lock_open(conn, import_id)
        # Nobody is submitted meanwhile: all who go first are seen.
        conn.execute(statement("imports", "lock_account"), {"account_id": found.account_id})
        status = conn.execute(statement("imports", "lock"), {"import_id": import_id}).scalar_one()
        if status != ImportStatus.FAILED:
            return Replay(import_id, [], f"Import {import_id} is {status}; there is nothing to replay.")
        conn.execute(statement("replay", "go_on"), {"import_id": import_id})
        if conn.execute(statement("replay", "plan_outdated"), {"import_id": import_id}).scalar_one():
            checkpoints.reopen_dedupe(conn, import_id)
        return Replay(import_id, checkpoints.make_due(conn, import_id), None)
