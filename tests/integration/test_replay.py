"""Replay: a failed import goes on where it stopped, whichever of its task ids is named, whatever happened since."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import steps
from pipeline.replay import replay
from pipeline.stages import dedupe
from pipeline.steps import Step
from pipeline.submission import submit
from pipeline.work import Doorbell
from schemas.errors import WrongCommand
from schemas.states import StageName, Trigger
from tests.factories.people import People
from tests.faults.customers import Customers, bring, find_differences
from tests.faults.invariants import find_violations
from tests.running import Running

pytestmark = pytest.mark.services

PEOPLE = People()


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedupe, "PART_SIZE", 10)


def fails_in(part: int, times: int = 1) -> Callable[[Step, Doorbell], None]:
    """A hook with a bug that shows in this part of apply, so many times."""
    left = iter(range(times))

    def hook(step: Step, bell: Doorbell) -> None:
        if (step, bell.stage, bell.part) == (Step.PERFORMED, StageName.APPLY, part) and next(left, None) is not None:
            raise ZeroDivisionError

    return hook


def done_parts(system: Running, import_id: int) -> Counter[tuple[str, int]]:
    attempts = system.describe(import_id)["attempts"]
    return Counter((attempt["stage"], attempt["part"]) for attempt in attempts if attempt["outcome"] == "done")


def fail_in_apply(system: Running, customers: Customers, monkeypatch: pytest.MonkeyPatch, part: int = 2) -> list[str]:
    """Let the import fail in a part of apply; its task ids so far."""
    monkeypatch.setattr(steps, "hook", fails_in(part))
    system.ring_here(customers.doorbells)
    ended = system.describe(customers.import_id)
    assert (ended["status"], ended["code"], ended["stage"]) == ("failed", "internal_error", "apply")
    assert ended["attempts"][-1]["outcome"] in ("failed", "superseded")
    return [attempt["task_id"] for attempt in ended["attempts"]]


@pytest.mark.parametrize("which", [0, 1, -1], ids=["first", "second", "last"])
def test_it_goes_on_where_it_stopped(
    system: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    customers = bring(system, tmp_path, 900)
    known = fail_in_apply(system, customers, monkeypatch)
    before = done_parts(system, customers.import_id)
    assert before[StageName.APPLY, 0] == before[StageName.APPLY, 1] == 1
    told = replay(system.system.tools, known[which])
    assert (told.import_id, told.said) == (customers.import_id, None)
    assert {bell.stage for bell in told.doorbells} == {StageName.APPLY}
    assert not {(bell.stage, bell.part) for bell in told.doorbells} & set(before)
    system.ring_here(told.doorbells)
    attempts = system.describe(customers.import_id)["attempts"]
    assert set(done_parts(system, customers.import_id).values()) == {1}
    assert not {attempt["task_id"] for attempt in attempts[len(known) :]} & set(known)
    assert find_violations(system, customers.account) == []
    assert find_differences(system, customers) == []


def test_failing_again_and_again(system: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    customers = bring(system, tmp_path, 901)
    (first, *_) = fail_in_apply(system, customers, monkeypatch)
    for part in (3, 1, 2):
        monkeypatch.setattr(steps, "hook", fails_in(part, 99))
        system.ring_here(replay(system.system.tools, first).doorbells)
    monkeypatch.setattr(steps, "hook", None)
    system.ring_here(replay(system.system.tools, first).doorbells)
    assert find_violations(system, customers.account) == []
    assert find_differences(system, customers) == []


def test_what_there_is_to_say(system: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    customers = bring(system, tmp_path, 902)
    (first, *_) = fail_in_apply(system, customers, monkeypatch)
    bells = replay(system.system.tools, first).doorbells
    twice = replay(system.system.tools, first)
    assert twice.doorbells == []
    assert twice.said == f"Import {customers.import_id} is running; there is nothing to replay."
    system.ring_here(bells)
    complete = replay(system.system.tools, first)
    assert (complete.doorbells, complete.said) == (
        [],
        f"Import {customers.import_id} is completed; there is nothing to replay.",
    )
    with pytest.raises(WrongCommand, match="No import has a task of that id"):
        replay(system.system.tools, "no-such-task")
    assert find_differences(system, customers) == []


class Between:
    """Forty shoppers: an import says that they live in C, one in A, and another, which comes in between, in B."""

    def __init__(self, system: Running) -> None:
        self.system, self.account = system, system.make_account()
        self.shoppers = range(40)

    def submit(self, city: str, emails: bool = True) -> tuple[int, list[Doorbell]]:
        lines = ["Phone,Email,City,Points"]
        for number in self.shoppers:
            lines.append(f"{PEOPLE.phone(number)},{self.email(city, number) if emails else ''},{city},10")
        submission = submit(self.system.system.tools, self.put("\n".join(lines)), Trigger.EVENT)
        assert submission is not None
        return submission.import_id, submission.doorbells

    def put(self, text: str) -> str:
        return self.system.put(self.account, text.encode())

    def email(self, city: str, number: int) -> str:
        return f"{city.lower()}{number}@example.com"

    def fail(self, monkeypatch: pytest.MonkeyPatch) -> tuple[int, set[int]]:
        """The import about A stops in the middle of apply; its id and the lines that it had done."""
        number, bells = self.submit("A")
        monkeypatch.setattr(steps, "hook", fails_in(2))
        self.system.ring_here(bells)
        rows = self.system.select("SELECT line FROM outcomes WHERE import_id = :id", id=number)
        assert 0 < len(rows) < len(self.shoppers)
        return number, {row["line"] for row in rows}

    def replay(self, number: int) -> list[Doorbell]:
        told = replay(self.system.system.tools, self.system.describe(number)["attempts"][0]["task_id"])
        assert told.said is None
        return told.doorbells

    def check(self, done: set[int], imports: int) -> None:
        """Rows done before the other import show its city, the others their own; e-mails stay with who came first."""
        found = self.system.select("SELECT DISTINCT status FROM imports i JOIN accounts a ON a.id = i.account_id"
                                   " WHERE a.name = :name", name=self.account)  # fmt: skip
        assert found == [{"status": "completed"}]
        assert find_violations(self.system, self.account) == []
        by_phone = {persona["phone"]: persona for persona in self.system.export(self.account)}
        assert len(by_phone) == len(self.shoppers)
        for number in self.shoppers:
            persona, early = by_phone[PEOPLE.phone(number)], number + 2 in done
            assert persona["city"] == ("B" if early else "A")
            assert persona["email"] == self.email("A" if early else "B", number)
            assert persona["points"] == 10 * imports


@pytest.mark.parametrize("known", [False, True], ids=["new shoppers", "known shoppers"])
def test_another_import_went_in_between(system: Running, monkeypatch: pytest.MonkeyPatch, known: bool) -> None:
    """The rest is planned again: who was new is known by now, and who had no e-mail has got one."""
    between = Between(system)
    if known:
        system.ring_here(between.submit("C", emails=False)[1])
    first, done = between.fail(monkeypatch)
    system.ring_here(between.submit("B")[1])
    system.ring_here(between.replay(first))
    between.check(done, 3 if known else 2)


@pytest.mark.parametrize("known", [False, True], ids=["new shoppers", "known shoppers"])
def test_another_import_goes_first(system: Running, monkeypatch: pytest.MonkeyPatch, known: bool) -> None:
    """It was there when the replay was asked for, and takes effect only then."""
    between = Between(system)
    if known:
        system.ring_here(between.submit("C", emails=False)[1])
    first, done = between.fail(monkeypatch)
    _, bells = between.submit("B")
    late = between.replay(first)
    system.ring_here(late)
    assert system.describe(first)["status"] == "waiting"
    system.ring_here(bells)
    between.check(done, 3 if known else 2)
