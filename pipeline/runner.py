"""One delivery of one task, from claim to doorbells. Owns the order of these steps and what each error means."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pipeline import checkpoints, imports, lane
from pipeline.checkpoints import Checkpoint
from pipeline.faults import PlanOutdated, Superseded, is_passing, place_of
from pipeline.stages import STAGES
from pipeline.steps import Step, reach
from pipeline.wakefulness import awake
from pipeline.work import Advance, Batch, Doorbell, Import, Next, Park, Tools
from schemas import codes
from schemas.errors import ImportRefused
from schemas.states import ACTIVE, AttemptOutcome, CheckpointState, StageName

log = structlog.get_logger()

Ring = Callable[[Sequence[Doorbell]], None]


@dataclass(frozen=True, slots=True)
class Claim:
    """A part that this worker may work on."""

    attempt_id: int
    checkpoint_id: int
    batch: Batch


def run_part(tools: Tools, bell: Doorbell, task_id: str, ring: Ring) -> None:
    """Do one part of one stage, or find that there is nothing to do. Raises only what `faults` calls a bug of ours."""
    reach(Step.RECEIVED, bell)
    with tools.engine.connect() as conn, checkpoints.holding(conn, bell) as held:
        if not held:
            with conn.begin():
                checkpoints.note_superseded(conn, bell, task_id)
            return
        reach(Step.HELD, bell)
        bells = _attempt(conn, tools, bell, task_id)
    reach(Step.RELEASED, bell)
    ring(bells)
    reach(Step.RUNG, bell)


def _attempt(conn: Connection, tools: Tools, bell: Doorbell, task_id: str) -> list[Doorbell]:
    try:
        claim, bells = _claim(conn, bell, task_id)
    except Exception as error:
        if is_passing(error):
            raise
        return _fail_unclaimed(conn, bell, task_id, error)
    if claim is None:
        return bells
    reach(Step.CLAIMED, bell)
    structlog.contextvars.bind_contextvars(attempt=claim.attempt_id)
    try:
        return _work(conn, tools, claim, bell)
    except Superseded:
        return _end(conn, claim, AttemptOutcome.SUPERSEDED)
    except PlanOutdated:
        return _plan_again(conn, claim)
    except ImportRefused as refused:
        return _fail(conn, claim.attempt_id, bell.import_id, refused.code, refused.message)
    except Exception as error:  # noqa: BLE001 - a bug of ours ends the import, never the worker
        if is_passing(error):
            return _retry_later(conn, claim, error)
        return _fail_by_bug(conn, claim.attempt_id, bell, error)


def _claim(conn: Connection, bell: Doorbell, task_id: str) -> tuple[Claim | None, list[Doorbell]]:
    """Count the attempt and commit, before anything that could kill the worker."""
    with conn.begin():
        checkpoint = checkpoints.lock_checkpoint(conn, bell)
        if checkpoint is None or checkpoint.state is CheckpointState.DONE:
            checkpoints.note_superseded(conn, bell, task_id)
            return None, []
        work = imports.load_import(conn, bell.import_id)
        if work.status not in ACTIVE or (lane.needs_lane(bell.stage) and not lane.enter_lane(conn, work)):
            checkpoints.note_superseded(conn, bell, task_id)
            return None, []
        attempt_id, crashes = checkpoints.begin_attempt(conn, bell, checkpoint, task_id)
        claim = Claim(attempt_id, checkpoint.id, Batch(work, bell.stage, bell.part, task_id))
        if crashes < checkpoints.MOST_CRASHES:
            imports.start_stage(conn, work.id, bell.stage)
            return claim, []
    code = "part_keeps_crashing"
    return None, _fail(conn, attempt_id, work.id, code, codes.sentence(code))


def _work(conn: Connection, tools: Tools, claim: Claim, bell: Doorbell) -> list[Doorbell]:
    stage = STAGES[bell.stage]
    with awake(conn):
        prepared = stage.prepare(tools, claim.batch)
    reach(Step.PREPARED, bell)
    with conn.begin():
        imports.confine(conn, claim.batch.work.account.id, bell.import_id)
        checkpoint = _lock_open(conn, bell)
        reach(Step.LOCKED, bell)
        progress = stage.perform(conn, tools, claim.batch, prepared)
        reach(Step.PERFORMED, bell)
        if imports.lock_import(conn, bell.import_id) not in ACTIVE:
            raise Superseded
        checkpoints.finish_checkpoint(conn, checkpoint, progress)
        checkpoints.end_attempt(conn, claim.attempt_id, AttemptOutcome.DONE)
        reach(Step.CHECKPOINTED, bell)
        bells = _close_stage(conn, tools, bell)
        reach(Step.OPENED, bell)
    reach(Step.COMMITTED, bell)
    log.info("part_done", rows=progress.rows, **_where(claim))
    return bells


def _lock_open(conn: Connection, bell: Doorbell) -> Checkpoint:
    checkpoint = checkpoints.lock_checkpoint(conn, bell)
    if checkpoint is None or checkpoint.state is CheckpointState.DONE:
        raise Superseded
    return checkpoint


def _close_stage(conn: Connection, tools: Tools, bell: Doorbell) -> list[Doorbell]:
    """If this was the last open part, do what comes next; the import's row is locked, so no sibling can miss it."""
    if checkpoints.count_open(conn, bell.import_id, bell.stage):
        return []
    work = imports.load_import(conn, bell.import_id)
    return _go_on(conn, work, STAGES[bell.stage].close(conn, tools, work))


def _go_on(conn: Connection, work: Import, after: Next) -> list[Doorbell]:
    if isinstance(after, Advance):
        return checkpoints.open_parts(conn, work.id, after.stage, after.parts)
    if isinstance(after, Park):
        imports.park_import(conn, work.id, after.status, after.code, after.message)
    else:
        imports.finish_import(conn, work, after)
    return lane.next_doorbells(conn, work.account.id)


def _end(conn: Connection, claim: Claim, outcome: AttemptOutcome, error: str | None = None) -> list[Doorbell]:
    with conn.begin():
        checkpoints.end_attempt(conn, claim.attempt_id, outcome, error)
    return []


def _plan_again(conn: Connection, claim: Claim) -> list[Doorbell]:
    import_id = claim.batch.work.id
    try:
        with conn.begin():
            checkpoints.lock_open(conn, import_id)
            checkpoints.end_attempt(conn, claim.attempt_id, AttemptOutcome.SUPERSEDED, "plan_outdated")
            if imports.lock_import(conn, import_id) not in ACTIVE:
                return []
            if checkpoints.count_open(conn, import_id, StageName.DEDUPE):
                return []
            return checkpoints.reopen_dedupe(conn, import_id)
    except DBAPIError as error:
        if is_passing(error):
            # A sibling is at its part for longer than we may wait.
            return _retry_later(conn, claim, error)
        raise


def _retry_later(conn: Connection, claim: Claim, error: Exception) -> list[Doorbell]:
    log.warning("part_delayed", error=type(error).__name__, **_where(claim))
    with conn.begin():
        checkpoints.back_off(conn, claim.checkpoint_id)
        checkpoints.end_attempt(conn, claim.attempt_id, AttemptOutcome.FAILED, type(error).__name__)
    return []


def _fail_unclaimed(conn: Connection, bell: Doorbell, task_id: str, error: Exception) -> list[Doorbell]:
    """A bug of ours before there was a claim: without an end it would be met again at every ring."""
    with conn.begin():
        checkpoint = checkpoints.lock_checkpoint(conn, bell)
        if checkpoint is None:
            return []
        attempt_id, _ = checkpoints.begin_attempt(conn, bell, checkpoint, task_id)
    return _fail_by_bug(conn, attempt_id, bell, error)


def _fail_by_bug(conn: Connection, attempt_id: int, bell: Doorbell, error: Exception) -> list[Doorbell]:
    log.error("part_failed", error=type(error).__name__, place=place_of(error), stage=bell.stage, part=bell.part)
    code = "internal_error"
    return _fail(conn, attempt_id, bell.import_id, code, codes.sentence(code), error=type(error).__name__)


def _fail(
    conn: Connection, attempt_id: int, import_id: int, code: str, message: str, *, error: str | None = None
) -> list[Doorbell]:
    with conn.begin():
        checkpoints.end_attempt(conn, attempt_id, AttemptOutcome.FAILED, error or code)
        account_id = imports.fail_import(conn, import_id, code, message)
        return lane.next_doorbells(conn, account_id) if account_id is not None else []


def _where(claim: Claim) -> dict[str, object]:
    batch = claim.batch
    return {"import_id": batch.work.id, "stage": batch.stage, "part": batch.part, "task_id": batch.task_id}
