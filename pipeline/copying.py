"""COPY into a table through the connection that SQLAlchemy holds. Owns no content."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection


def _cursor(conn: Connection) -> psycopg.Cursor[Any]:
    raw = conn.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw.cursor()


def copy_csv(conn: Connection, table: str, columns: Sequence[str], data: bytes) -> None:
    """COPY ready-made CSV without header, null = empty; names are ours, never a file's."""
    with _cursor(conn) as cursor:
        cursor.execute("SET LOCAL datestyle = 'ISO, YMD'")
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)") as copy:
            copy.write(data)


def copy_rows(conn: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY Python values, a tuple for each row."""
    with _cursor(conn) as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
