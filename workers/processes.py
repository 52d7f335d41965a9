"""What one worker process holds: its connected system, opened after the fork and never shared over it."""

import gc
import os
from contextlib import suppress

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from infra.priority import give_way
from infra.services import running_services
from infra.settings import load_settings
from infra.watched import WatchedConnection
from pipeline.work import Tools
from schemas.errors import Transient
from schemas.roles import Role
from workers.bootstrap import System, open_system

_system: System | None = None
_owner = 0


def system() -> System:
    """This process's system, made at first use."""
    global _system, _owner  # noqa: PLW0603 - a process has one, and a fork must not inherit it
    if _system is None or _owner != os.getpid():
        settings = load_settings()
        _system = open_system(settings, running_services(settings), Role.WORKER, "personas worker")
        _owner = os.getpid()
        if settings.database_url is None:
            event.listen(_system.engine, "connect", _let_people_first)
    return _system


def tools() -> Tools:
    """What this process's stages are given."""
    return system().tools


def warm_up(**_: object) -> None:
    """Open the connections that the first task would wait for; what is away now is looked for again then."""
    # What is loaded stays: the collector need not look through it again and again.
    gc.freeze()
    with suppress(DBAPIError, Transient):
        with tools().engine.connect():
            pass
        tools().store.head("warm-up")


def _let_people_first(connection: WatchedConnection, _record: ConnectionPoolEntry) -> None:
    """The embedded database shares our machine: beside an import a person's edit takes two thirds of the time."""
    give_way(connection.server_pid, "postgres")
