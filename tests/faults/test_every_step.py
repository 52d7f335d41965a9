"""A worker that dies at any step of any stage, once or twice in a row, leaves no trace in the result."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.steps import Step
from schemas.states import StageName
from tests.faults.customers import bring, find_differences
from tests.faults.fleet import PATIENCE, sailing
from tests.faults.invariants import find_violations
from tests.faults.orders import Action, Order, count_hits, give_orders
from tests.running import Running

pytestmark = pytest.mark.services

Case = tuple[Step, int, StageName]
# From the code, so that a new step or stage can't be forgotten.
CASES: list[Case] = [(step, times, stage) for step in Step for times in (1, 2) for stage in StageName]
# What has been committed is not done again, so nobody dies of it twice.
AFTER_COMMIT = (Step.COMMITTED, Step.RELEASED, Step.RUNG)


def name(case: Case) -> str:
    return f"{case[2]}-{case[0]}-{case[1]}"


@dataclass(frozen=True, slots=True)
class Disturbed:
    """How many processes died of a case, and what is wrong with its import afterwards."""

    hits: int
    wrong: list[str]


def disturb(
    ground: Running, home: Path, folder: Path, groups: list[list[Case]], action: Action, seconds: float = PATIENCE
) -> dict[Case, Disturbed]:
    """One import for each group of cases, all of them on their way at once."""
    brought, orders = [], home / "orders"
    for seed, group in enumerate(groups):
        customers = bring(ground, folder, seed)
        give_orders(orders, customers.import_id, *(Order(stage, step, action, times) for step, times, stage in group))
        brought.append(customers)
    with sailing(home, 2, "--concurrency", "3", "--patience", "1", "--sweep-every", "0.25"):
        for customers in brought:
            ground.system.ring(customers.doorbells)
        for customers in brought:
            ground.wait(customers.import_id, seconds)
    found: dict[Case, Disturbed] = {}
    for group, customers in zip(groups, brought, strict=True):
        wrong = find_violations(ground, customers.account) + find_differences(ground, customers)
        hits = count_hits(orders, customers.import_id)
        found |= {case: Disturbed(count, wrong) for case, count in zip(group, hits, strict=True)}
    return found


def check(case: Case, disturbed: Disturbed) -> None:
    step, times, _ = case
    assert disturbed.hits == times or (disturbed.hits == 1 and step in AFTER_COMMIT)
    assert disturbed.wrong == []


@pytest.fixture(scope="module")
def crashed(ground: Running, harbour: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Case, Disturbed]:
    """Two imports for each step and number of crashes, with a death there in every other stage."""
    groups = defaultdict(list)
    for step, times, stage in CASES:
        groups[step, times, list(StageName).index(stage) % 2].append((step, times, stage))
    return disturb(ground, harbour, tmp_path_factory.mktemp("files"), list(groups.values()), Action.CRASH)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_crash_changes_nothing(crashed: dict[Case, Disturbed], case: Case) -> None:
    check(case, crashed[case])


@pytest.mark.soak
@pytest.mark.parametrize("action", [Action.CRASH, Action.KILL])
def test_each_crash_by_itself_changes_nothing(ground: Running, harbour: Path, tmp_path: Path, action: Action) -> None:
    # A worker that is killed takes a few seconds to come back, two hundred times.
    alone = [[case] for case in CASES]
    for case, told in disturb(ground, harbour, tmp_path, alone, action, 1_800).items():
        check(case, told)
