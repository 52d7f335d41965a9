"""Real servers, real workers: started once for the whole run, in a folder of their own, on free ports."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import Running, home_running

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def system(home: Path) -> Iterator[Running]:
    """Services and a migrated database, without a worker."""
    with home_running(home) as running:
        yield running


@pytest.fixture(scope="session")
def worker(system: Running, home: Path) -> Iterator[Running]:
    """The same with a real Celery worker and beat beside it."""
    environment = {**os.environ, "PERSONAS_HOME": str(home)}
    with (home / "worker.log").open("wb") as log:
        children = [
            subprocess.Popen(
                [sys.executable, "-m", "console.cli", name], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
            for name in ("worker", "beat")
        ]
        yield system
        for child in children:
            child.send_signal(signal.SIGTERM)
        for child in children:
            child.wait(60)
