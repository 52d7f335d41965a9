"""The two promises: a file means what its rows mean one after the other, and nothing goes uncounted."""

from typing import Any

import pytest

from tests.desk import paused
from tests.rules.shop import ANN, BOB, CY, OUTCOMES, Shop, Told
from tests.running import Running

pytestmark = pytest.mark.services

HEADER = "Phone,Email,First Name,Points,Opt-in SMS"


def told_of(shop: Shop) -> list[dict[str, Any]]:
    """The personas without what depends on ids and times."""
    names = ("phone", "email", "first_name", "points", "consent")
    return [
        {name: person[name] for name in names} | {"ledger": [line["delta"] for line in person["ledger"]]}
        for person in shop.people()
    ]


def test_order_counts_and_speed_does_not_show(system: Running) -> None:
    """Order counts, speed does not show.
    An import leaves personas, points, consents and audience exactly as if …
    """
    rows = [
        "4155552671,,Ann,-5,",
        "4155552671,a@example.org,Anne,10,yes",
        ",a@example.org,,-10,",
        "2125550187,a@example.org,Bob,1,",
        "4155552671,,Annie,-1,",
        ",b@example.org,Bob,3,",
    ]
    at_once, one_by_one = Shop(system), Shop(system)
    told = at_once.bring("\n".join([HEADER, *rows]))
    singly = [one_by_one.bring(f"{HEADER}\n{row}") for row in rows]
    assert told_of(at_once) == told_of(one_by_one)
    assert [person["ledger"] for person in told_of(at_once)] == [[3], [10, -10, 1, -1]]
    assert list(told.outcomes.values()) == [each.outcomes[2] for each in singly]
    assert told["audience"]["members"] == 2


def test_an_opt_out_anywhere_in_the_file_beats_every_opt_in(shop: Shop) -> None:
    """There is a single exception, in favour of the shopper: an opt-out …"""
    told = shop.bring(
        "Phone,Email,Opt-in SMS,Explicit SMS Opt-out\n4155552671,a@example.org,yes,\n,a@example.org,,yes\n"
        "4155552671,,yes,\n2125550187,,yes,\n"
    )
    assert shop.consent(ANN) == ("opted_out", "unknown")
    assert shop.consent(BOB) == ("opted_in", "unknown")
    assert told.events == ["3 sms unknown>opted_out", "5 sms unknown>opted_in"]


def test_no_rule_looks_across_accounts(system: Running) -> None:
    """Everything belongs to one account, and no rule looks across accounts."""
    one, other = Shop(system), Shop(system)
    file = "Phone,First Name,Points,shoe SIZE\n4155552671,Ann,5,42\n"
    one.bring(file, map={"shoe SIZE": "attribute:shoe SIZE"})
    one.stop(one.show(ANN)["persona_id"])
    one.forget(one.add(phone=BOB))
    told = other.offer(
        f"{file}2125550187,Bob,,41\n".replace("shoe SIZE", "Shoe size"), map={"Shoe size": "attribute:Shoe size"}
    )
    assert (told["status"], told.outcomes) == ("completed", {2: "created", 3: "created"})
    assert other.show(ANN)["attributes"] == {"Shoe size": "42"}
    assert other.consent(ANN) == ("unknown", "unknown")
    assert other.offer(file)["status"] == "completed"
    assert (one.show(ANN)["points"], other.show(ANN)["points"]) == (5, 10)


@pytest.fixture(scope="module")
def counted(system: Running) -> tuple[Shop, Told]:
    """A file with every outcome, and points that are added, subtracted and refused for every reason."""
    shop = Shop(system)
    shop.add(phone=ANN, first_name="Ann", points="10", reason="welcome")
    shop.archive(shop.add(phone=BOB))
    shop.add(email="c@example.org")
    shop.forget(shop.add(phone="+14155552699"))
    told = shop.bring(
        "Phone,Email,First Name,Points,Birthday\n"
        "3105550123,,Cy,100,\n"  # 2 created
        "3105550123,,,,13/13/2000\n"  # 3 unchanged: a notice alone
        "3105550123,,Cyrus,-30,\n"  # 4 updated, in the file that created it
        "4155552671,,Ann,,\n"  # 5 unchanged
        "4155552671,,,-11,\n"  # 6 unchanged: refused
        "4155552671,,,-10,\n"  # 7 updated
        "2125550187,,,7,\n"  # 8 skipped
        "nope,,,-3,\n"  # 9 rejected
        "4155552671,c@example.org,,1000,\n"  # 10 rejected: conflict
        "4155552699,,,20,\n"  # 11 rejected: blocked
        "4155552671,,,5.5,\n"  # 12 unchanged: unreadable, so no delta
        "4155552671,,,0,\n"  # 13 unchanged
    )
    return shop, told


def test_the_row_equation_holds(counted: tuple[Shop, Told]) -> None:
    """Every row and every point is accounted for.
    rows read = created + updated + unchanged + rejected + skipped
    """
    _, told = counted
    assert told["rows"] == {"read": 12, "created": 1, "updated": 2, "unchanged": 5, "rejected": 3, "skipped": 1}
    assert sorted(told.outcomes) == list(range(2, 14))
    for outcome in OUTCOMES:
        assert list(told.outcomes.values()).count(outcome) == told["rows"][outcome]


def test_the_points_equation_holds(counted: tuple[Shop, Told]) -> None:
    """sum of all readable point deltas = added - subtracted + refused"""
    _, told = counted
    readable = 100 - 30 - 11 - 10 + 7 - 3 + 1000 + 20
    points = told["points"]
    assert (points["added"], points["subtracted"]) == (100, 40)
    assert points["added"] - points["subtracted"] + points["refused"] == readable


def test_deltas_of_rejected_and_skipped_rows_are_refused(counted: tuple[Shop, Told]) -> None:
    """The deltas of rejected and skipped rows count as refused."""
    shop, told = counted
    assert told["points"]["refused"] == -11 + 7 - 3 + 1000 + 20
    assert shop.show(BOB)["ledger"] == []


def test_a_row_is_created_when_it_made_a_persona(counted: tuple[Shop, Told]) -> None:
    """created: the row made a new persona"""
    assert counted[1].outcomes[2] == "created"


def test_a_row_is_updated_when_something_about_the_persona_changed(shop: Shop) -> None:
    """updated: something about a persona changed …"""
    shop.add(phone=ANN, email="a@example.org")
    shop.archive(shop.add(phone=BOB))
    shop.add(phone=CY)
    told = shop.bring(
        "Phone,Email,City,Points,Opt-in SMS,Loyalty,Shoe,Favorite Store\n"
        "4155552671,,Reno,,,,,\n4155552671,,,1,,,,\n4155552671,,,,yes,,,\n4155552671,,,,,yes,,\n"
        "4155552671,,,,,,42,\n4155552671,,,,,,,Uptown\n2125550187,,,,,,,\n3105550123,c@example.org,,,,,,\n",
        map={"Shoe": "attribute:Shoe"},
        archived="restore",
    )
    assert set(told.outcomes.values()) == {"updated"}


def test_a_row_is_unchanged_when_nothing_changed(counted: tuple[Shop, Told]) -> None:
    """unchanged: the row fits a persona and changed nothing …"""
    _, told = counted
    assert [told.outcomes[line] for line in (3, 5, 6, 12, 13)] == ["unchanged"] * 5
    assert told.notices[3] == ["birthday date_invalid"]
    assert told.notices[6] == ["points points_below_zero"]


def test_a_rejected_row_has_one_code(counted: tuple[Shop, Told]) -> None:
    """rejected: the row was left out and has one code"""
    _, told = counted
    assert told.rejects == {9: "no_phone_or_email", 10: "identity_conflict", 11: "blocked"}
    assert {told.outcomes[line] for line in told.rejects} == {"rejected"}
    assert told["rejects"] == {"no_phone_or_email": 1, "identity_conflict": 1, "blocked": 1}


def test_rows_of_archived_personas_are_skipped(counted: tuple[Shop, Told]) -> None:
    """skipped: the row belongs to an archived persona"""
    shop, told = counted
    assert told.outcomes[8] == "skipped"
    assert 8 not in told.rejects
    assert "archived" not in told["rejects"]
    assert shop.show(BOB)["status"] == "archived"


def test_later_rows_of_a_new_persona_are_updates(counted: tuple[Shop, Told]) -> None:
    """Later rows for a persona that the same file created are updated or unchanged."""
    _, told = counted
    assert [told.outcomes[line] for line in (2, 3, 4)] == ["created", "unchanged", "updated"]


@pytest.mark.parametrize("what", ["rows_created", "points_added"])
def test_sums_that_do_not_hold_stop_the_import(shop: Shop, what: str) -> None:
    """An import whose sums do not hold is stopped and never shown as completed."""
    with paused(shop, "Phone,Points\n4155552671,5\n", "texts") as import_id:
        shop.run(
            "UPDATE checkpoints SET counts = counts || jsonb_build_object(CAST(:what AS text), 99)"
            " WHERE import_id = :id AND stage = 'apply'",
            what=what,
            id=import_id,
        )
    told = shop.tell(import_id)
    assert (told["status"], told["code"]) == ("failed", "counts_do_not_add_up")
