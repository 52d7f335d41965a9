"""Merging two personas of one shopper, and giving everybody back what was theirs."""

import pytest

from pipeline.personas.archiving import archive_persona
from schemas.errors import WrongCommand
from tests.desk import Desk
from tests.running import Running

pytestmark = pytest.mark.services

PHONE, OTHER = "+14155552671", "+12125550187"


@pytest.fixture
def desk(system: Running) -> Desk:
    return Desk(system)


def test_unmerge_gives_everything_back_exactly(desk: Desk) -> None:
    survivor = desk.add(phone=PHONE, first_name="Ada", points="5", reason="a", sms_opt_in="yes", attribute__Shoe="42")
    other = desk.add(
        email="b@example.org", phone=OTHER, first_name="Bo", last_name="Li", points="7", reason="b", sms_opt_out="yes",
        favorite_store="Uptown", loyalty_signup_date="2024-01-31", attribute__Hat="L", attribute__Shoe="43",
    )  # fmt: skip
    archive_persona(desk.tools, desk.account, str(other))
    before = desk.show(survivor), desk.show(other)
    desk.merge(str(survivor), str(other))
    told = desk.show(survivor)
    assert (told["first_name"], told["last_name"], told["points"]) == ("Ada", "Li", 12)
    assert (told["favorite_store"], told["loyalty"], told["attributes"]) == ("Uptown", True, {"Shoe": "42", "Hat": "L"})
    assert (told["consent"]["sms"], told["phone"], told["email"]) == ("opted_out", PHONE, None)
    merged = desk.show(other)
    assert (merged["status"], merged["merged_into"], merged["points"]) == ("merged", survivor, 0)
    with pytest.raises(WrongCommand, match="one persona already"):
        desk.merge(PHONE, "b@example.org")
    desk.unmerge("b@example.org")
    assert (desk.show(survivor), desk.show(other)) == before
    with pytest.raises(WrongCommand, match="is not merged"):
        desk.unmerge("b@example.org")


def test_what_changed_since_a_merge_is_the_survivors_own(desk: Desk) -> None:
    survivor = desk.add(phone=PHONE)
    other = desk.add(phone=OTHER, last_name="Li", city="Reno", points="7", reason="b")
    desk.merge(PHONE, OTHER)
    desk.load("Phone,City,Points\n212-555-0187,Ely,-6\n")
    desk.unmerge(OTHER)
    told = desk.show(survivor)
    assert (told["last_name"], told["city"], told["points"]) == (None, "Ely", -6)
    assert desk.show(other)["points"] == 7


def test_a_no_said_while_both_were_one_holds_for_both(desk: Desk) -> None:
    survivor = desk.add(phone=PHONE, sms_opt_in="yes")
    other = desk.add(phone=OTHER, sms_opt_out="yes")
    desk.merge(PHONE, OTHER)
    # It changes nothing now, since the merge has opted the survivor out; it must not be lost with the merge.
    desk.load("Phone,Explicit SMS Opt-out\n415-555-2671,yes\n")
    desk.unmerge(OTHER)
    assert desk.show(survivor)["consent"]["sms"] == "opted_out"
    third = desk.add(email="c@example.org")
    desk.merge(PHONE, "c@example.org")
    desk.stop(survivor, "email")
    desk.unmerge("c@example.org")
    assert desk.show(third)["consent"]["email"] == "opted_out"
    with pytest.raises(WrongCommand, match="only the shopper"):
        desk.edit("c@example.org", email_opt_in="yes")
    assert desk.show(other)["consent"]["sms"] == "opted_out"


def test_those_who_stay_merged_go_on_counting(desk: Desk) -> None:
    survivor = desk.add(phone=PHONE, sms_opt_in="yes")
    desk.add(phone=OTHER, city="Reno", sms_opt_out="yes")
    desk.add(email="c@example.org", phone="+13105550123", city="Ely", sms_opt_out="yes")
    desk.merge(PHONE, OTHER)
    desk.merge(PHONE, "c@example.org")
    desk.unmerge(OTHER)
    assert desk.show(survivor)["city"] == "Ely"
    assert desk.show(survivor)["consent"]["sms"] == "opted_out"
    desk.unmerge("c@example.org")
    assert desk.show(survivor)["city"] is None
    assert desk.show(survivor)["consent"]["sms"] == "opted_in"


def test_merges_on_merges_come_apart_in_any_order(desk: Desk) -> None:
    a = desk.add(phone=PHONE, points="1", reason="a")
    b = desk.add(phone=OTHER, points="2", reason="b", city="Reno")
    c = desk.add(email="c@example.org", points="4", reason="c", first_name="Cy")
    before = [desk.show(who) for who in (a, b, c)]
    for first, second in (("c@example.org", OTHER), (OTHER, "c@example.org")):
        desk.merge(OTHER, "c@example.org")
        desk.merge(PHONE, OTHER)
        assert (desk.show(a)["points"], desk.show(a)["first_name"]) == (7, "Cy")
        desk.unmerge(first)
        desk.unmerge(second)
        assert [desk.show(who) for who in (a, b, c)] == before
