"""Database engines: psycopg 3, few connections, sessions that can't hang. Made after the fork, never at import."""

import json
from functools import partial
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from infra.roles import take_role
from infra.watched import WatchedConnection
from schemas.roles import Role

# Longer than any honest batch of work, shorter than anybody's patience with a stuck one.
SESSION_SETTINGS = {
    "statement_timeout": "60s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    # A process that stands still, or is cut off, must not keep its locks; one at work shows that it lives.
    "idle_session_timeout": "60s",
    "transaction_timeout": "15min",
    # The server looks for clients that are gone, in the middle of a statement too.
    "client_connection_check_interval": "1s",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30s",
    "TimeZone": "UTC",
}

# The same from our side.
_CONNECTION = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

# Only what the server knows is set: `transaction_timeout` came with PostgreSQL 17.
_SET_SESSION = """
SELECT pg_backend_pid(), set_config(known.name, wanted.value, false)
FROM json_each_text(%s::json) AS wanted JOIN pg_settings AS known ON known.name = wanted.key
"""


def make_engine(url: str, application_name: str, role: Role | None) -> Engine:
    """An engine on PostgreSQL 16 or later with two kept connections and up to eight more.

    `url` may begin with `postgres://` or `postgresql://` and name a driver or none. Parameters never show in errors.
    Every session acts as `role`; None: as the login itself, which owns the tables.
    """
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=2,
        max_overflow=8,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"application_name": application_name, **_CONNECTION},
    )
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "connect", partial(_set_session, role))
    return engine


def _connect(_dialect: object, _record: ConnectionPoolEntry, args: Any, options: Any) -> WatchedConnection:
    return WatchedConnection.connect(*args, **options)


def _set_session(role: Role | None, connection: WatchedConnection, _record: ConnectionPoolEntry) -> None:
    row = connection.execute(_SET_SESSION, (json.dumps(SESSION_SETTINGS),)).fetchone()
    connection.server_pid = row[0] if row else 0
    if role is not None:
        take_role(connection, role)
    # Otherwise the first rollback would take the settings back.
    connection.commit()
