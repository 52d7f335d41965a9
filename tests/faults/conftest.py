"""Services that fault tests may maltreat: apart from those of other tests, so that a flushed broker hurts nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import Running, home_running


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of the fault tests."""
    return tmp_path_factory.mktemp("harbour")


@pytest.fixture(scope="session")
def ground(harbour: Path) -> Iterator[Running]:
    """Running services and a migrated database, without a worker."""
    with home_running(harbour) as running:
        yield running
