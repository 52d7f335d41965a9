"""Doorbells: tells workers to look at parts. Losing, doubling or reordering one changes nothing."""

from collections.abc import Sequence

import structlog
from celery import Celery

from pipeline.work import Doorbell
from workers.app import IMPORTS_QUEUE, SMALL_FILES_QUEUE

log = structlog.get_logger()


def publish(app: Celery, doorbells: Sequence[Doorbell]) -> None:
    """Publish after commit; a broker that can't be reached is logged, since the sweep rings again."""
    if not doorbells:
        return
    try:
        with app.producer_pool.acquire(block=True, timeout=5) as producer:
            for bell in doorbells:
                queue = SMALL_FILES_QUEUE if bell.small else IMPORTS_QUEUE
                app.send_task(f"imports.{bell.stage}", (bell.import_id, bell.part), producer=producer, queue=queue)
    except Exception as error:  # noqa: BLE001 - whatever ails the broker, the work is safe in the database
        log.warning("doorbells_lost", error=type(error).__name__, count=len(doorbells))


def count_waiting(app: Celery) -> int:
    """How many doorbells no worker has taken yet; 0 too if the broker can't be asked."""
    try:
        with app.pool.acquire(block=True, timeout=5) as connection:
            # Not `passive`: that asks for the queue without the prefix of our keys, and finds none.
            declare = connection.default_channel.queue_declare
            return sum(int(declare(queue).message_count) for queue in (IMPORTS_QUEUE, SMALL_FILES_QUEUE))
    except Exception as error:  # noqa: BLE001 - whatever ails the broker, the sweep goes on
        log.warning("queue_unknown", error=type(error).__name__)
        return 0
