"""Imports for a long time and watches what grows: memory of the worker, keys of the broker, bytes of the database.

python -m bench.soak --imports 200 --rows 100000
"""

import argparse
import tempfile
from pathlib import Path

import redis
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench.generate import Shape, write_file
from bench.system import Bench, open_bench


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    arguments.add_argument("--imports", type=int, default=50)
    arguments.add_argument("--rows", type=int, default=50_000)
    asked = arguments.parse_args()
    table = Table("import", "status", "rows/s", "worker child, peak MiB", "broker keys", "database MiB", title="Soak")
    with tempfile.TemporaryDirectory(prefix="personas-files-") as folder, open_bench() as bench:
        for number in range(1, asked.imports + 1):
            path = Path(folder) / f"customers-{number}.csv"
            write_file(Shape(asked.rows, asked.rows, seed=number), path)
            told, memory = bench.run(path)
            path.unlink()
            if number in (1, 2, 5) or number % 10 == 0 or told["status"] != "completed":
                peak = f"{memory.get('worker: child', 0):,.0f}"
                speed = f"{told['rows_per_second']:,.0f}"
                table.add_row(
                    str(number), told["status"], speed, peak, str(count_keys(bench)), f"{measure_disk(bench):,}"
                )
    Console(width=110).print(table)


def count_keys(bench: Bench) -> int:
    """Keys of the broker: doorbells come and go, so that their number must not grow."""
    with redis.Redis.from_url(bench.system.services.broker_url) as broker:
        return int(broker.dbsize())


def measure_disk(bench: Bench) -> int:
    """Size of the database in MiB, staging of the last imports included."""
    with bench.system.engine.connect() as conn:
        return int(conn.execute(text("SELECT pg_database_size(current_database()) / 1048576")).scalar_one())


if __name__ == "__main__":
    main()
