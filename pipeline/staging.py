"""The staging tables of one import: typed rows and the plan. Owns making and dropping them, not their content.

One physical table each and import: it is loaded, analysed, joined and dropped by itself. They are ordinary logged
tables: an unlogged one is emptied by a crash of the server while its checkpoint says done.
"""

from sqlalchemy import Connection, text

from schemas.staging import COLUMNS


def rows_table(import_id: int) -> str:
    """The name of the table of typed rows."""
    return f"staging.rows_{int(import_id)}"


def create_rows(conn: Connection, import_id: int) -> None:
    """An empty table of typed rows."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    table = rows_table(import_id)
    conn.execute(text(f"DROP TABLE IF EXISTS {table}"))
    conn.execute(text(f"CREATE TABLE {table} ({columns}) WITH (autovacuum_enabled = off)"))


def drop_staging(conn: Connection, import_id: int) -> None:
    """Give back the room of an import that has ended."""
    tables = ", ".join(f"staging.{name}_{int(import_id)}" for name in ("rows", "plan", "effects", "before"))
    conn.execute(text(f"DROP TABLE IF EXISTS {tables}"))
