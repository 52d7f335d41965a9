"""Databases made ready once and copied for each run, so that every run begins alike. Owns no table of theirs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import Connection, sql

_BLOCK = 1 << 20


@dataclass(slots=True)
class Cluster:
    """The databases of one server; `url` leads to any of them."""

    url: str
    _ready: set[str] = field(default_factory=set)

    def address(self, name: str) -> str:
        """The URL of another database of this server."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def connect(self, name: str) -> Connection:
        """A session that may take its time; each statement is a transaction."""
        return psycopg.connect(self.address(name), autocommit=True)

    def make(self, name: str, fill: Callable[[], None], base: str = "template1") -> str:
        """Make a database once: a copy of `base`, then whatever `fill` does to it; vacuumed and analysed."""
        if name not in self._ready:
            self.copy(base, name)
            fill()
            with self.connect(name) as conn:
                conn.execute("VACUUM (FREEZE, ANALYZE)")
            self._ready.add(name)
        return name

    def copy(self, source: str, name: str) -> str:
        """A fresh copy, read into memory once, right after a checkpoint: each page's first change is logged whole."""
        with self.connect("postgres") as conn:
            names = {"new": sql.Identifier(name), "old": sql.Identifier(source)}
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {new} WITH (FORCE)").format(**names))
            conn.execute(sql.SQL("CREATE DATABASE {new} TEMPLATE {old} STRATEGY file_copy").format(**names))
            conn.execute("CHECKPOINT")
        with self.connect(name) as conn:
            tables = conn.execute(
                "SELECT relid::regclass::text FROM pg_stat_user_tables WHERE n_live_tup >= 0"
            ).fetchall()
            for (table,) in tables:
                conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.SQL(table)))
        return name


def copy_file(conn: Connection, path: Path, table: str, columns: str | None = None) -> None:
    """Pass a .csv on as it stands; without `columns` its first line names them."""
    with path.open("rb") as file:
        header = file.readline().decode().strip()
        names = sql.SQL(columns or header)
        command = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(table), names)
        with conn.cursor() as cursor, cursor.copy(command) as copy:
            while block := file.read(_BLOCK):
                copy.write(block)
