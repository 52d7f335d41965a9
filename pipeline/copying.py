"""Rows into a table in bulk, in flat memory, by COPY. Owns no content."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection

from pipeline.asking import driver_connection


def driver_cursor(conn: Connection) -> psycopg.Cursor[Any]:
    """A cursor of the driver, in the transaction of a connection of SQLAlchemy."""
    return driver_connection(conn).cursor()


def copy_csv(conn: Connection, table: str, columns: Sequence[str], blocks: Iterable[bytes]) -> None:
    """COPY ready-made CSV without header, null = empty; names are ours, never a file's."""
    with driver_cursor(conn) as cursor:
        cursor.execute("SET LOCAL datestyle = 'ISO, YMD'")
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)") as copy:
            for block in blocks:
                copy.write(block)


def copy_rows(conn: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY Python values, a tuple for each row."""
    with driver_cursor(conn) as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
