"""Services that fault tests may maltreat: apart from those of other tests, so that a flushed broker hurts nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.migrations import upgrade
from infra.services import ensure_services, stop_services
from infra.settings import Settings
from tests.running import Running, open_running


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of the fault tests."""
    return tmp_path_factory.mktemp("harbour")


@pytest.fixture(scope="session")
def ground(harbour: Path) -> Iterator[Running]:
    """Running services and a migrated database, without a worker."""
    settings = Settings(home=harbour)
    services = ensure_services(settings)
    upgrade(services.database_url)
    running = open_running(settings, services)
    yield running
    running.close()
    stop_services(settings, started_only=False)
