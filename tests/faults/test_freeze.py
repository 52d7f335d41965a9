"""A worker that stands still for longer than its session lives writes nothing once it goes on."""

import time
from pathlib import Path

import pytest

from pipeline.steps import Step
from schemas.states import StageName
from tests.faults.customers import bring, find_differences
from tests.faults.fleet import PATIENCE, sailing
from tests.faults.invariants import find_violations, take_fingerprint
from tests.faults.orders import Action, Order, count_hits, give_orders
from tests.running import Running

pytestmark = pytest.mark.services


def test_a_frozen_worker_writes_nothing_late(ground: Running, harbour: Path, tmp_path: Path) -> None:
    """Frozen at each step of apply; others finish what it was at, while it holds nothing any more."""
    orders, brought = harbour / "orders", {}
    for seed, step in enumerate(Step):
        brought[step] = bring(ground, tmp_path, 700 + seed)
        give_orders(orders, brought[step].import_id, Order(StageName.APPLY, step, Action.FREEZE))
    more = str(len(Step) // 2 + 2)
    with sailing(harbour, 2, "--concurrency", more, "--session-timeout", "1500ms") as fleet:
        ground.system.ring([bell for customers in brought.values() for bell in customers.doorbells])
        for customers in brought.values():
            ground.wait(customers.import_id, PATIENCE)
        before = {step: take_fingerprint(ground, customers.account) for step, customers in brought.items()}
        assert fleet.thaw() == len(Step)
        # Each tries to go on, finds that its session is gone, and is ready for other work.
        time.sleep(2)
        after = {step: take_fingerprint(ground, customers.account) for step, customers in brought.items()}
        assert fleet.thaw() == 0
    for step, customers in brought.items():
        assert count_hits(orders, customers.import_id) == [1]
        assert without_delays(after[step]) == without_delays(before[step]), step
        assert find_violations(ground, customers.account) == []
        assert find_differences(ground, customers) == []


def without_delays(fingerprint: dict[str, str]) -> dict[str, str]:
    """Checkpoints aside: a late comer may note there that it failed, which delays nobody once the part is done."""
    return {name: digest for name, digest in fingerprint.items() if name != "checkpoints"}
