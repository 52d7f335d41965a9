"""A worker of small files takes these and no others, so that it is free while the rest are at large ones."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.checkpoints import SMALL_FILE
from schemas.states import ImportStatus
from tests.running import Running, home_running

pytestmark = pytest.mark.services

ROOT = Path(__file__).parents[2]
HEADER = "Phone,Points\n"


@pytest.fixture
def small_files(tmp_path: Path) -> Iterator[Running]:
    """Nobody there but a worker of small files, without the beat that would ring again."""
    environment = {**os.environ, "PERSONAS_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "console.cli", "worker", "--small-files"]
    with home_running(tmp_path) as running:
        worker = subprocess.Popen(command, cwd=ROOT, env=environment)
        yield running
        worker.terminate()
        worker.wait(60)


def test_a_large_file_waits_for_another_worker(small_files: Running) -> None:
    account = small_files.make_account()
    filling = "+14155552671,1\n" * (SMALL_FILE // 15 + 1)
    large = small_files.submit(small_files.put(account, (HEADER + filling).encode()))
    for _ in range(2):
        small = HEADER + "+12125550187,1\n"
        told = small_files.run(small_files.make_account(), small.encode())
        assert (told["status"], told["rows"]["created"]) == ("completed", 1)
    assert small_files.describe(large)["status"] == ImportStatus.RECEIVED
    assert small_files.describe(large)["attempts"] == []


def test_up_to_two_mebibytes_are_small(small_files: Running) -> None:
    """As the option's help says."""
    rows = (HEADER + "+12125550187,1\n" * 10).encode()
    told = small_files.run(small_files.make_account(), rows + b"\n" * (SMALL_FILE - len(rows)))
    assert (told["status"], told["rows"]["read"]) == ("completed", 10)
    assert SMALL_FILE == 2 << 20
