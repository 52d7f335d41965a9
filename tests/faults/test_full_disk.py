"""The embedded database runs out of room in mid-import: the import waits, and goes on when there is room again."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from infra.embedded.postgres import ClusterFailed
from infra.embedded.server import ServerFailed
from infra.services import ensure_services, running_services
from tests.faults.customers import bring, find_differences
from tests.faults.fleet import PATIENCE, sailing
from tests.faults.invariants import find_violations
from tests.running import Running, home_running

pytestmark = [pytest.mark.services, pytest.mark.soak]

SIZE, LEFT = 260, 6  # MiB: of the file system, and what the import finds of it
PARTS = ("--part-rows", "2000", "--part-size", "1000", "--concurrency", "2")


@pytest.fixture
def small_home(tmp_path: Path) -> Iterator[Path]:
    """A home whose database lies on a small file system of its own."""
    home = tmp_path / "home"
    folder = home / "postgres"
    folder.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("only root can mount a small file system")
    yield home
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def small(small_home: Path) -> Iterator[Running]:
    with home_running(small_home) as running:
        yield running


def test_a_full_disk_delays_an_import(small: Running, small_home: Path, tmp_path: Path) -> None:
    customers = bring(small, tmp_path, 950, 20_000)
    ballast = small_home / "postgres" / "ballast"
    with sailing(small_home, 1, *PARTS) as fleet:
        worker = fleet.pid()
        fill(ballast)
        small.system.ring(customers.doorbells)
        told: list[str] = []
        for _ in range(20):
            time.sleep(0.5)
            tend(small)
            with suppress(DBAPIError):
                told.append(small.describe(customers.import_id)["status"])
        assert "completed" not in told
        assert told[-1] == "running"
        assert fleet.pid() == worker
        ballast.unlink()
        tend(small)
        small.wait(customers.import_id, PATIENCE)
        assert fleet.pid() == worker
    assert find_violations(small, customers.account) == []
    assert find_differences(small, customers) == []


def fill(ballast: Path) -> None:
    """Leave little room."""
    with ballast.open("wb") as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 20))
            file.flush()
    with ballast.open("r+b") as file:
        file.truncate(ballast.stat().st_size - (LEFT << 20))


def tend(small: Running) -> None:
    """As a supervisor does: what has ended is started again."""
    settings = small.system.settings
    if not running_services(settings).complete:
        with suppress(ServerFailed, ClusterFailed):
            ensure_services(settings)
