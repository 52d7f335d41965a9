"""The Celery tasks: ids in, one call, nothing out. Owns names and queues, no work."""

from collections.abc import Callable

import structlog
from celery import Celery, Task
from sqlalchemy.exc import DBAPIError

from pipeline import checkpoints, purging, runner
from pipeline.personas.scrubbing import finish_scrubs
from pipeline.work import Doorbell
from schemas.errors import Transient
from schemas.states import StageName
from workers import processes, texting
from workers.bucket_sweep import sweep_bucket
from workers.doorbells import count_waiting, publish

log = structlog.get_logger()

#: A part rung this long ago, that nobody is at work on, is rung again; while others wait for a worker, it may just
#: be one of them, and ringing again would only make the queue longer.
_PATIENCE = 3  # seconds; with an empty queue a doorbell is either answered within milliseconds, or lost
_PATIENCE_IN_QUEUE = 120
_AT_MOST = 100
#: No COPY of a worker that lives takes so long.
_COPY_PATIENCE = 300  # seconds


class StageFailed(Exception):
    """A part ended in a way that its checkpoint could not say; the sweep rings it again."""


def register(app: Celery) -> None:
    """Put the tasks of the contract on an app."""
    for stage in StageName:
        app.task(_stage_task(app, stage), name=f"imports.{stage}", bind=True)
    for name, work in _PERIODIC.items():
        app.task(_periodic_task(app, work), name=name, bind=True)


def _stage_task(app: Celery, stage: StageName) -> Callable[..., None]:
    def run(task: Task, import_id: int, part: int) -> None:
        bell = Doorbell(stage, import_id, part)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(task_id=task.request.id, import_id=import_id, stage=stage, part=part)
        try:
            runner.run_part(processes.tools(), bell, task.request.id, lambda bells: publish(app, bells))
        except (DBAPIError, Transient) as error:
            # The database is away: nothing can be noted now, and the sweep rings again when it is back.
            log.warning("part_interrupted", error=type(error).__name__)
        except MemoryError:
            # Celery ends its main process on this one; ours must not be taken along.
            raise StageFailed from None

    return run


def _periodic_task(app: Celery, work: Callable[[Celery], None]) -> Callable[[Task], None]:
    def run(task: Task) -> None:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(task_id=task.request.id)
        try:
            work(app)
        except (DBAPIError, Transient) as error:
            log.warning("sweep_interrupted", error=type(error).__name__)

    return run


def _sweep(app: Celery) -> None:
    patience = _PATIENCE_IN_QUEUE if count_waiting(app) else _PATIENCE
    with processes.tools().engine.begin() as conn:
        ended = checkpoints.end_frozen(conn, _COPY_PATIENCE)
    with processes.tools().engine.begin() as conn:
        bells = checkpoints.ring_unheld(conn, patience, _AT_MOST)
    if ended:
        log.warning("sessions_ended", count=ended)
    if bells:
        log.info("rung_again", count=len(bells))
        publish(app, bells)


def _sweep_bucket(app: Celery) -> None:
    system = processes.system()
    sweep_bucket(system.tools, system.store, lambda bells: publish(app, bells))


def _purge(_: Celery) -> None:
    finish_scrubs(processes.tools())
    purging.purge(processes.tools())


def _send_texts(_: Celery) -> None:
    texting.send_due(processes.tools())


_PERIODIC: dict[str, Callable[[Celery], None]] = {
    "imports.sweep": _sweep,
    "buckets.sweep": _sweep_bucket,
    "staging.purge": _purge,
    "texts.send": _send_texts,
}
