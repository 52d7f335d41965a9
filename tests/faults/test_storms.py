"""Imports in bad weather: dying workers, a forgetful broker, a database that ends sessions. The result is the oracle's."""

from pathlib import Path

import pytest

from tests.faults.customers import bring, find_differences
from tests.faults.fleet import sailing
from tests.faults.invariants import find_violations
from tests.faults.storms import Strike, Target, end_sessions, flush_broker, kill_somebody, lose_broker, rage
from tests.running import Running

pytestmark = pytest.mark.services

PARTS = ("--part-rows", "1000", "--part-size", "400")
WORKERS = 2


def weather(ground: Running, home: Path, folder: Path, seed: int, strike: Strike, rows: int, most: int) -> None:
    customers = bring(ground, folder, seed, rows)
    with sailing(home, WORKERS, "--concurrency", "2", *PARTS) as fleet:
        ground.system.ring(customers.doorbells)
        struck = rage(Target(ground, home, fleet, WORKERS), customers.import_id, seed, strike, most)
        ground.wait(customers.import_id, 240)
    assert struck > 0
    assert find_violations(ground, customers.account) == []
    assert find_differences(ground, customers) == []


def test_workers_are_killed_at_random(ground: Running, harbour: Path, tmp_path: Path) -> None:
    weather(ground, harbour, tmp_path, 801, kill_somebody, 20_000, 12)


@pytest.mark.parametrize("strike", [end_sessions, flush_broker, lose_broker])
def test_services_fail_at_random(ground: Running, harbour: Path, tmp_path: Path, strike: Strike) -> None:
    weather(ground, harbour, tmp_path, 811, strike, 5_000, 4 if strike is lose_broker else 8)


@pytest.mark.soak
@pytest.mark.parametrize("strike", [kill_somebody, end_sessions, flush_broker, lose_broker])
@pytest.mark.parametrize("seed", range(820, 830))
def test_long_storms(ground: Running, harbour: Path, tmp_path: Path, strike: Strike, seed: int) -> None:
    weather(ground, harbour, tmp_path, seed, strike, 20_000, 60)
