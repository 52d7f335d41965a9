"""Takes S3's events off their SQS queue, for as long as the process lives. Owns when a message may be deleted."""

import time
from collections.abc import Callable

import structlog

from infra.eventqueue import EventQueue, Message
from schemas.errors import Transient
from schemas.events import EventUnreadable
from workers.bootstrap import System
from workers.intake.admission import take_events
from workers.intake.payloads import read_events

log = structlog.get_logger()

_LONGEST_PAUSE = 30.0  # seconds


def consume(system: System, queue: EventQueue, pause: Callable[[float], None] = time.sleep) -> None:
    """Receive and settle without end. It may be ended anywhere: what was not deleted comes again, to no harm."""
    troubles = 0
    while True:
        try:
            settle_messages(system, queue, queue.receive())
            troubles = 0
        except Transient as error:
            troubles += 1
            log.warning("queue_troubled", error=type(error).__name__, reason=str(error), count=troubles)
            pause(min(2.0**troubles, _LONGEST_PAUSE))


def settle_messages(system: System, queue: EventQueue, messages: list[Message]) -> int:
    """Act on each message by itself; how many were deleted.

    Deleted is what has been committed, or is nothing for us. The rest stays, and ends in the dead-letter queue.
    """
    return sum(_settle(system, queue, message) for message in messages)


def _settle(system: System, queue: EventQueue, message: Message) -> bool:
    try:
        events = read_events(message.body)
    except EventUnreadable:
        log.warning("message_unreadable", message_id=message.id, count=message.received)
        return False
    taken = take_events(system.tools, events)
    system.ring(taken.doorbells)
    if taken.unsettled:
        log.warning("message_unsettled", message_id=message.id, count=message.received)
        return False
    queue.delete(message)
    return True
