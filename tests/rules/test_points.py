"""Points are deltas: each a ledger line of its own, never below zero unasked, and the balance is their sum."""

import pytest

from pipeline.work import Doorbell
from schemas.states import StageName
from tests.rules.shop import ANN, BOB, Shop

pytestmark = pytest.mark.services

_SUMS = (
    "SELECT p.points, (SELECT coalesce(sum(delta), 0) FROM ledger l WHERE l.persona_id = p.id) AS booked"
    " FROM personas p WHERE account_id = :id"
)


def test_points_are_added_and_never_set(shop: Shop) -> None:
    """Points are deltas, never totals."""
    shop.add(phone=ANN, points="100", reason="welcome")
    shop.bring("Phone,Points\n4155552671,50\n4155552671,-20\n2125550187,30\n")
    shop.bring("Phone,Points\n4155552671,50\n")
    assert (shop.show(ANN)["points"], shop.show(BOB)["points"]) == (180, 30)


def test_each_delta_is_one_ledger_line_that_cannot_be_booked_twice(shop: Shop) -> None:
    """Each delta that is not zero becomes one ledger line under (import, line), which cannot be booked twice."""
    told = shop.bring("Phone,Points\n4155552671,50\n4155552671,0\n4155552671,50\n4155552671,\n4155552671,-1\n")
    lines = [(line["import_id"], line["line"], line["delta"]) for line in shop.show(ANN)["ledger"]]
    assert lines == [(told["import_id"], 2, 50), (told["import_id"], 4, 50), (told["import_id"], 6, -1)]
    # Every task once more, as a broker would deliver it that has lost its memory.
    shop.system.ring_here(
        [Doorbell(StageName(each["stage"]), told["import_id"], each["part"]) for each in told["attempts"]]
    )
    assert shop.show(ANN)["points"] == 99
    (twice,) = shop.system.select(
        "SELECT count(*) - count(DISTINCT (import_id, line)) AS n FROM ledger WHERE import_id > 0"
    )
    assert twice["n"] == 0


def test_a_delta_below_zero_is_refused_whole(shop: Shop) -> None:
    """A delta that would take the balance below zero is refused as a whole (points_below_zero) …"""
    told = shop.bring("Phone,Points\n4155552671,-1\n4155552671,10\n4155552671,-11\n4155552671,-10\n2125550187,-5\n")
    assert told.notices == {line: ["points points_below_zero"] for line in (2, 4, 6)}
    assert told.outcomes == {2: "created", 3: "updated", 4: "unchanged", 5: "updated", 6: "created"}
    assert told["points"] == {"added": 10, "subtracted": 10, "refused": -17}
    assert (shop.show(ANN)["points"], shop.show(BOB)["points"]) == (0, 0)


def test_an_import_can_allow_a_negative_balance(shop: Shop) -> None:
    """A delta that would take the balance below zero is refused as a whole (points_below_zero), unless …"""
    file = "Phone,Points\n4155552671,-5\n4155552671,-5\n2125550187,-7\n"
    told = shop.bring(file, allow_negative_balance=True)
    assert (told.notices, told["points"]) == ({}, {"added": 0, "subtracted": 17, "refused": 0})
    assert (shop.show(ANN)["points"], shop.show(BOB)["points"]) == (-10, -7)
    # What is below zero already may rise, but not fall further unasked.
    told = shop.bring("Phone,Points\n4155552671,3\n4155552671,-1\n2125550187,-1\n")
    assert told.notices == {line: ["points points_below_zero"] for line in (3, 4)}
    assert (shop.show(ANN)["points"], shop.show(BOB)["points"]) == (-7, -7)


def test_a_balance_is_always_the_sum_of_the_ledger(shop: Shop) -> None:
    """A balance is always the sum of the ledger."""
    rows = "".join("4155552671,999999999\n" for _ in range(10))
    shop.bring(f"Phone,Points\n{rows}2125550187,5\n2125550187,-9\n")
    shop.merge(BOB, ANN)
    shop.bring("Phone,Points\n4155552671,1\n")
    assert shop.show(BOB)["points"] == 9_999_999_990 + 5 + 1
    assert all(row["points"] == row["booked"] for row in shop.system.select(_SUMS, id=shop.account.id))
