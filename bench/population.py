"""Loads an invented population into the database, past the product: the customers that an import is to meet."""

from pathlib import Path

from psycopg import Connection

from bench.cluster import copy_file


def add_account(conn: Connection, name: str) -> int:
    """The id of an account, which is made if need be."""
    conn.execute("INSERT INTO accounts (name) VALUES (%s) ON CONFLICT DO NOTHING", [name])
    row = conn.execute("SELECT id FROM accounts WHERE name = %s", [name]).fetchone()
    assert row is not None
    return int(row[0])


def load_population(conn: Connection, path: Path, account_id: int) -> None:
    """The personas of a file that `bench.generate` has written."""
    with conn.transaction():
        conn.execute(f"ALTER TABLE personas ALTER account_id SET DEFAULT {int(account_id)}")
        conn.execute("ALTER TABLE personas ALTER favorite_store_source SET DEFAULT 'file'")
        copy_file(conn, path, "personas")
        conn.execute("ALTER TABLE personas ALTER account_id DROP DEFAULT")
        conn.execute("ALTER TABLE personas ALTER favorite_store_source DROP DEFAULT")
