"""The oracle against examples worked by hand: who a row is, and what it changes (consent apart)."""

import pytest

from tests.factories.worlds import OTHER_PHONE as P2
from tests.factories.worlds import PHONE as P1
from tests.factories.worlds import load, new_world, only, person
from tests.oracle import CellFault, apply_import

A, B, C = "a@example.com", "b@example.com", "c@example.com"


# --- who is it


def test_nobody_matches_creates_and_a_second_row_updates_or_changes_nothing() -> None:
    world = new_world()
    result = load(
        world,
        {"phone": "(415) 555-2671", "email": "A@Example.com"},
        {"phone": P1, "first_name": "Ann"},
        {"email": A, "first_name": "Ann"},
    )
    assert result.outcomes == {2: "created", 3: "updated", 4: "unchanged"}
    assert (only(world).phone, only(world).email) == (P1, A)
    assert result.audience == {only(world).id}


def test_a_merged_persona_answers_for_its_survivor_and_keeps_its_identifiers() -> None:
    world = new_world()
    survivor, other = person(world, email=A), person(world, phone=P1, email=B)
    world.merge(survivor, other)
    result = load(world, {"phone": P1, "city": "Reno", "sms_opt_in": "yes"})
    assert result.outcomes == {2: "updated"}
    assert (survivor.phone, survivor.profile) == (None, {"city": "Reno"})
    assert result.notice_set == {(2, "phone", "phone_kept"), (2, "sms_opt_in", "opt_in_without_address")}


def test_phone_of_the_merged_and_email_of_the_survivor_are_no_conflict() -> None:
    world = new_world()
    survivor, other = person(world, email=A), person(world, phone=P1)
    world.merge(survivor, other)
    result = load(world, {"phone": P1, "email": A}, replace_identifiers=True)
    assert result.outcomes == {2: "unchanged"}
    assert result.notices == {"phone_kept": 1}
    assert (survivor.phone, other.phone) == (None, P1)


def test_external_id_is_no_key() -> None:
    world = new_world()
    result = load(world, {"email": A, "external_id": "7"}, {"email": B, "external_id": "7"})
    assert result.rows["created"] == 2


def test_identity_conflict_rejects_with_notices_kept_and_points_refused() -> None:
    world = new_world()
    person(world, phone=P1)
    person(world, email=A)
    result = load(world, {"phone": P1, "email": A, "points": "50", "birthday": "soon"})
    assert result.rejects == {"identity_conflict": 1}
    assert result.notices == {"date_invalid": 1}
    assert result.points == {"added": 0, "subtracted": 0, "refused": 50}
    assert result.audience == set()


@pytest.mark.parametrize(("chosen", "kept"), [("phone", "email"), ("email", "phone")])
def test_on_conflict_updates_the_chosen_one_and_the_other_identifier_stays(chosen: str, kept: str) -> None:
    world = new_world()
    people = {"phone": person(world, phone=P1), "email": person(world, email=A)}
    result = load(world, {"phone": P1, "email": A, "city": "Ely"}, on_conflict=chosen, replace_identifiers=True)
    assert result.outcomes == {2: "updated"}
    assert result.notice_set == {(2, kept, f"{kept}_kept")}
    assert people[chosen].profile == {"city": "Ely"}
    assert people[kept].profile == {}
    assert getattr(people[chosen], kept) is None


def test_a_lacking_identifier_is_gained_and_matches_from_then_on() -> None:
    world = new_world()
    ann = person(world, email=A)
    result = load(world, {"phone": P1, "email": A}, {"phone": P1})
    assert result.outcomes == {2: "updated", 3: "unchanged"}
    assert ann.phone == P1


def test_a_different_identifier_is_kept_back_and_stored_nowhere() -> None:
    world = new_world()
    ann = person(world, phone=P1, email=A)
    result = load(world, {"phone": P2, "email": A}, {"phone": P2})
    assert result.outcomes == {2: "unchanged", 3: "created"}
    assert result.notice_set == {(2, "phone", "phone_kept")}
    assert ann.phone == P1


def test_replaced_phone_takes_permission_back_and_frees_the_old_number() -> None:
    world = new_world()
    ann = person(world, phone=P1, email=A)
    world.shopper_start(ann, "sms")
    result = load(world, {"phone": P2, "email": A}, {"phone": P1}, replace_identifiers=True)
    assert result.outcomes == {2: "updated", 3: "created"}
    assert (ann.phone, ann.consent["sms"]) == (P2, "unknown")
    assert [(e.before, e.after) for e in result.events] == [("opted_in", "unknown")]
    assert sum(result.consent.values()) == 0


@pytest.mark.parametrize(("confirm", "state"), [(False, "opted_in"), (True, "pending")])
def test_a_yes_in_the_replacing_row_is_for_the_new_number_in_one_event(confirm: bool, state: str) -> None:
    world = new_world(confirm_opt_ins=confirm)
    ann = person(world, phone=P1, email=A)
    world.set_consent(ann, "sms", state, "staff")
    result = load(world, {"phone": P2, "email": A, "sms_opt_in": "x"}, replace_identifiers=True)
    assert ann.consent["sms"] == state
    assert result.consent[f"sms_{state}"] == 1
    assert len(result.events) == 1


def test_an_opt_out_stays_with_a_replaced_phone_and_a_replaced_email_resets_nothing() -> None:
    world = new_world()
    ann = person(world, phone=P1, email=A)
    world.shopper_stop(ann, "sms")
    world.shopper_start(ann, "email")
    load(world, {"phone": P2, "email": A}, {"phone": P2, "email": B}, replace_identifiers=True)
    assert (ann.phone, ann.email) == (P2, B)
    assert ann.consent == {"sms": "opted_out", "email": "opted_in"}


def test_archived_is_skipped_with_its_points_refused() -> None:
    world = new_world()
    ann = person(world, phone=P1)
    world.archive(ann)
    result = load(world, {"phone": P1, "points": "5", "city": "Ely", "email": "nope"})
    assert result.rows["skipped"] == 1
    assert (result.rejects, result.codes) == ({}, {2: "archived"})
    assert result.points["refused"] == 5
    assert result.audience == set()
    assert ann.profile == {}


def test_archived_restore_brings_back_first_unless_the_row_is_rejected() -> None:
    world = new_world()
    ann, bob = person(world, phone=P1), person(world, email=B)
    world.archive(ann)
    assert load(world, {"phone": P1, "email": B}, archived="restore").rows["rejected"] == 1
    assert ann.status == "archived"
    assert load(world, {"phone": P1}, import_id=2, archived="restore").outcomes == {2: "updated"}
    assert (ann.status, bob.status) == ("active", "active")


def test_blocked_whoever_else_matches_and_without_notices() -> None:
    world = new_world()
    ann, bob = person(world, phone=P1), person(world, email=B)
    world.forget(ann)
    result = load(world, {"phone": P1, "email": B, "points": "7", "birthday": "x", "email_opt_out": "yes"})
    assert (result.rejects, result.notices) == ({"blocked": 1}, {})
    assert result.points["refused"] == 7
    assert bob.consent["email"] == "unknown"


def test_codes_come_in_the_order_of_the_rules() -> None:
    world = new_world()
    headers, mapping = ["phone", "city"], {"phone": "phone", "city": "city"}
    long = "x" * 32_768
    rows: list[list[str | CellFault]] = [
        ["\x00", long, "more"],
        ["bad", long, "more"],
        ["bad", "Ely", "more"],
        ["bad", "Ely", " "],
        ["", "\u200b", "\t"],
        [P1],
    ]
    result = apply_import(world, headers, rows, mapping)
    assert result.codes == {2: "cell_not_text", 3: "cell_too_long", 4: "row_too_wide", 5: "no_phone_or_email"}
    assert result.notice_set == {(5, "phone", "phone_letters")}
    assert result.outcomes[7] == "created"
    assert 6 not in result.outcomes


def test_only_unmapped_cells_filled_is_a_row_and_unmapped_cells_are_not_judged() -> None:
    world = new_world()
    mapping: dict[str, str | None] = {"Phone": "phone", "Junk": None}
    result = apply_import(world, ["Phone", "Junk"], [["", "a"], [P1, "\x00"], [P1, "", "wide"]], mapping, workbook=True)
    assert result.codes == {2: "no_phone_or_email"}
    assert result.outcomes == {2: "rejected", 3: "created", 4: "unchanged"}


# --- what changes


def test_blank_and_dropped_values_never_overwrite() -> None:
    world = new_world()
    ann = person(world, email=A, city="Ely", birthday="1990-05-01")
    result = load(world, {"email": A, "city": " \u200b", "birthday": "2030-01-01"})
    assert result.outcomes == {2: "unchanged"}
    assert ann.profile == {"city": "Ely", "birthday": "1990-05-01"}


def test_only_fill_blanks_spares_identifiers_points_and_consent() -> None:
    world = new_world()
    values = {"city": "Ely", "customer_type": "medical", "loyalty_signup_date": "2020-01-01", "attribute:Shoe": "41"}
    ann = world.add({"email": A, "favorite_store": "Old", **values}, source="purchase_history")
    load(
        world,
        {
            "email": A,
            "phone": P1,
            "points": "5",
            "email_opt_in": "y",
            "city": "Reno",
            "state": "NV",
            "customer_type": "rec",
            "loyalty_signup_date": "2024-01-01",
            "attribute:SHOE": "yes",
            "favorite_store": "New",
        },
        only_fill_blanks=True,
    )
    assert ann.profile == {"city": "Ely", "customer_type": "medical", "state": "NV"}
    assert (ann.favorite_store, ann.loyalty_signup_date, ann.attributes) == ("Old", "2020-01-01", {"shoe": "41"})
    assert (ann.phone, world.balance(ann), ann.consent["email"]) == (P1, 5, "opted_in")


@pytest.mark.parametrize(
    ("source", "replaced"),
    [("wallet", False), ("app", False), ("signup_form", False), ("staff", False), ("purchase_history", True)],
)
def test_a_file_replaces_only_what_a_file_or_purchases_chose(source: str, replaced: bool) -> None:
    world = new_world()
    ann = world.add({"email": A, "favorite_store": "Old"}, source=source)
    load(world, {"email": A, "favorite_store": "New"})
    assert (ann.favorite_store, ann.favorite_store_source) == (("New", "file") if replaced else ("Old", source))


def test_attributes_true_over_text_no_removes_nothing_and_first_spelling_stays() -> None:
    world = new_world()
    result = load(world, {"email": A, "attribute:Shoe size": "x", "attribute:Vet": "1"})
    result = load(
        world,
        {"email": A, "attribute:SHOE-Size": "Yes", "attribute:Vet": "No"},
        {"email": A, "attribute:SHOE-Size": "false"},
        import_id=2,
    )
    assert result.outcomes == {2: "updated", 3: "unchanged"}
    assert world.export()[0]["attributes"] == {"Shoe size": True, "Vet": "1"}


def test_loyalty_yes_or_a_date_makes_a_member_points_do_not_and_no_takes_nothing() -> None:
    world = new_world()
    load(
        world,
        {"email": A, "points": "5", "loyalty": "no"},
        {"email": B, "loyalty": "on"},
        {"email": C, "loyalty_signup_date": "2024-02-29T10:00:00Z", "loyalty": "no"},
        {"email": C, "loyalty_signup_date": "2023-02-28"},
    )
    a, b, c = world.personas.values()
    assert [p.loyalty for p in (a, b, c)] == [False, True, True]
    assert c.loyalty_signup_date == "2023-02-28"


def test_points_below_zero_are_refused_whole_and_order_matters() -> None:
    world = new_world()
    result = load(
        world, {"email": A, "points": "(60)"}, {"email": A, "points": "1,050.00"}, {"email": A, "points": "\u221250"}
    )
    assert result.outcomes == {2: "created", 3: "updated", 4: "updated"}
    assert result.points == {"added": 1050, "subtracted": 50, "refused": -60}
    assert result.notice_set == {(2, "points", "points_below_zero")}
    assert [(x.line, x.delta) for x in world.ledger] == [(3, 1050), (4, -50)]


def test_negative_balance_allowed_by_option_and_zero_is_no_change() -> None:
    world = new_world()
    result = load(world, {"email": A, "points": "-60"}, {"email": A, "points": "0"}, allow_negative_balance=True)
    assert result.outcomes == {2: "created", 3: "unchanged"}
    assert world.balance(only(world)) == -60
