"""The system as one command uses it: services found or started, and given back afterwards. Starts no workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.services import Services
    from infra.settings import Settings
    from workers.bootstrap import System


@contextmanager
def open_services() -> Iterator[tuple["Settings", "Services"]]:
    """The services, for one command. Embedded ones that do not run are started; the last to leave stops them."""
    from infra.services import ensure_services, stop_services
    from infra.settings import load_settings

    settings = load_settings()
    try:
        yield settings, ensure_services(settings)
    finally:
        stop_services(settings)


@contextmanager
def open_session(*, migrate: bool = False) -> Iterator["System"]:
    """The system on these services, for one command.

    With `migrate`, or when the database had to be started, the schema is brought up to date first.
    """
    from infra.log import configure_logging
    from infra.services import running_services
    from infra.settings import load_settings
    from workers.bootstrap import open_system

    # To standard error: what a command prints belongs to whoever called it.
    configure_logging("command")
    fresh = not running_services(load_settings()).complete
    with open_services() as (settings, services):
        if migrate or fresh:
            update_schema(services.database_url)
        system = open_system(settings, services)
        try:
            yield system
        finally:
            system.close()


def update_schema(database_url: str) -> None:
    """Bring the schema up to date."""
    from infra.migrations import upgrade

    upgrade(database_url)


def is_attended(settings: "Settings") -> bool:
    """Whether somebody else's workers run in this home, or are about to."""
    from console.processes import WORKER, list_processes
    from console.supervisor import is_supervised

    return is_supervised(settings.home) or bool(list_processes(settings.home, WORKER))
