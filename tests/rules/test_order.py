"""Who goes first: imports of one account in the order of their submission, and whom nobody waits for."""

from typing import Any

import pytest

from pipeline.answers import approve
from pipeline.submission import Submission, submit
from schemas.states import Trigger
from tests.rules.shop import ANN, Shop
from tests.running import Running

pytestmark = pytest.mark.services


def hand_in(shop: Shop, city: str, **options: Any) -> Submission:
    """Submit a file that gives Ann a city, without doing any of it."""
    key = shop.system.put(shop.name, f"Phone,City\n4155552671,{city}\n".encode(), **options)
    submission = submit(shop.tools, key, Trigger.EVENT)
    assert submission is not None
    return submission


def status(shop: Shop, submission: Submission) -> str:
    return str(shop.tell(submission.import_id)["status"])


def test_imports_of_one_account_go_in_the_order_of_submission(shop: Shop) -> None:
    """Imports of one account take effect in the order in which they were submitted."""
    first, second, third = (hand_in(shop, city) for city in ("Reno", "Ely", "Elko"))
    for later in (third, second):
        shop.system.ring_here(later.doorbells)
        assert status(shop, later) == "waiting"
    assert shop.people() == []
    shop.system.ring_here(first.doorbells)
    assert [status(shop, each) for each in (first, second, third)] == ["completed"] * 3
    assert shop.show(ANN)["city"] == "Elko"
    cities = shop.system.select(
        "SELECT changes -> 'city' AS city FROM outcomes WHERE persona_id = :id ORDER BY import_id",
        id=shop.show(ANN)["persona_id"],
    )
    assert [row["city"] for row in cities] == [None, ["Reno", "Ely"], ["Ely", "Elko"]]


def test_whoever_waits_or_failed_holds_up_nobody_and_goes_when_answered(system: Running) -> None:
    """An import that waits for a person, or has failed, holds up nobody.
    One that had to wait for a person takes its turn when it was answered.
    """
    shop = Shop(system, terms_accepted_by=None)
    waiting, failed, later = (
        hand_in(shop, "Reno"),
        hand_in(shop, "Ely", nonsense=1),
        hand_in(shop, "Elko", accept_terms=True),
    )
    shop.system.ring_here([*waiting.doorbells, *failed.doorbells, *later.doorbells])
    assert [status(shop, each) for each in (waiting, failed, later)] == ["needs_approval", "failed", "completed"]
    assert shop.show(ANN)["city"] == "Elko"
    behind = hand_in(shop, "Ely", accept_terms=True)
    bells = approve(shop.tools, waiting.import_id, accept_terms=True, again=False, by="Ann")
    shop.system.ring_here(bells)
    # Answered after the other one was submitted, so it waits for that.
    assert status(shop, waiting) == "waiting"
    shop.system.ring_here(behind.doorbells)
    assert [status(shop, each) for each in (waiting, behind)] == ["completed"] * 2
    assert shop.show(ANN)["city"] == "Reno"


def test_accounts_never_wait_for_each_other(system: Running) -> None:
    """Accounts never wait for each other."""
    one, other = Shop(system), Shop(system)
    hand_in(one, "Reno")
    assert status(other, hand_in(other, "Ely")) == "received"
    theirs = hand_in(other, "Elko")
    mine = hand_in(one, "Ely")
    one.system.ring_here(mine.doorbells)
    other.system.ring_here(theirs.doorbells)
    assert (status(one, mine), status(other, theirs)) == ("waiting", "waiting")
    third = Shop(system)
    free = hand_in(third, "Reno")
    third.system.ring_here(free.doorbells)
    assert status(third, free) == "completed"
