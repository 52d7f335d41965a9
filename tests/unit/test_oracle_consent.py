"""The oracle against examples worked by hand: consent."""

import pytest

from tests.factories.worlds import FOREIGN_PHONE as P3
from tests.factories.worlds import OTHER_PHONE as P2
from tests.factories.worlds import PHONE as P1
from tests.factories.worlds import load, new_world, only, person
from tests.oracle import CellFault

A, B, C = "a@example.com", "b@example.com", "c@example.com"


def test_opt_out_anywhere_in_the_file_beats_an_earlier_and_a_later_yes_without_trace() -> None:
    world = new_world()
    result = load(
        world,
        {"phone": P1, "email": A, "sms_opt_in": "yes", "email_opt_in": "yes"},
        {"phone": P1, "sms_opt_out": "yes"},
        {"phone": "n/a", "email": A, "sms_opt_in": "yes"},
    )
    assert only(world).consent == {"sms": "opted_out", "email": "opted_in"}
    assert result.outcomes == {2: "created", 3: "updated", 4: "unchanged"}
    assert result.notices == {"phone_letters": 1}
    assert [(e.line, e.channel, e.after) for e in result.events] == [(2, "email", "opted_in"), (3, "sms", "opted_out")]


def test_an_opt_out_in_a_conflict_row_goes_to_the_owner_of_the_address() -> None:
    world = new_world()
    ann, bob = person(world, phone=P1), person(world, email=B)
    result = load(
        world,
        {"phone": P1, "email": B, "sms_opt_out": "1", "email_opt_out": "no"},
        {"phone": P1, "sms_opt_in": "yes"},
    )
    assert result.outcomes == {2: "rejected", 3: "unchanged"}
    assert (ann.consent["sms"], bob.consent["sms"], bob.consent["email"]) == ("opted_out", "unknown", "unknown")
    assert result.consent["sms_opted_out"] == 1
    assert result.audience == {ann.id}


def test_an_opt_out_with_on_conflict_goes_to_the_other_and_leaves_the_row_unchanged() -> None:
    world = new_world()
    ann, bob = person(world, phone=P1), person(world, email=B)
    result = load(world, {"phone": P1, "email": B, "sms_opt_out": "y", "sms_opt_in": "y"}, on_conflict="email")
    assert (ann.consent["sms"], bob.consent["sms"]) == ("opted_out", "unknown")
    assert result.outcomes == {2: "unchanged"}
    assert result.notices == {"phone_kept": 1}


def test_an_opt_out_of_a_number_that_nobody_owns_goes_to_the_matched_persona() -> None:
    world = new_world()
    ann = person(world, phone=P1, email=A)
    load(world, {"phone": P2, "email": A, "sms_opt_out": "yes"})
    assert ann.consent["sms"] == "opted_out"


def test_an_opt_out_in_an_archived_row_counts_and_the_row_stays_skipped() -> None:
    world = new_world()
    ann = person(world, phone=P1, email=A)
    world.archive(ann)
    result = load(world, {"email": A, "sms_opt_out": "yes", "email_opt_in": "yes"})
    assert result.outcomes == {2: "skipped"}
    assert ann.consent == {"sms": "opted_out", "email": "unknown"}
    assert ann.status == "archived"


def test_an_opt_out_of_a_row_rejected_for_another_reason_is_not_read() -> None:
    world = new_world()
    load(world, {"phone": P1, "sms_opt_in": "yes"}, {"phone": "555", "sms_opt_out": "yes"})
    assert only(world).consent["sms"] == "opted_in"


def test_a_no_or_nonsense_changes_nothing() -> None:
    world = new_world()
    result = load(world, {"phone": P1, "sms_opt_in": "no", "sms_opt_out": "maybe"}, opt_in=["sms"])
    assert only(world).consent["sms"] == "unknown"
    assert result.notice_set == {(2, "sms_opt_out", "not_yes_or_no")}


@pytest.mark.parametrize(
    ("phone", "notice"), [("", None), ("415.555.2671", None), (P2, "phone_kept"), ("123", "phone_invalid")]
)
def test_an_opt_in_needs_the_same_address_or_a_blank_cell(phone: str, notice: str | None) -> None:
    world = new_world()
    ann = person(world, phone=P1, email=A)
    result = load(world, {"phone": phone, "email": A, "sms_opt_in": "yes"})
    assert ann.consent["sms"] == ("opted_in" if notice is None else "unknown")
    assert result.notices == ({} if notice is None else {notice: 1, "opt_in_without_address": 1})


def test_an_opt_in_without_address_is_noticed_also_where_already_opted_in() -> None:
    world = new_world()
    ann = person(world, phone=P1, email=A)
    world.shopper_start(ann, "sms")
    result = load(world, {"phone": CellFault("cell_error"), "email": A, "sms_opt_in": "yes"})
    assert result.notice_set == {(2, "phone", "cell_error"), (2, "sms_opt_in", "opt_in_without_address")}
    assert result.outcomes == {2: "unchanged"}


def test_withheld_once_per_row_before_any_other_notice_and_only_for_the_shoppers_own_word() -> None:
    world = new_world()
    ann, bob = person(world, phone=P1, email=A), person(world, phone=P3)
    load(world, {"phone": P1, "sms_opt_out": "yes"}, {"phone": P3, "sms_opt_out": "yes"})
    for channel in ("sms", "email"):
        world.shopper_stop(ann, channel)
    result = load(
        world,
        {"phone": P2, "email": A, "sms_opt_in": "yes", "email_opt_in": "yes"},
        {"phone": P3, "sms_opt_in": "yes"},
        import_id=2,
    )
    assert result.notice_set == {(2, "phone", "phone_kept"), (2, "sms_opt_in", "opt_in_withheld")}
    assert result.consent["withheld"] == 1
    assert ann.consent == {"sms": "opted_out", "email": "opted_out"}
    assert bob.consent["sms"] == "opted_in"


def test_opt_in_option_touches_no_opt_out_and_draws_no_notice() -> None:
    world = new_world()
    ann, bob = person(world, phone=P1), person(world, phone=P2)
    world.shopper_stop(ann, "sms")
    world.staff_opt_out(bob, "sms")
    result = load(world, {"phone": P1}, {"phone": P2}, {"phone": P3}, {"email": A}, opt_in=["sms", "email"])
    states = [p.consent for p in world.personas.values()]
    assert [s["sms"] for s in states] == ["opted_out", "opted_out", "opted_in", "unknown"]
    assert [s["email"] for s in states] == ["unknown", "unknown", "unknown", "opted_in"]
    assert result.notices == {}


def test_confirm_opt_ins_makes_sms_pending_and_never_steps_back() -> None:
    world = new_world(confirm_opt_ins=True)
    ann = person(world, phone=P1)
    world.shopper_start(ann, "sms")
    result = load(
        world, {"phone": P1, "sms_opt_in": "yes"}, {"phone": P2, "email": B, "sms_opt_in": "yes", "email_opt_in": "yes"}
    )
    assert ann.consent["sms"] == "opted_in"
    assert world.find(B) is not None
    assert result.consent["sms_pending"] == 1
    assert result.consent["email_opted_in"] == 1
    assert load(world, {"phone": P2, "sms_opt_in": "yes"}, import_id=2).outcomes == {2: "unchanged"}
