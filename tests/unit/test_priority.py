"""A process gives way to others, if it is the one that was meant."""

import os
import subprocess
from collections.abc import Iterator

import pytest

from infra.priority import give_way


@pytest.fixture
def sleeper() -> Iterator[int]:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as process:
        yield process.pid
        process.kill()


def priority(pid: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, pid)


def test_a_process_gives_way(sleeper: int) -> None:
    before = priority(sleeper)
    give_way(sleeper, "sleep")
    assert priority(sleeper) > before


def test_another_program_of_that_number_does_not(sleeper: int) -> None:
    before = priority(sleeper)
    give_way(sleeper, "postgres")
    assert priority(sleeper) == before


def test_one_that_is_gone_is_no_trouble() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    give_way(process.pid, "true")
