"""A part that ends its worker every time ends its own import, and nobody else's; a lack of memory ends no worker."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import checkpoints
from pipeline.replay import replay
from pipeline.steps import Step
from schemas.states import StageName
from tests.faults.customers import bring, find_differences
from tests.faults.fleet import PATIENCE, Fleet, sailing
from tests.faults.invariants import find_violations
from tests.faults.orders import Action, Order, count_hits, give_orders
from tests.running import Running

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def fleet(ground: Running, harbour: Path) -> Iterator[Fleet]:
    with sailing(harbour, 1, "--concurrency", "2") as fleet:
        yield fleet


@pytest.mark.parametrize("stage", [StageName.PARSE, StageName.APPLY])
def test_a_part_that_keeps_crashing_ends_its_import_alone(
    ground: Running, harbour: Path, fleet: Fleet, tmp_path: Path, stage: StageName
) -> None:
    poisoned, beside = bring(ground, tmp_path, 600), bring(ground, tmp_path, 601)
    give_orders(harbour / "orders", poisoned.import_id, Order(stage, Step.PERFORMED, Action.CRASH, times=99))
    ground.system.ring([*poisoned.doorbells, *beside.doorbells])
    ended = ground.wait(poisoned.import_id, PATIENCE)
    ground.wait(beside.import_id, PATIENCE)
    assert (ended["status"], ended["code"]) == ("failed", "part_keeps_crashing")
    assert count_hits(harbour / "orders", poisoned.import_id) == [checkpoints.MOST_CRASHES]
    assert find_differences(ground, beside) == []
    # Mended, it goes on from there.
    give_orders(harbour / "orders", poisoned.import_id)
    ground.system.ring(replay(ground.system.tools, ended["attempts"][0]["task_id"]).doorbells)
    ground.wait(poisoned.import_id, PATIENCE)
    assert find_violations(ground, poisoned.account) == []
    assert find_differences(ground, poisoned) == []


@pytest.mark.parametrize("step", [Step.HELD, Step.PERFORMED])
def test_a_lack_of_memory_leaves_the_worker_consuming(
    ground: Running, harbour: Path, fleet: Fleet, tmp_path: Path, step: Step
) -> None:
    short, beside = bring(ground, tmp_path, 610), bring(ground, tmp_path, 611)
    give_orders(harbour / "orders", short.import_id, Order(StageName.MAP, step, Action.MEMORY))
    # Whoever died in an earlier test has been replaced.
    ground.run(ground.make_account(), b"Phone,City\n+14155552671,Ely\n")
    while len(pool := {process.pid for process in fleet.children()}) < 2:
        time.sleep(0.05)
    main = fleet.pid()
    ground.system.ring(short.doorbells)
    ended = ground.wait(short.import_id, PATIENCE)
    if step is Step.PERFORMED:
        assert (ended["status"], ended["code"]) == ("failed", "internal_error")
        ground.system.ring(replay(ground.system.tools, ended["attempts"][-1]["task_id"]).doorbells)
        ground.wait(short.import_id, PATIENCE)
    ground.system.ring(beside.doorbells)
    ground.wait(beside.import_id, PATIENCE)
    assert fleet.pid() == main
    assert {process.pid for process in fleet.children()} == pool
    assert count_hits(harbour / "orders", short.import_id) == [1]
    for customers in (short, beside):
        assert find_violations(ground, customers.account) == []
        assert find_differences(ground, customers) == []
