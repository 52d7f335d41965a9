"""The exit codes of the command line, and what an import's end is worth. Prints nothing."""

from collections.abc import Iterable
from enum import IntEnum

from schemas.states import WAITS_FOR_PERSON, ImportStatus


class Exit(IntEnum):
    """What programs that call us rely on."""

    DONE = 0
    UNEXPECTED = 1
    WRONG_COMMAND = 2
    WAITS_FOR_PERSON = 3
    FAILED = 4


# From bad to worse, where one command does several things.
_SEVERITY = (Exit.DONE, Exit.WAITS_FOR_PERSON, Exit.FAILED, Exit.WRONG_COMMAND, Exit.UNEXPECTED)


def exit_for(status: ImportStatus) -> Exit:
    """The exit code for an import that stands like this; one that still goes on was accepted."""
    if status in WAITS_FOR_PERSON:
        return Exit.WAITS_FOR_PERSON
    if status in (ImportStatus.FAILED, ImportStatus.CANCELLED):
        return Exit.FAILED
    return Exit.DONE


def worst(exits: Iterable[Exit]) -> Exit:
    """The worst of several; `DONE` of none."""
    return max(exits, key=_SEVERITY.index, default=Exit.DONE)
