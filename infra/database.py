"""Database engines: psycopg 3, few connections, sessions that can't hang. Made after the fork, never at import."""

import json

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

# Longer than any honest batch of work, shorter than anybody's patience with a stuck one.
SESSION_SETTINGS = {
    "statement_timeout": "60s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "transaction_timeout": "15min",
    "TimeZone": "UTC",
}

# Only what the server knows is set: `transaction_timeout` came with PostgreSQL 17.
_SET_SESSION = """
SELECT set_config(known.name, wanted.value, false)
FROM json_each_text(%s::json) AS wanted JOIN pg_settings AS known ON known.name = wanted.key
"""


def make_engine(url: str, application_name: str) -> Engine:
    """An engine on PostgreSQL 16 or later with two kept connections and up to eight more.

    `url` may begin with `postgres://` or `postgresql://` and name a driver or none. Parameters never show in errors.
    """
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=2,
        max_overflow=8,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"application_name": application_name, "connect_timeout": 10},
    )
    event.listen(engine, "connect", _set_session)
    return engine


def _set_session(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(_SET_SESSION, (json.dumps(SESSION_SETTINGS),))
    cursor.close()
    # Otherwise the first rollback would take the settings back.
    connection.commit()
