"""The lane: one account's imports take effect one after the other, in the order of their turns; accounts don't wait."""

from collections.abc import Callable
from typing import Any

import pytest

from pipeline import steps
from pipeline.answers import approve, cancel
from pipeline.replay import replay
from pipeline.steps import Step
from pipeline.submission import submit
from pipeline.work import Doorbell
from schemas.states import StageName, Trigger
from tests.faults.invariants import find_violations
from tests.running import Running

pytestmark = pytest.mark.services

PHONE = "+14155552671"


def bring(system: Running, account: str, city: str, **options: Any) -> tuple[int, list[Doorbell]]:
    """Submit a file that says in which city the one shopper lives; its import and what to ring."""
    key = system.put(account, f"Phone,City,Points\n{PHONE},{city},1\n".encode(), **options)
    submission = submit(system.system.tools, key, Trigger.EVENT)
    assert submission is not None
    return submission.import_id, submission.doorbells


def cities(system: Running, account: str) -> list[str]:
    """The cities that the shopper had, in the order in which imports changed them, and the one now."""
    (persona,) = system.export(account)
    rows = system.select(
        "SELECT o.changes -> 'city' ->> 0 AS before FROM outcomes o JOIN imports i ON i.id = o.import_id"
        " WHERE o.persona_id = :id AND o.outcome = 'updated' ORDER BY i.finished_at",
        id=persona["persona_id"],
    )
    assert persona["points"] == len(rows) + 1
    assert find_violations(system, account) == []
    return [*(row["before"] for row in rows), persona["city"]]


def statuses(system: Running, *import_ids: int) -> list[str]:
    return [system.describe(import_id)["status"] for import_id in import_ids]


def at(step: Step, import_id: int, stage: StageName, act: Callable[[], None]) -> Callable[[Step, Doorbell], None]:
    """A hook that acts once, when the import comes to the step of the stage."""
    done: list[bool] = []

    def hook(reached: Step, bell: Doorbell) -> None:
        if (reached, bell.import_id, bell.stage) == (step, import_id, stage) and not done:
            done.append(True)
            act()

    return hook


def fail() -> None:
    raise ZeroDivisionError


def test_rung_in_the_wrong_order_they_take_effect_in_the_right_one(system: Running) -> None:
    account = system.make_account()
    brought = [bring(system, account, city) for city in ("Ely", "Reno", "Elko", "Austin")]
    for _, bells in brought[:0:-1]:
        system.ring_here(bells)
    assert statuses(system, *(number for number, _ in brought[1:])) == ["waiting"] * 3
    assert "earlier import" in system.describe(brought[1][0])["message"]
    # The first sets free the second, which sets free the third.
    system.ring_here(brought[0][1])
    assert statuses(system, *(number for number, _ in brought)) == ["completed"] * 4
    assert cities(system, account) == ["Ely", "Reno", "Elko", "Austin"]


def test_submitted_at_once_to_real_workers(worker: Running) -> None:
    accounts = {worker.make_account(): ["Ely", "Reno", "Elko", "Austin", "Wells"] for _ in range(3)}
    brought = [bring(worker, account, city) for account, names in accounts.items() for city in names]
    worker.system.ring([bell for _, bells in reversed(brought) for bell in bells])
    for number, _ in brought:
        assert worker.wait(number)["status"] == "completed"
    for account, names in accounts.items():
        assert cities(worker, account) == names


def test_another_account_does_not_wait(system: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """While an import is in the middle of apply, another account's completes and one of the same account waits."""
    account, other = system.make_account(), system.make_account()
    (first, bells), (second, more), (beside, others) = (
        bring(system, account, "Ely"),
        bring(system, account, "Reno"),
        bring(system, other, "Elko"),
    )
    seen: list[list[str]] = []

    def meanwhile() -> None:
        system.ring_here([*more, *others])
        seen.append(statuses(system, first, second, beside))

    monkeypatch.setattr(steps, "hook", at(Step.PERFORMED, first, StageName.APPLY, meanwhile))
    system.ring_here(bells)
    assert seen == [["running", "waiting", "completed"]]
    assert statuses(system, first, second) == ["completed", "completed"]
    assert cities(system, account) == ["Ely", "Reno"]
    assert cities(system, other) == ["Elko"]


def test_who_waits_for_a_person_holds_nobody_up(system: Running) -> None:
    account = system.make_account(terms_accepted_by=None)
    (asks, bells), (goes, more) = bring(system, account, "Ely"), bring(system, account, "Reno", accept_terms=True)
    system.ring_here(more)
    assert statuses(system, goes) == ["waiting"]
    system.ring_here(bells)
    assert statuses(system, asks, goes) == ["needs_approval", "completed"]
    # The answer takes the turn after all that are there.
    last, rest = bring(system, account, "Elko", accept_terms=True)
    bells = approve(system.system.tools, asks, accept_terms=True, again=False, by="ann")
    system.ring_here(bells)
    assert statuses(system, asks, last) == ["waiting", "received"]
    system.ring_here(rest)
    assert statuses(system, asks, last) == ["completed", "completed"]
    assert cities(system, account) == ["Reno", "Elko", "Ely"]


def test_who_needs_a_mapping_holds_nobody_up(system: Running) -> None:
    account = system.make_account()
    key = system.put(account, b"Name,City\nAnn,Ely\n")
    asks = submit(system.system.tools, key, Trigger.EVENT)
    assert asks is not None
    goes, more = bring(system, account, "Reno")
    system.ring_here(more)
    assert statuses(system, goes) == ["waiting"]
    system.ring_here(asks.doorbells)
    assert statuses(system, asks.import_id, goes) == ["needs_mapping", "completed"]
    cancel(system.system.tools, asks.import_id)
    assert cities(system, account) == ["Reno"]


@pytest.mark.parametrize("stage", [StageName.PARSE, StageName.DEDUPE, StageName.APPLY, StageName.TEXTS])
def test_who_failed_holds_nobody_up(system: Running, monkeypatch: pytest.MonkeyPatch, stage: StageName) -> None:
    account = system.make_account()
    (fails, bells), (goes, more) = bring(system, account, "Ely"), bring(system, account, "Reno")
    monkeypatch.setattr(steps, "hook", at(Step.PERFORMED, fails, stage, fail))
    system.ring_here(more)
    system.ring_here(bells)
    assert statuses(system, fails, goes) == ["failed", "completed"]
    again = replay(system.system.tools, system.describe(fails)["attempts"][0]["task_id"])
    system.ring_here(again.doorbells)
    assert statuses(system, fails) == ["completed"]
    # What it had applied came first, and is not done again.
    assert cities(system, account) == (["Ely", "Reno"] if stage is StageName.TEXTS else ["Reno", "Ely"])


def test_a_dry_run_neither_waits_nor_holds_up(system: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    account = system.make_account()
    (dry, bells), (first, more), (second, rest) = (
        bring(system, account, "Ely", dry_run=True),
        bring(system, account, "Reno"),
        bring(system, account, "Elko"),
    )
    seen: list[list[str]] = []

    def meanwhile() -> None:
        system.ring_here([*bells, *rest])
        seen.append(statuses(system, dry, second))

    monkeypatch.setattr(steps, "hook", at(Step.PERFORMED, first, StageName.APPLY, meanwhile))
    system.ring_here(more)
    assert seen == [["planned", "waiting"]]
    assert cities(system, account) == ["Reno", "Elko"]
