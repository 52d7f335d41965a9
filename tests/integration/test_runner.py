"""One delivery of one task: the order of its steps, what each kind of error means, and what the sweep rings again."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from infra.migrations import upgrade
from infra.services import ensure_services, stop_services
from infra.settings import Settings
from pipeline import checkpoints, runner, steps
from pipeline.stages import dedupe
from pipeline.steps import Step
from pipeline.work import Doorbell
from schemas import codes
from schemas.errors import ImportRefused, Transient
from schemas.states import StageName
from tests.faults.customers import Customers, bring, find_differences
from tests.faults.invariants import find_violations
from tests.running import Running, open_running
from workers.doorbells import count_waiting

pytestmark = pytest.mark.services

SECRET = "+14155552671"
_tasks = itertools.count(1)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Services of their own: another test's worker would sweep what is left lying here on purpose."""
    settings = Settings(home=tmp_path_factory.mktemp("quiet"))
    services = ensure_services(settings)
    upgrade(services.database_url)
    running = open_running(settings, services)
    yield running
    running.close()
    stop_services(settings, started_only=False)


@pytest.fixture
def customers(system: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Customers:
    monkeypatch.setattr(dedupe, "PART_SIZE", 40)
    return bring(system, tmp_path, 990)


def deliver(system: Running, bell: Doorbell) -> list[Doorbell]:
    """One delivery in this process; what it rings."""
    rung: list[Doorbell] = []
    runner.run_part(system.worker_tools, bell, f"runner-{next(_tasks)}", rung.extend)
    return rung


def once(step: Step, stage: StageName, act: Callable[[], object]) -> Callable[[Step, Doorbell], None]:
    done: list[bool] = []

    def hook(reached: Step, bell: Doorbell) -> None:
        if (reached, bell.stage) == (step, stage) and not done:
            done.append(True)
            act()

    return hook


def throwing(error: Exception) -> Callable[[], object]:
    def act() -> None:
        raise error

    return act


def checkpoint(system: Running, bell: Doorbell) -> dict[str, Any]:
    (row,) = system.select(
        "SELECT *, extract(epoch FROM due_at - now()) AS due_in FROM checkpoints"
        " WHERE import_id = :id AND stage = :stage AND part = :part",
        id=bell.import_id,
        stage=bell.stage,
        part=bell.part,
    )
    return row


def change(system: Running, statement: str, **facts: Any) -> None:
    with system.system.engine.begin() as conn:
        conn.execute(text(statement), facts)


def sweep(system: Running, import_id: int, patience: int = 15) -> list[Doorbell]:
    """What the sweep rings of this import."""
    with system.system.engine.begin() as conn:
        return [bell for bell in checkpoints.ring_unheld(conn, patience, 1000) if bell.import_id == import_id]


def finish(system: Running, customers: Customers) -> None:
    """Let sweeps that have all the time in the world bring the import to its end."""
    for _ in range(50):
        if system.describe(customers.import_id)["status"] == "completed":
            break
        change(system, "UPDATE checkpoints SET due_at = now() WHERE import_id = :id", id=customers.import_id)
        system.ring_here(sweep(system, customers.import_id, patience=0))
    assert find_violations(system, customers.account) == []
    assert find_differences(system, customers) == []


def test_the_steps_come_in_their_order(system: Running, customers: Customers, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[Step] = []
    monkeypatch.setattr(steps, "hook", lambda step, bell: reached.append(step))
    (bell,) = customers.doorbells
    assert {each.stage for each in deliver(system, bell)} == {StageName.MAP}
    assert reached == list(Step)
    reached.clear()
    assert deliver(system, bell) == []
    assert reached == [Step.RECEIVED, Step.HELD, Step.RELEASED, Step.RUNG]


@pytest.mark.parametrize("step", [Step.HELD, Step.PREPARED, Step.PERFORMED])
def test_a_delivery_goes_home_while_another_is_at_it(
    system: Running, customers: Customers, monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    (bell,) = customers.doorbells
    second: list[list[Doorbell]] = []
    monkeypatch.setattr(steps, "hook", once(step, StageName.PARSE, lambda: second.append(deliver(system, bell))))
    assert deliver(system, bell) != []
    assert second == [[]]
    outcomes = [attempt["outcome"] for attempt in system.describe(bell.import_id)["attempts"]]
    assert sorted(outcomes) == ["done", "superseded"]


def test_the_row_lock_alone_keeps_others_off(
    system: Running, customers: Customers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the session's lock, which only spares work."""
    (bell,) = customers.doorbells
    with system.system.engine.begin() as conn:
        assert checkpoints.lock_checkpoint(conn, bell) is not None
        assert deliver(system, bell) == []
    assert deliver(system, bell) != []


def test_what_passes_by_itself_is_tried_again_later(
    system: Running, customers: Customers, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bell,) = customers.doorbells
    for failures, seconds in ((1, 1), (2, 2), (3, 4)):
        monkeypatch.setattr(steps, "hook", once(Step.PREPARED, StageName.PARSE, throwing(Transient("away"))))
        assert deliver(system, bell) == []
        row = checkpoint(system, bell)
        assert (row["state"], row["failures"], row["crashes"]) == ("open", failures, 0)
        assert seconds - 0.9 < row["due_in"] <= seconds
        assert sweep(system, bell.import_id) == []
    told = system.describe(bell.import_id)
    assert told["status"] == "running"
    assert [(attempt["outcome"], attempt["error"]) for attempt in told["attempts"]] == [("failed", "Transient")] * 3
    # Never more than a minute.
    change(system, "UPDATE checkpoints SET failures = 40 WHERE import_id = :id", id=bell.import_id)
    monkeypatch.setattr(steps, "hook", once(Step.PREPARED, StageName.PARSE, throwing(Transient("away"))))
    deliver(system, bell)
    assert 55 < checkpoint(system, bell)["due_in"] <= 60
    change(system, "UPDATE checkpoints SET due_at = rung_at + interval '1 ms' WHERE import_id = :id", id=bell.import_id)
    assert sweep(system, bell.import_id) == [bell]
    finish(system, customers)


def test_a_refusal_ends_the_import_at_once(
    system: Running, customers: Customers, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = ImportRefused("unreadable")
    monkeypatch.setattr(steps, "hook", once(Step.PREPARED, StageName.PARSE, throwing(refused)))
    system.ring_here(customers.doorbells)
    told = system.describe(customers.import_id)
    assert (told["status"], told["code"], told["message"]) == ("failed", "unreadable", codes.sentence("unreadable"))
    assert [attempt["error"] for attempt in told["attempts"]] == ["unreadable"]
    assert sweep(system, customers.import_id, patience=0) == []


def test_a_bug_ends_the_import_and_says_no_value(
    system: Running, customers: Customers, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(steps, "hook", once(Step.PERFORMED, StageName.MAP, throwing(KeyError(SECRET))))
    system.ring_here(customers.doorbells)
    told = system.describe(customers.import_id)
    assert (told["status"], told["code"]) == ("failed", "internal_error")
    assert [attempt["error"] for attempt in told["attempts"]] == [None, "KeyError"]
    assert SECRET not in str(told)
    assert SECRET not in "".join(capfd.readouterr())


def test_what_ends_meanwhile_stays_ended(
    system: Running, customers: Customers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The import ends while a part is at work: nothing of the part stays."""
    ended = (
        "UPDATE imports SET status = 'failed', code = 'internal_error', in_lane = false, finished_at = now()"
        " WHERE id = :id"
    )
    act = once(Step.PERFORMED, StageName.APPLY, lambda: change(system, ended, id=customers.import_id))
    monkeypatch.setattr(steps, "hook", act)
    system.ring_here(customers.doorbells)
    told = system.describe(customers.import_id)
    assert told["status"] == "failed"
    assert {a["outcome"] for a in told["attempts"] if a["stage"] == "apply"} == {"superseded"}
    assert system.select("SELECT line FROM outcomes WHERE import_id = :id", id=customers.import_id) == []


def test_the_sweep_rings_what_was_lost_once(system: Running, customers: Customers) -> None:
    (bell,) = customers.doorbells
    assert sweep(system, bell.import_id) == []
    change(system, "UPDATE checkpoints SET rung_at = now() - interval '16 s' WHERE import_id = :id", id=bell.import_id)
    with system.system.engine.connect() as conn, checkpoints.holding(conn, bell):
        # Somebody is at it.
        assert sweep(system, bell.import_id) == []
    assert sweep(system, bell.import_id) == [bell]
    assert sweep(system, bell.import_id) == []
    finish(system, customers)


def test_the_sweep_does_not_wait_for_a_lost_worker(system: Running, customers: Customers) -> None:
    (bell,) = customers.doorbells
    for lost in range(3):
        with system.system.engine.begin() as conn:
            locked = checkpoints.lock_checkpoint(conn, bell)
            assert locked is not None
            assert checkpoints.begin_attempt(conn, bell, locked, f"lost-{next(_tasks)}")[1] == lost
        assert sweep(system, bell.import_id) == [bell]
        # Once is enough, until somebody has come again.
        assert sweep(system, bell.import_id) == []
    deliver(system, bell)
    assert checkpoint(system, bell)["crashes"] == 0
    outcomes = [attempt["outcome"] for attempt in system.describe(bell.import_id)["attempts"]]
    assert outcomes == ["lost", "lost", "lost", "done"]
    finish(system, customers)


def test_the_sweep_can_tell_a_long_queue(system: Running, customers: Customers) -> None:
    """What only waits for a worker is not taken for lost: ringing it again would make the queue longer."""
    before = count_waiting(system.system.app)
    system.system.ring(customers.doorbells * 3)
    assert count_waiting(system.system.app) == before + 3


@pytest.mark.parametrize("stage", [StageName.MAP, StageName.APPLY])
@pytest.mark.parametrize("step", list(Step))
def test_a_session_that_ends_at_a_step_costs_nothing(
    system: Running, customers: Customers, monkeypatch: pytest.MonkeyPatch, step: Step, stage: StageName
) -> None:
    """The database ends all our sessions; what may have been committed is looked at, not believed."""

    def end_sessions() -> None:
        with system.system.engine.begin() as conn:
            conn.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'tests' AND pid <> pg_backend_pid()"
                )
            )

    monkeypatch.setattr(steps, "hook", once(step, stage, end_sessions))
    waiting = list(customers.doorbells)
    while waiting:
        try:
            waiting += deliver(system, waiting.pop(0))
        except DBAPIError:
            # As the task does: the sweep rings again.
            continue
    finish(system, customers)
