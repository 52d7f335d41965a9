"""Exit codes are what programs rely on."""

import pytest

from console.exits import Exit, exit_for, worst
from schemas.states import ImportStatus

EXPECTED = {
    "received": 0,
    "waiting": 0,
    "running": 0,
    "completed": 0,
    "planned": 0,
    "needs_mapping": 3,
    "needs_approval": 3,
    "failed": 4,
    "cancelled": 4,
}


@pytest.mark.parametrize("status", list(ImportStatus))
def test_every_status_has_its_exit_code(status: ImportStatus) -> None:
    assert exit_for(status) == EXPECTED[status]


def test_the_worst_of_several_files_counts() -> None:
    assert worst([]) is Exit.DONE
    assert worst([Exit.DONE, Exit.WAITS_FOR_PERSON]) is Exit.WAITS_FOR_PERSON
    assert worst([Exit.FAILED, Exit.WAITS_FOR_PERSON, Exit.DONE]) is Exit.FAILED
    assert worst([Exit.UNEXPECTED, Exit.FAILED]) is Exit.UNEXPECTED
