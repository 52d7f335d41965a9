"""Imports for a long time and watches what grows: memory of the worker, keys of the broker, bytes of the database.

python -m bench.soak --imports 200 --rows 100000
"""

import argparse

import redis
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench.system import Running, open_bench


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    arguments.add_argument("--imports", type=int, default=50)
    arguments.add_argument("--rows", type=int, default=50_000)
    asked = arguments.parse_args()
    table = Table("import", "rows/s", "worker child, peak MiB", "broker keys", "database MiB", title="Soak")
    with open_bench() as bench, bench.running(0) as running:
        for number in range(1, asked.imports + 1):
            path = bench.file(asked.rows, asked.rows, seed=number)
            run = running.run(path)
            path.unlink()
            if number in (1, 2, 5) or number % 10 == 0:
                peak = f"{run.memory.get('worker: child', 0):,.0f}"
                disk = f"{measure_disk(running):,}"
                table.add_row(str(number), f"{run.speed:,.0f}", peak, str(count_keys(running)), disk)
    Console(width=110).print(table)


def count_keys(running: Running) -> int:
    """Keys of the broker: doorbells come and go, so that their number must not grow."""
    with redis.Redis.from_url(running.system.services.broker_url) as broker:
        return int(broker.dbsize())


def measure_disk(running: Running) -> int:
    """Size of the database in MiB, staging of the last imports included."""
    with running.system.engine.connect() as conn:
        return int(conn.execute(text("SELECT pg_database_size(current_database()) / 1048576")).scalar_one())


if __name__ == "__main__":
    main()
