"""What a billion rows a day would take, from the measured costs of a row: machines, waiting, and what breaks first.

python -m bench.scale [--rows 1000000000]
"""

import argparse
import math
from pathlib import Path
from typing import Any

from rich.table import Table

from bench import days
from bench.days import DAY, HOUR, Costs, Plan, percentile
from bench.lanes import Arrival
from bench.results import RESULTS, load_results, screen

BILLION = 1_000_000_000
#: What a part of the system bears where it isn't ours to measure: of bytes and of messages, each second.
_DISK, _STORE = 500e6, 1.25e9
_BROKER = 1_200  # Celery takes 0.8 ms for a task when Valkey and two workers share two cores
_SWEEPS = 1.3  # of one database, by its beat
_FACTORS = (1, 2, 5, 10)

Lines = list[list[str]]


def describe(results: dict[str, Any], rows: int = BILLION) -> dict[str, tuple[list[str], Lines]]:
    """Three tables, each with its heads: what it takes, the same on larger days, and what breaks first."""
    costs, day = days.read_costs(results), days.draw_day(rows)
    plan = days.find_plan(costs, day)
    return {
        "plan": (["", ""], _tell_plan(costs, day, plan)),
        "larger": (
            ["day", "busiest database", "waiting p50, p99", "waiting of small files p50, p99"],
            _tell_larger(costs, rows, plan.databases),
        ),
        "limits": (["part", "load in the busiest hour", "bears", "breaks at, times"], _tell_limits(costs, day, plan)),
    }


def _tell_plan(costs: Costs, day: list[Arrival], plan: Plan) -> Lines:
    total, peak = days.count_rows(day), days.rows_of_busiest_hour(day) / HOUR
    worker, database = costs.worker_seconds * 1e6, costs.database_seconds * 1e6
    small = f"waiting, files of at most {days.SMALL:,} rows: p50, p99"
    return [
        ["rows, files", f"{total:,}, {len(day):,}"],
        ["rows a second: mean, busiest hour", f"{total / DAY:,.0f}, {peak:,.0f}"],
        ["processor of a row: workers, database", f"{worker:.1f} µs, {database:.1f} µs"],
        [f"databases of {days.DATABASE_CORES} processors and {_bytes(days.DATABASE_DISK)}", f"{plan.databases}"],
        ["processors for workers, in all; worker processes", _tell_workers(costs, day, plan)],
        ["busiest database in its busiest hour", f"{plan.busy:.0%} of its processors"],
        ["waiting, all files: p50, p99", _waits(plan.waits)],
        [small, _waits(plan.small_waits)],
        ["write-ahead log", f"{_bytes(total * costs.wal_bytes)} a day"],
        [f"databases grow by; after {days.KEPT_DAYS} days", _growth(total * costs.kept_bytes)],
        ["object store: files", f"{_bytes(total * costs.file_bytes)} a day"],
    ]


def _tell_larger(costs: Costs, rows: int, databases: int) -> Lines:
    lines = []
    for factor in _FACTORS:
        plan = days.try_plan(costs, days.draw_day(rows * factor), databases)
        lines.append([f"{factor} times", f"{plan.busy:.0%}", _waits(plan.waits), _waits(plan.small_waits)])
    return lines


def _tell_limits(costs: Costs, day: list[Arrival], plan: Plan) -> Lines:
    """Least first."""
    peak = days.rows_of_busiest_hour(day) / HOUR
    files = len(day) * days.PEAK_SHARE / HOUR
    lane = days.rows_of_largest_account(day) * days.PEAK_SHARE / HOUR
    sweeps = plan.databases * _SWEEPS
    messages = peak * costs.messages + files * costs.messages_of_any
    log, store = peak * costs.wal_bytes / plan.databases, peak * costs.file_bytes * 3  # in, and as parts out and in
    limits = [
        ("processors of a database", f"{plan.busy:.0%}", "100%", 1 / plan.busy),
        (f"disk of a database, {days.KEPT_DAYS} days", f"{plan.full:.0%}", "100%", 1 / plan.full),
        ("lane of the largest account", _rows(lane), _rows(costs.rows_a_second), costs.rows_a_second / lane),
        ("write-ahead log of a database", f"{_bytes(log)}/s", f"{_bytes(_DISK)}/s", _DISK / log),
        ("broker", f"{messages + sweeps:,.1f} messages/s", f"{_BROKER:,} messages/s", (_BROKER - sweeps) / messages),
        ("object store", f"{_bytes(store)}/s", f"{_bytes(_STORE)}/s", _STORE / store),
    ]
    return [[*words, f"{factor:,.1f}"] for *words, factor in sorted(limits, key=lambda each: each[3])]


def _tell_workers(costs: Costs, day: list[Arrival], plan: Plan) -> str:
    # A worker serves one database, and two of them were measured beside it.
    cores = days.count_worker_cores(costs, day)
    return f"{cores:.1f}; {max(math.ceil(cores), 2 * plan.databases)}"


def _waits(values: list[float]) -> str:
    return f"{percentile(values, 50):,.1f} s, {percentile(values, 99):,.1f} s"


def _rows(count: float) -> str:
    return f"{count:,.0f} rows/s"


def _growth(a_day: float) -> str:
    return f"{_bytes(a_day)} a day; {_bytes(a_day * days.KEPT_DAYS)}"


def _bytes(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count / 1e3:,.1f} kB"


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    arguments.add_argument("--rows", type=int, default=BILLION, help="of a day")
    arguments.add_argument("--results", type=Path, default=RESULTS)
    asked = arguments.parse_args()
    for heads, lines in describe(load_results(asked.results), asked.rows).values():
        table = Table(*heads)
        for line in lines:
            table.add_row(*line)
        screen.print(table)


if __name__ == "__main__":
    main()
