"""Doorbells that come twice, five times, all at once and in any order change nothing."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.work import Doorbell
from schemas.states import StageName
from tests.faults.customers import bring, find_differences
from tests.faults.fleet import PATIENCE, Fleet, sailing
from tests.faults.invariants import find_violations, take_fingerprint
from tests.running import Running

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def fleet(ground: Running, harbour: Path) -> Iterator[Fleet]:
    """Two workers that publish every doorbell twice, three or five times."""
    with sailing(harbour, 2, "--concurrency", "2", "--deliveries", "2", "3", "5", "--seed", "7") as fleet:
        yield fleet


def test_every_doorbell_several_times_at_once(ground: Running, fleet: Fleet, tmp_path: Path) -> None:
    rng = random.Random(7)
    brought = [bring(ground, tmp_path, 500 + number) for number in range(8)]
    bells = [bell for customers in brought for bell in customers.doorbells for _ in range(rng.choice([2, 3, 5]))]
    rng.shuffle(bells)
    ground.system.ring(bells)
    for customers in brought:
        ground.wait(customers.import_id, PATIENCE)
    for customers in brought:
        assert count_attempts(ground, customers.import_id, "superseded") > 0
        assert count_attempts(ground, customers.import_id, "done") == count_parts(ground, customers.import_id)
        assert find_violations(ground, customers.account) == []
        assert find_differences(ground, customers) == []


def test_a_second_delivery_of_what_is_done_changes_nothing(ground: Running, fleet: Fleet, tmp_path: Path) -> None:
    customers = bring(ground, tmp_path, 560)
    ground.system.ring(customers.doorbells)
    ground.wait(customers.import_id, PATIENCE)
    before = take_fingerprint(ground, customers.account)
    noted = count_attempts(ground, customers.import_id, "superseded")
    parts = ground.select("SELECT stage, part FROM checkpoints WHERE import_id = :id", id=customers.import_id)
    bells = [Doorbell(StageName(row["stage"]), customers.import_id, row["part"]) for row in parts]
    # And one of a part that never was.
    ground.system.ring([*bells, Doorbell(StageName.MAP, customers.import_id, 999)])
    deadline = time.monotonic() + 30
    while count_attempts(ground, customers.import_id, "superseded") < noted + len(parts):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert take_fingerprint(ground, customers.account) == before
    assert find_differences(ground, customers) == []


def count_attempts(ground: Running, import_id: int, outcome: str) -> int:
    rows = ground.select(
        "SELECT count(*) AS n FROM attempts WHERE import_id = :id AND outcome = :outcome", id=import_id, outcome=outcome
    )
    return int(rows[0]["n"])


def count_parts(ground: Running, import_id: int) -> int:
    return int(ground.select("SELECT count(*) AS n FROM checkpoints WHERE import_id = :id", id=import_id)[0]["n"])
