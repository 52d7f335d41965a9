"""The labelled steps of the runner, in order. Owns the one place where a test may stop, pause or kill a worker."""

from collections.abc import Callable
from enum import StrEnum

from pipeline.work import Doorbell


class Step(StrEnum):
    """Where a worker can be; it may die at each of them."""

    RECEIVED = "received"
    HELD = "held"
    CLAIMED = "claimed"
    PREPARED = "prepared"
    LOCKED = "locked"
    PERFORMED = "performed"
    CHECKPOINTED = "checkpointed"
    OPENED = "opened"
    COMMITTED = "committed"
    RELEASED = "released"
    RUNG = "rung"


#: What a fault test puts here is called at every step; nothing in production does.
hook: Callable[[Step, Doorbell], None] | None = None


def reach(step: Step, bell: Doorbell) -> None:
    """Say that the runner has come to `step` of the part that `bell` names."""
    if hook is not None:
        hook(step, bell)
