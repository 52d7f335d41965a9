"""A day of files as it might come, and how many databases it takes at the measured costs of a row."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.lanes import Arrival, Day, Machine

DAY, HOUR = 86_400, 3_600
# Shares of the day's files by hour: shops send them in the morning, and the busiest hour has 2.6 times the mean.
_HOURS = np.array([1, 1, 1, 1, 2, 3, 5, 8, 11, 11, 9, 7, 6, 5, 5, 5, 4, 4, 3, 2, 2, 2, 1, 1], float)
PEAK_SHARE = float(_HOURS.max() / _HOURS.sum())
_ACCOUNTS = 20_000
# Files have a middle of 20,000 rows and a mean of about 85,000; one in three hundred has over two million.
_FILE_MIDDLE, _FILE_SPREAD, _FILE_MOST = 20_000, 1.7, 10_000_000
SMALL = 10_000
DATABASE_CORES = 4
DATABASE_DISK, KEPT_DAYS = 16e12, 365
#: How much of its processors, in the busiest hour, and of its disk a database should use at most.
_BUSY, _FULL = 0.7, 0.8


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one row, as measured: processor seconds, bytes, messages; and the pace of one import."""

    worker_seconds: float
    database_seconds: float
    wal_bytes: float
    kept_bytes: float
    file_bytes: float
    messages: float
    messages_of_any: float
    rows_a_second: float
    seconds_of_any: float


def read_costs(results: dict[str, Any]) -> Costs:
    """From the measurement beside the limit, and from that of small files where there is one."""
    run = results["limit"]["facts"]["run"]
    rows, processor, parts = run["rows"], run["processor"], run["parts"]
    workers = sum(seconds for kind, seconds in processor.items() if kind.startswith("worker"))
    return Costs(
        worker_seconds=workers / rows,
        database_seconds=processor["postgres: child"] / rows,
        wal_bytes=run["wal_bytes"] / rows,
        kept_bytes=run["kept_bytes"] / rows,
        file_bytes=run["file_bytes"] / rows,
        messages=(sum(parts.values()) - len(parts)) / rows,
        messages_of_any=len(parts),
        rows_a_second=rows / run["seconds"],
        seconds_of_any=results.get("latency", {}).get("findings", [{"ours": 0.5}])[0]["ours"],
    )


def draw_day(rows: int, seed: int = 1) -> list[Arrival]:
    """The files of one day; the larger accounts send more often, the largest of them one file in forty."""
    rng = np.random.default_rng(seed)
    mean = _FILE_MIDDLE * math.exp(_FILE_SPREAD**2 / 2)
    sizes = np.minimum(rng.lognormal(math.log(_FILE_MIDDLE), _FILE_SPREAD, math.ceil(rows / mean)), _FILE_MOST)
    weights = 1 / np.arange(5, 5 + _ACCOUNTS)
    accounts = rng.choice(_ACCOUNTS, len(sizes), p=weights / weights.sum())
    moments = rng.choice(24, len(sizes), p=_HOURS / _HOURS.sum()) * HOUR + rng.random(len(sizes)) * HOUR
    exact = (sizes * rows / sizes.sum()).astype(int) + 1
    return [Arrival(*each) for each in zip(moments.tolist(), accounts.tolist(), exact.tolist(), strict=True)]


def count_rows(day: list[Arrival]) -> int:
    return sum(each.rows for each in day)


def rows_of_busiest_hour(day: list[Arrival]) -> int:
    hours = [0] * 24
    for each in day:
        hours[int(each.at // HOUR)] += each.rows
    return max(hours)


def rows_of_largest_account(day: list[Arrival]) -> int:
    return int(np.bincount([each.account for each in day], weights=[each.rows for each in day]).max())


@dataclass(frozen=True, slots=True)
class Plan:
    """So many databases, each with workers of its own, and how a day went on them."""

    databases: int
    #: The busiest database in its busiest hour, and its disk when everything has been kept as long as it should be.
    busy: float
    full: float
    waits: list[float]
    small_waits: list[float]


def percentile(values: list[float], share: float) -> float:
    return float(np.percentile(values, share)) if values else 0.0


def try_plan(costs: Costs, day: list[Arrival], databases: int) -> Plan:
    """Run the day with the accounts spread over so many databases."""
    per_second = DATABASE_CORES / costs.database_seconds
    machine = Machine(per_second, min(costs.rows_a_second, per_second), costs.seconds_of_any)
    shares: list[list[Arrival]] = [[] for _ in range(databases)]
    for each in day:
        shares[each.account % databases].append(each)
    ended = [each for share in shares for each in Day(machine).run(share)]
    return Plan(
        databases,
        max(map(rows_of_busiest_hour, shares)) / HOUR / per_second,
        count_rows(day) * costs.kept_bytes * KEPT_DAYS / databases / DATABASE_DISK,
        [each.waited for each in ended],
        [each.waited for each in ended if each.arrival.rows <= SMALL],
    )


def find_plan(costs: Costs, day: list[Arrival]) -> Plan:
    """As many databases as processors and disk ask for."""
    stored = count_rows(day) * costs.kept_bytes * KEPT_DAYS / DATABASE_DISK / _FULL
    busy = rows_of_busiest_hour(day) / HOUR * costs.database_seconds / DATABASE_CORES / _BUSY
    return try_plan(costs, day, math.ceil(max(stored, busy)))


def count_worker_cores(costs: Costs, day: list[Arrival]) -> float:
    """Processors that all workers together need in the busiest hour."""
    return rows_of_busiest_hour(day) / HOUR * costs.worker_seconds / _BUSY
