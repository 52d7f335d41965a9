"""Drift: staff change who somebody is between dedupe and apply; what is not applied yet is planned again."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pipeline import steps
from pipeline.stages import dedupe
from pipeline.steps import Step
from pipeline.work import Doorbell
from schemas.states import StageName
from tests.faults.customers import Customers, bring, find_differences
from tests.faults.invariants import find_violations
from tests.running import Running

pytestmark = pytest.mark.services

NEW_PHONE = "+14155559911"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedupe, "PART_SIZE", 10)


def once_at(step: Step, stage: StageName, act: Callable[[], None], part: int = 0) -> Callable[[Step, Doorbell], None]:
    """A hook that acts when the part comes to the step for the first time."""
    done: list[bool] = []

    def hook(reached: Step, bell: Doorbell) -> None:
        if (reached, bell.stage, bell.part) == (step, stage, part) and not done:
            done.append(True)
            act()

    return hook


def add(system: Running, customers: Customers, noted: bool = True, **values: Any) -> int:
    """Staff add a persona behind the import's back; `noted`: as the command does it, so that plans can know."""
    columns = {"phone": None, "email": None} | values
    with system.system.engine.begin() as conn:
        number: int = conn.execute(
            text(
                "INSERT INTO personas (account_id, phone, email)"
                " SELECT id, :phone, :email FROM accounts WHERE name = :name RETURNING id"
            ),
            {"name": customers.account, **columns},
        ).scalar_one()
    if noted:
        note(system, number, [value for value in columns.values() if value])
    return number


def edit(system: Running, customers: Customers, old: str, new: str) -> None:
    """Staff give somebody another phone."""
    with system.system.engine.begin() as conn:
        number: int = conn.execute(
            text(
                "UPDATE personas p SET phone = :new FROM accounts a"
                " WHERE a.id = p.account_id AND a.name = :name AND p.phone = :old RETURNING p.id"
            ),
            {"name": customers.account, "old": old, "new": new},
        ).scalar_one()
    note(system, number, [old, new])


def note(system: Running, persona_id: int, keys: list[str]) -> None:
    with system.system.engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO identity_changes (account_id, persona_id, key_hashes)"
                ' SELECT account_id, id, ARRAY(SELECT hashtextextended(key COLLATE "C", 0)'
                " FROM unnest(CAST(:keys AS text[])) key)"
                " FROM personas WHERE id = :id"
            ),
            {"id": persona_id, "keys": keys},
        )


def planned(system: Running, customers: Customers, kind: str) -> list[dict[str, Any]]:
    """The rows of the plan that stand alone and bring a phone, by their parts."""
    table = f"staging.plan_{customers.import_id} p JOIN staging.rows_{customers.import_id} r USING (line)"
    return system.select(
        f"SELECT p.line, p.part, p.persona_id, r.phone, r.email FROM {table}"
        " WHERE p.kind = :kind AND NOT p.tangled AND r.phone IS NOT NULL ORDER BY p.part, p.line",
        kind=kind,
    )


def plans(system: Running, customers: Customers) -> int:
    """How often the import was planned."""
    attempts = system.describe(customers.import_id)["attempts"]
    return sum(attempt["stage"] == "dedupe" and attempt["outcome"] == "done" for attempt in attempts)


def check(system: Running, customers: Customers, times_planned: int) -> None:
    assert plans(system, customers) == times_planned
    assert find_violations(system, customers.account) == []
    assert find_differences(system, customers) == []


@pytest.mark.parametrize("noted", [True, False], ids=["noted", "found out by the key"])
@pytest.mark.parametrize("when", [StageName.DEDUPE, StageName.APPLY], ids=["before apply", "in the middle of apply"])
def test_somebody_is_added(
    system: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: StageName, noted: bool
) -> None:
    """A row that was to make a new persona finds one."""
    customers = bring(system, tmp_path, 950)

    def act() -> None:
        row = planned(system, customers, "c")[-1]
        add(system, customers, noted, phone=row["phone"])
        customers.world.add({"phone": row["phone"]})

    monkeypatch.setattr(steps, "hook", once_at(Step.COMMITTED, when, act, 0 if when is StageName.DEDUPE else 1))
    system.ring_here(customers.doorbells)
    check(system, customers, 2)


def test_somebody_gets_a_phone_that_the_file_has(
    system: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who brings it in the file is now somebody who was there before."""
    customers = bring(system, tmp_path, 951)
    add(system, customers, phone=NEW_PHONE)
    customers.world.add({"phone": NEW_PHONE})

    def act() -> None:
        row = planned(system, customers, "c")[-1]
        edit(system, customers, NEW_PHONE, row["phone"])
        persona = customers.world.find(NEW_PHONE)
        assert persona is not None
        customers.world.edit(persona, {"phone": row["phone"]})

    monkeypatch.setattr(steps, "hook", once_at(Step.COMMITTED, StageName.DEDUPE, act))
    system.ring_here(customers.doorbells)
    check(system, customers, 2)


def test_somebody_gives_up_a_phone_that_the_file_has(
    system: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was to be updated is not the one that the row means any more."""
    customers = bring(system, tmp_path, 952)
    (known, *_) = sorted(
        owner for owner in customers.world.owners["phone"] if any(owner[-7:] in cell for row in customers.table.rows
                                                                  for cell in row)
    )  # fmt: skip

    def act() -> None:
        edit(system, customers, known, NEW_PHONE)
        persona = customers.world.find(known)
        assert persona is not None
        customers.world.edit(persona, {"phone": NEW_PHONE})

    monkeypatch.setattr(steps, "hook", once_at(Step.COMMITTED, StageName.DEDUPE, act))
    system.ring_here(customers.doorbells)
    check(system, customers, 2)


def test_a_change_of_somebody_else_costs_nothing(
    system: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = bring(system, tmp_path, 953)

    def act() -> None:
        add(system, customers, phone=NEW_PHONE)
        customers.world.add({"phone": NEW_PHONE})

    monkeypatch.setattr(steps, "hook", once_at(Step.COMMITTED, StageName.DEDUPE, act))
    system.ring_here(customers.doorbells)
    check(system, customers, 1)


def test_a_sibling_at_work_is_waited_for(system: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One part finds its plan outdated while another is about to commit: neither is lost, none is done twice."""
    customers = bring(system, tmp_path, 954)
    sibling = Doorbell(StageName.APPLY, customers.import_id, 1)
    at_work, go_on = threading.Event(), threading.Event()
    beside = threading.Thread(target=system.ring_here, args=([sibling],))
    drifted: list[int] = []

    def hook(step: Step, bell: Doorbell) -> None:
        if bell == sibling and step is Step.PERFORMED and not at_work.is_set():
            at_work.set()
            assert go_on.wait(30)
        elif (bell.stage, step) == (StageName.DEDUPE, Step.COMMITTED) and not drifted:
            beside.start()
            assert at_work.wait(30)
            row = next(row for row in planned(system, customers, "c") if row["part"] > sibling.part)
            add(system, customers, phone=row["phone"])
            customers.world.add({"phone": row["phone"]})
            drifted.append(row["part"])
        elif (bell.stage, step) == (StageName.APPLY, Step.LOCKED) and [bell.part] == drifted:
            # It finds out in a moment, and has to wait then.
            threading.Timer(0.7, go_on.set).start()

    monkeypatch.setattr(steps, "hook", hook)
    system.ring_here(customers.doorbells)
    beside.join()
    system.wait(customers.import_id)
    attempts = system.describe(customers.import_id)["attempts"]
    assert {attempt["outcome"] for attempt in attempts} == {"done", "superseded"}
    check(system, customers, 2)
