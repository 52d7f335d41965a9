"""Named statements of `pipeline.sql` asked through the driver alone. Changes nothing, and owns no statement.

SQLAlchemy takes longer to load than any of these answers takes to come; whoever has a connection of its hands over the
driver's (`driver_connection`).
"""

import re
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from psycopg import Connection
from psycopg.rows import RowFactory, dict_row, namedtuple_row

from pipeline.sql import source

if TYPE_CHECKING:
    from sqlalchemy import Connection as PooledConnection

#: Rows of an answer by the names of their columns.
Row = dict[str, Any]

# Comments, strings, quoted names and casts are passed over: only what is left can be a parameter.
_PIECES = re.compile(r"""--[^\n]*|'[^']*'|"[^"]*"|::|(?<![\w\]]):(\w+)|%""")


def ask(conn: Connection[Any], subject: str, name: str, facts: Mapping[str, Any]) -> list[Row]:
    """The whole answer to a statement; `facts` are its parameters, and `import_id` names staging tables too."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_statement(subject, name, facts), facts).fetchall()


def ask_one(conn: Connection[Any], subject: str, name: str, facts: Mapping[str, Any]) -> Row | None:
    """The first row of an answer; None if there is none."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_statement(subject, name, facts), facts).fetchone()


def stream(
    conn: Connection[Any], subject: str, name: str, facts: Mapping[str, Any], at_once: int
) -> Generator[Row, None, None]:
    """A long answer, of which memory holds `at_once` rows; other statements may be asked meanwhile."""
    return _stream(conn, subject, name, facts, at_once, dict_row)


def stream_named(
    conn: Connection[Any], subject: str, name: str, facts: Mapping[str, Any], at_once: int
) -> Generator[Any, None, None]:
    """The same as tuples with names, which are looked at faster: for rows that are decided one after another."""
    return _stream(conn, subject, name, facts, at_once, namedtuple_row)


def _stream(  # noqa: PLR0917
    conn: Connection[Any], subject: str, name: str, facts: Mapping[str, Any], at_once: int, rows: RowFactory[Any]
) -> Generator[Any, None, None]:
    with conn.cursor(name=f"{subject}_{name}", row_factory=rows) as cursor:
        cursor.itersize = at_once
        yield from cursor.execute(_statement(subject, name, facts), facts)


def driver_connection(conn: "PooledConnection") -> Connection[Any]:
    """What is below a connection of SQLAlchemy; whatever is asked there ends with that connection's transaction."""
    raw = conn.connection.driver_connection
    if not isinstance(raw, Connection):
        raise TypeError("the driver is not psycopg")
    return raw


def translate(statement: str) -> str:
    """`:name` becomes `%(name)s`, and what the driver would take for a parameter is doubled."""
    return _PIECES.sub(lambda piece: f"%({piece[1]})s" if piece[1] else piece[0].replace("%", "%%"), statement)


def _statement(subject: str, name: str, facts: Mapping[str, Any]) -> bytes:
    # As bytes, because the driver's types let no text pass that was put together.
    return translate(source(subject, name, facts.get("import_id"))).encode()
