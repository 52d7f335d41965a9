"""The harness would notice: with the locks and keys taken out that keep rows from counting twice, it finds them."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from infra.migrations import upgrade
from infra.services import ensure_services, stop_services
from infra.settings import Settings
from pipeline.steps import Step
from pipeline.submission import submit
from pipeline.work import Doorbell
from schemas.states import StageName, Trigger
from tests.factories.people import People
from tests.faults.customers import add_known
from tests.faults.fleet import PATIENCE, sailing
from tests.faults.invariants import find_violations
from tests.faults.orders import Action, Order, count_hits, give_orders
from tests.oracle import World
from tests.running import Running, open_running

pytestmark = pytest.mark.services

KEYS = ("ALTER TABLE outcomes DROP CONSTRAINT pk_outcomes", "DROP INDEX uq_ledger_import_line")


@pytest.fixture(scope="module")
def scratch_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="module")
def scratch(scratch_home: Path) -> Iterator[Running]:
    """Services of their own, whose database has lost the keys of ledger and outcomes."""
    settings = Settings(home=scratch_home)
    services = ensure_services(settings)
    upgrade(services.database_url)
    running = open_running(settings, services)
    with running.system.engine.begin() as conn:
        for statement in KEYS:
            conn.execute(text(statement))
    yield running
    running.close()
    stop_services(settings, started_only=False)


@pytest.mark.parametrize("guarded", [True, False], ids=["with the lock", "without it"])
def test_two_at_one_part_are_found_out(scratch: Running, scratch_home: Path, guarded: bool) -> None:
    """Two processes at the same apply part at once; only the row's lock keeps the second from doing it again."""
    account = scratch.make_account()
    add_known(scratch, account, World())
    file = "Phone,Points\n" + "".join(f"{People().phone(number)},10\n" for number in range(5))
    submission = submit(scratch.system.tools, scratch.put(account, file.encode()), Trigger.EVENT)
    assert submission is not None
    # Part 0 is for rejects. The second pause keeps the import going until both have written.
    pauses = (
        Order(StageName.APPLY, Step.LOCKED, Action.PAUSE, 2, 1.0, part=1),
        Order(StageName.AUDIENCE, Step.HELD, Action.PAUSE, 1, 2.0),
    )
    give_orders(scratch_home / "orders", submission.import_id, *pauses)
    arguments = () if guarded else ("--without-lock",)
    with sailing(scratch_home, 1, "--concurrency", "3", "--sweep-every", "600", *arguments):
        scratch.system.ring(submission.doorbells)
        while not (parts := open_apply_parts(scratch, submission.import_id)):
            time.sleep(0.02)
        scratch.system.ring(parts)
        assert scratch.wait(submission.import_id, PATIENCE)["status"] == "completed"
    found = find_violations(scratch, account)
    hits = count_hits(scratch_home / "orders", submission.import_id)
    if guarded:
        assert hits == [1, 1]
        assert found == []
    else:
        assert hits == [2, 1]
        for wrong in ("a line has several outcomes", "a line has several ledger lines", "ledger is not what"):
            assert any(each.startswith(wrong) for each in found), (wrong, found)


def open_apply_parts(scratch: Running, import_id: int) -> list[Doorbell]:
    parts = scratch.select("SELECT part FROM checkpoints WHERE import_id = :id AND stage = 'apply'", id=import_id)
    return [Doorbell(StageName.APPLY, import_id, row["part"]) for row in parts]
