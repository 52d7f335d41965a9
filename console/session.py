"""The system as one command uses it: services found or started, and given back afterwards. Starts no workers."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from schemas.roles import Role

if TYPE_CHECKING:
    from psycopg import Connection
    from sqlalchemy import Engine

    from infra.objectstore import ObjectStore
    from infra.services import Services
    from infra.settings import Settings
    from workers.bootstrap import System

#: What PostgreSQL shows.
_NAME = "personas"


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
def open_asking() -> Iterator["Connection[Any]"]:
    """A session with the database, at once, for a command that asks a few questions and is done.

    Nothing else is even loaded, SQLAlchemy neither: that is most of the time that such a command would take. Where the
    database does not answer, it is started like everything else.
    """
    # What is loaded stays: looking for garbage in it, meanwhile or later, takes a sixth of the time.
    gc.disable()
    from psycopg import OperationalError

    from infra.sessions import connection_options, open_connection
    from infra.settings import load_settings
    from infra.whereabouts import find_database

    gc.freeze()
    gc.enable()
    url = find_database(load_settings())
    try:
        conn = open_connection(Role.READER, connection_options(url, _NAME)) if url is not None else None
    except OperationalError:
        conn = None
    if conn is not None:
        with conn:
            yield conn
        return
    with open_session(Role.READER) as system:
        options = connection_options(system.services.database_url, _NAME)
        with open_connection(Role.READER, options) as conn:
            yield conn


@contextmanager
def open_report() -> Iterator[tuple["Connection[Any]", "Callable[[], ObjectStore]"]]:
    """The same for a command that may need the object store too, which is found, or started, when it is called for.

    Unlike a question, a report may take long: embedded services are not stopped meanwhile.
    """
    from infra.lease import take_lease
    from infra.settings import load_settings

    settings = load_settings()
    take_lease(settings.home)

    def find_store() -> "ObjectStore":
        from infra.services import ensure_services, running_services

        return (running_services(settings).object_store or ensure_services(settings).store).connect()

    try:
        with open_asking() as conn:
            yield conn, find_store
    finally:
        from infra.services import stop_services

        stop_services(settings)


@contextmanager
def open_reading() -> Iterator["Engine"]:
    """The database alone, for a command that looks something up; started where it does not answer."""
    gc.disable()
    from infra.database import make_engine
    from infra.settings import load_settings
    from infra.whereabouts import find_database

    gc.freeze()
    gc.enable()
    url = find_database(load_settings())
    if url is not None:
        engine = make_engine(url, _NAME, Role.READER)
        try:
            if _answers(engine):
                yield engine
                return
        finally:
            engine.dispose()
    with open_session(Role.READER) as system:
        yield system.engine


def _answers(engine: "Engine") -> bool:
    from sqlalchemy.exc import OperationalError

    try:
        engine.connect().close()
    except OperationalError:
        return False
    return True


@contextmanager
def open_session(role: Role = Role.STAFF, *, migrate: bool = False) -> Iterator["System"]:
    """The system on these services, for one command, which may do in the database what its role may.

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
        system = open_system(settings, services, role)
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
