"""Loads an invented population into the database, past the product: the customers that an import is to meet."""

from pathlib import Path

from sqlalchemy import Connection, text

from bench.generate import write_population
from pipeline.submission import find_account
from workers.bootstrap import System


def load_population(system: System, count: int, folder: Path, account: str = "default") -> None:
    """`count` personas of an account, analysed, and the write-ahead log checkpointed: every run begins alike."""
    if count == 0:
        return
    path = folder / f"population-{count}.csv"
    if not path.exists():
        write_population(count, path)
    with system.engine.begin() as conn:
        account_id = find_account(conn, account)
        conn.execute(text("SET LOCAL statement_timeout = 0"))
        conn.execute(text("SET LOCAL transaction_timeout = 0"))
        _copy(conn, path, account_id)
    with system.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("SET statement_timeout = 0"))
        conn.execute(text("VACUUM ANALYZE personas"))
        conn.execute(text("CHECKPOINT"))
        conn.execute(text("RESET statement_timeout"))


def _copy(conn: Connection, path: Path, account_id: int) -> None:
    with path.open("rb") as file:
        columns = file.readline().decode().strip()
        conn.execute(text(f"ALTER TABLE personas ALTER account_id SET DEFAULT {int(account_id)}"))
        conn.execute(text("ALTER TABLE personas ALTER favorite_store_source SET DEFAULT 'file'"))
        cursor = conn.connection.driver_connection.cursor()  # type: ignore[union-attr]
        with cursor.copy(f"COPY personas ({columns}) FROM STDIN (FORMAT csv)") as copy:
            while block := file.read(1 << 20):
                copy.write(block)
        conn.execute(text("ALTER TABLE personas ALTER account_id DROP DEFAULT"))
        conn.execute(text("ALTER TABLE personas ALTER favorite_store_source DROP DEFAULT"))
