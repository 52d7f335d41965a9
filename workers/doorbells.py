"""Doorbells: tells workers to look at parts. Losing, doubling or reordering one changes nothing."""

from collections import Counter
from collections.abc import Sequence

import structlog
from celery import Celery

from pipeline.work import Doorbell
from workers.app import IMPORTS_QUEUE

log = structlog.get_logger()

#: An import with more parts than this to do lets others go first: a small file does not wait for a large one's parts.
_FEW = 2
#: In Redis and Valkey 0 goes first; this is one of the steps of the transport.
_MANY = 6


def publish(app: Celery, doorbells: Sequence[Doorbell]) -> None:
    """Publish after commit; a broker that can't be reached is logged, since the sweep rings again."""
    if not doorbells:
        return
    rung = Counter(bell.import_id for bell in doorbells)
    try:
        with app.producer_pool.acquire(block=True, timeout=5) as producer:
            for bell in doorbells:
                priority = _MANY if rung[bell.import_id] > _FEW else 0
                app.send_task(
                    f"imports.{bell.stage}", (bell.import_id, bell.part), producer=producer, priority=priority
                )
    except Exception as error:  # noqa: BLE001 - whatever ails the broker, the work is safe in the database
        log.warning("doorbells_lost", error=type(error).__name__, count=len(doorbells))


def count_waiting(app: Celery) -> int:
    """How many doorbells no worker has taken yet; 0 too if the broker can't be asked."""
    try:
        with app.pool.acquire(block=True, timeout=5) as connection:
            # Not `passive`: that asks for the queue without the prefix of our keys, and finds none.
            return int(connection.default_channel.queue_declare(IMPORTS_QUEUE).message_count)
    except Exception as error:  # noqa: BLE001 - whatever ails the broker, the sweep goes on
        log.warning("queue_unknown", error=type(error).__name__)
        return 0
