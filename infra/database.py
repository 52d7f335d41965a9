"""Database engines: psycopg 3, few connections. Made after the fork, never at import. Sessions: `infra.sessions`."""

from functools import partial
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from infra.sessions import connection_options, open_connection
from infra.watched import WatchedConnection
from schemas.roles import Role


def make_engine(url: str, application_name: str, role: Role | None) -> Engine:
    """An engine on PostgreSQL 16 or later with two kept connections and up to eight more.

    `url` may begin with `postgres://` or `postgresql://` and name a driver or none. Parameters never show in errors.
    Every session acts as `role`; None: as the login itself, which owns the tables.
    """
    engine = create_engine(
        "postgresql+psycopg://",
        pool_size=2,
        max_overflow=8,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args=connection_options(url, application_name),
    )
    event.listen(engine, "do_connect", partial(_connect, role))
    return engine


def _connect(
    role: Role | None, _dialect: object, _record: ConnectionPoolEntry, _args: object, options: dict[str, Any]
) -> WatchedConnection:
    return open_connection(role, options)
