"""A worker that dies at any step of any stage, once or twice, leaves no trace in the result."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.steps import Step
from schemas.states import StageName
from tests.faults.customers import Customers, bring, find_differences
from tests.faults.fleet import sailing
from tests.faults.invariants import find_violations
from tests.faults.orders import Action, Order, count_hits, give_orders
from tests.running import Running

pytestmark = pytest.mark.services

Case = tuple[StageName, Step, int]
# From the code, so that a new step or stage can't be forgotten.
CASES: list[Case] = [(stage, step, times) for stage in StageName for step in Step for times in (1, 2)]

# What has been committed is not done again, so nobody dies of it twice.
AFTER_COMMIT = (Step.COMMITTED, Step.RELEASED, Step.RUNG)


@pytest.fixture(scope="module")
def disturbed(ground: Running, harbour: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Case, Customers]]:
    """An import for each case, all of them on their way at once, each with its own crash."""
    folder, brought = tmp_path_factory.mktemp("files"), {}
    for seed, (stage, step, times) in enumerate(CASES):
        customers = bring(ground, folder, seed)
        give_orders(harbour / "orders", customers.import_id, Order(stage, step, Action.CRASH, times))
        brought[stage, step, times] = customers
    with sailing(harbour, 2, "--concurrency", "2"):
        for customers in brought.values():
            ground.system.ring(customers.doorbells)
        for customers in brought.values():
            ground.wait(customers.import_id, 120)
        yield brought


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}-{case[2]}")
def test_a_crash_changes_nothing(ground: Running, harbour: Path, disturbed: dict[Case, Customers], case: Case) -> None:
    customers = disturbed[case]
    (hits,) = count_hits(harbour / "orders", customers.import_id)
    assert hits == case[2] or (hits == 1 and case[1] in AFTER_COMMIT)
    assert find_violations(ground, customers.account) == []
    assert find_differences(ground, customers) == []
