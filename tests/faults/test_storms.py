"""Imports in bad weather: dying workers, a forgetful broker, a database that ends sessions; the result stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.customers import Customers, bring, find_differences
from tests.faults.fleet import PATIENCE, sailing
from tests.faults.invariants import find_violations
from tests.faults.storms import (
    Strike,
    Target,
    end_sessions,
    flush_broker,
    kill_somebody,
    lose_broker,
    rage,
    restart_somebody,
)
from tests.running import Running

pytestmark = pytest.mark.services

PARTS = ("--part-rows", "1000", "--part-size", "400")
WORKERS = 2


@pytest.fixture(scope="module")
def target(ground: Running, harbour: Path) -> Iterator[Target]:
    with sailing(harbour, WORKERS, "--concurrency", "2", *PARTS) as fleet:
        yield Target(ground, harbour, fleet, WORKERS)


def weather(target: Target, folder: Path, seed: int, strike: Strike, rows: int, most: int) -> Customers:
    ground = target.ground
    customers = bring(ground, folder, seed, rows)
    ground.system.ring(customers.doorbells)
    struck = rage(target, customers.import_id, seed, strike, most)
    ground.wait(customers.import_id, PATIENCE)
    assert struck > 0
    assert find_violations(ground, customers.account) == []
    assert find_differences(ground, customers) == []
    return customers


def test_workers_are_killed_at_random(target: Target, tmp_path: Path) -> None:
    weather(target, tmp_path, 801, kill_somebody, 20_000, 10)


@pytest.mark.parametrize("strike", [end_sessions, flush_broker, lose_broker])
def test_services_fail_at_random(target: Target, tmp_path: Path, strike: Strike) -> None:
    weather(target, tmp_path, 811, strike, 5_000, 3 if strike is lose_broker else 8)


def test_a_rolling_restart_interrupts_nothing(target: Target, tmp_path: Path) -> None:
    customers = weather(target, tmp_path, 815, restart_somebody, 5_000, 3)
    attempts = target.ground.describe(customers.import_id)["attempts"]
    assert {each["outcome"] for each in attempts} <= {"done", "superseded"}


@pytest.mark.soak
@pytest.mark.parametrize("strike", [kill_somebody, restart_somebody, end_sessions, flush_broker, lose_broker])
@pytest.mark.parametrize("seed", range(820, 830))
def test_long_storms(target: Target, tmp_path: Path, strike: Strike, seed: int) -> None:
    weather(target, tmp_path, seed, strike, 20_000, 60)
