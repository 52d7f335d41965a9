"""The physical limit: one backend, one transaction, COPY and set-based SQL, every effect; no part of the product."""

import time
from pathlib import Path

from psycopg import Connection

from bench.cluster import copy_file
from bench.system import Bench
from pipeline.rows.phones import list_full_area_codes

_FOLDER = Path(__file__).parent
_COLUMNS = (
    "first_name, last_name, phone, email, birthday, address, city, state, postal_code, points, sms, mail, no_sms,"
    " customer_type, signup, favorite_store, veteran"
)


def make_limit_database(bench: Bench, population: int, *, foreign_keys: bool = True) -> str:
    """The name of a database of the limit's own tables, with that many customers, made once."""
    name = f"limit_{population}" + ("" if foreign_keys else "_free")

    def fill() -> None:
        steps = _read_steps("limit_tables.sql")
        with bench.cluster.connect(name) as conn:
            conn.execute(steps["tables"])
            if population:
                copy_file(conn, bench.population_file(population), "known")
            conn.execute(steps["fill"])
            if foreign_keys:
                conn.execute(steps["foreign keys"])

    return bench.cluster.make(name, fill)


def run_limit(bench: Bench, path: Path, population: int, *, foreign_keys: bool = True) -> dict[str, float]:
    """One run on a fresh copy; the seconds of each step, in their order."""
    source = make_limit_database(bench, population, foreign_keys=foreign_keys)
    areas = f"'{{{','.join(sorted(list_full_area_codes()))}}}'"
    with bench.cluster.connect(bench.cluster.copy(source, "limit")) as conn:
        conn.execute("SET work_mem = '512MB'")
        conn.execute("SET temp_buffers = '1GB'")
        laps: dict[str, float] = {}
        began = time.perf_counter()
        with conn.transaction():
            _copy_raw(conn, path)
            laps["copy"] = time.perf_counter() - began
            for name, statements in _read_steps("limit.sql").items():
                conn.execute(statements.replace(":areas", areas))
                laps[name] = time.perf_counter() - began - sum(laps.values())
        laps["commit"] = time.perf_counter() - began - sum(laps.values())
    return laps


def _copy_raw(conn: Connection, path: Path) -> None:
    columns = _COLUMNS.replace(",", " text,") + " text"
    conn.execute(f"CREATE TEMP TABLE raw (line integer GENERATED ALWAYS AS IDENTITY (CACHE 1000), {columns})")
    copy_file(conn, path, "raw", _COLUMNS)
    conn.execute("ANALYZE raw (line)")


def _read_steps(file: str) -> dict[str, str]:
    """The steps of a file by name, in their order; each is one or more statements."""
    _, *parts = (_FOLDER / file).read_text(encoding="utf-8").split("-- step: ")
    named = (part.partition("\n") for part in parts)
    return {name: statements for name, _, statements in named}
