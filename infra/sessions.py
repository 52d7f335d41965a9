"""How a session with PostgreSQL is opened, by the driver alone: address, limits, role. Engines: `infra.database`."""

import json
import re
from typing import Any
from urllib.parse import quote, unquote

import psycopg

from infra.watched import WatchedConnection
from schemas.errors import PersonaImportError, Transient
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
_ADDRESS = re.compile(r"\w+(?:\+\w+)?://(?:(?P<user>[^:/@]*)(?::(?P<password>[^@]*))?@)?(?P<place>.*)", re.DOTALL)
NOT_ALLOWED = "42501"
_UNKNOWN = "22023"


class AddressInvalid(PersonaImportError):
    """The address of the database can't be read; it is written postgresql://user:password@host/database."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class RoleRefused(Transient):
    """The database login can't take the role that it needs: run `personas migrate`, or `personas doctor` for advice."""

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.__doc__)


def read_address(url: str) -> str:
    """The address as the driver wants it: `url` may name SQLAlchemy's driver, and a password may hold any character."""
    parts = _ADDRESS.fullmatch(url)
    if parts is None:
        raise AddressInvalid
    user, password = (quote(unquote(parts[name] or ""), safe="") for name in ("user", "password"))
    return f"postgresql://{user}:{password}@{parts['place']}"


def connection_options(url: str, application_name: str) -> dict[str, Any]:
    """What the driver is to connect with. Raises `AddressInvalid`."""
    return {"conninfo": read_address(url), "application_name": application_name, **_CONNECTION}


def open_connection(role: Role | None, options: dict[str, Any]) -> WatchedConnection:
    """A session on PostgreSQL 16 or later that can't hang and acts as `role`; None: as the login itself.

    `options` are those of `connection_options`. Raises `RoleRefused`.
    """
    connection = WatchedConnection.connect(**options)
    try:
        row = connection.execute(_SET_SESSION, (json.dumps(SESSION_SETTINGS),)).fetchone()
        connection.server_pid = row[0] if row else 0
        if role is not None:
            _take_role(connection, role)
        # Otherwise the first rollback would take the settings back.
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection


def _take_role(connection: psycopg.Connection[Any], role: Role) -> None:
    """Act as the role from here on, until the connection ends."""
    try:
        connection.execute("SELECT set_config('role', %s, false)", (role.value,))
    except psycopg.Error as error:
        if error.sqlstate in (NOT_ALLOWED, _UNKNOWN):
            raise RoleRefused from None
        raise
