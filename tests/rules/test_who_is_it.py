"""Whose row is it: matching, identifiers that are gained, kept or replaced, conflicts, archived and merged personas."""

from typing import Any

import pytest

from tests.rules.shop import ANN, BOB, CY, Shop, Told
from tests.running import Running

pytestmark = pytest.mark.services

NEW = "+14155552699"


def test_a_row_belongs_to_the_persona_with_its_phone_or_its_email(shop: Shop) -> None:
    """A row belongs to the persona with its phone or its e-mail.
    One found: it is updated.
    """
    shop.add(phone=ANN, email="a@example.org")
    told = shop.bring("Phone,Email,City\n4155552671,,Reno\n,A@example.org,Ely\n(415) 555-2671,a@EXAMPLE.org,Elko\n")
    assert list(told.outcomes.values()) == ["updated"] * 3
    assert [person["city"] for person in shop.people()] == ["Elko"]


def test_whoever_nobody_is_found_for_is_created(shop: Shop) -> None:
    """Nobody found: a persona is created."""
    told = shop.bring("Phone,Email\n4155552671,\n,b@example.org\n3105550123,c@example.org\n")
    assert list(told.outcomes.values()) == ["created"] * 3
    assert [(person["phone"], person["email"]) for person in shop.people()] == [
        (None, "b@example.org"),
        (CY, "c@example.org"),
        (ANN, None),
    ]
    assert {person["status"] for person in shop.people()} == {"active"}


def test_an_external_id_is_no_key(shop: Shop) -> None:
    """An external id is kept, but nobody is found by it here."""
    shop.add(phone=ANN, external_id="77")
    told = shop.bring("External ID,Phone,City\n77,2125550187,Reno\n77,,Ely\n", map={"External ID": "external_id"})
    assert told.outcomes == {2: "created", 3: "rejected"}
    assert [(person["phone"], person["external_id"], person["city"]) for person in shop.people()] == [
        (BOB, "77", "Reno"),
        (ANN, "77", None),
    ]


def test_a_merged_persona_answers_for_its_survivor(shop: Shop) -> None:
    """A persona that was merged away is represented by its survivor."""
    first, second, third = shop.add(phone=ANN), shop.add(phone=BOB, email="b@example.org"), shop.add(phone=CY)
    shop.merge(ANN, BOB)
    shop.merge(CY, ANN)
    told = shop.bring("Phone,Email,Points,City\n2125550187,,5,Reno\n,b@example.org,7,\n4155552671,b@example.org,1,\n")
    assert list(told.outcomes.values()) == ["updated"] * 3
    assert (shop.show(third)["points"], shop.show(third)["city"]) == (13, "Reno")
    assert [shop.show(who)["points"] for who in (first, second)] == [0, 0]
    assert told["audience"]["members"] == 1


@pytest.fixture(scope="module")
def conflicts(system: Running) -> dict[str, tuple[Shop, Told]]:
    """The same two personas and the same conflict, by option."""
    return {option: _conflict(Shop(system), option) for option in ("reject", "phone", "email")}


def _conflict(shop: Shop, option: str) -> tuple[Shop, Told]:
    shop.add(phone=ANN)
    shop.add(email="b@example.org")
    return shop, shop.bring("Phone,Email,City,Points\n4155552671,b@example.org,Reno,5\n", on_conflict=option)


def test_two_found_is_a_conflict(conflicts: dict[str, tuple[Shop, Told]]) -> None:
    """Two found: identity_conflict."""
    shop, told = conflicts["reject"]
    assert told.rejects == {2: "identity_conflict"}
    assert {(person["city"], person["points"]) for person in shop.people()} == {(None, 0)}


@pytest.mark.parametrize(
    ("option", "notice", "cities"), [("phone", "email", [None, "Reno"]), ("email", "phone", ["Reno", None])]
)
def test_on_conflict_chooses_one_and_keeps_the_other_identifier(
    conflicts: dict[str, tuple[Shop, Told]], option: str, notice: str, cities: list[str | None]
) -> None:
    """With --on-conflict phone or email the owner of the chosen one is updated …"""
    shop, told = conflicts[option]
    assert (told.outcomes, told.notices) == ({2: "updated"}, {2: [f"{notice} {notice}_kept"]})
    assert [(person["phone"], person["email"]) for person in shop.people()] == [(None, "b@example.org"), (ANN, None)]
    assert [person["city"] for person in shop.people()] == cities


def test_a_lacking_identifier_is_gained(shop: Shop) -> None:
    """A persona without the row's identifier gains it."""
    shop.add(phone=ANN)
    shop.add(email="b@example.org")
    told = shop.bring("Phone,Email\n4155552671,a@example.org\n2125550187,b@example.org\n")
    assert (list(told.outcomes.values()), told.notices) == (["updated"] * 2, {})
    assert [(person["phone"], person["email"]) for person in shop.people()] == [
        (BOB, "b@example.org"),
        (ANN, "a@example.org"),
    ]


def test_another_identifier_is_kept_and_the_rows_stored_nowhere(shop: Shop) -> None:
    """A persona with another one keeps its own (phone_kept, email_kept), and the row's is stored nowhere."""
    shop.add(phone=ANN, email="a@example.org")
    told = shop.bring("Phone,Email\n2125550187,a@example.org\n4155552671,other@example.org\n2125550187,\n")
    assert told.notices == {2: ["phone phone_kept"], 3: ["email email_kept"]}
    assert told.outcomes == {2: "unchanged", 3: "unchanged", 4: "created"}
    assert [(person["phone"], person["email"]) for person in shop.people()] == [(BOB, None), (ANN, "a@example.org")]


def test_replace_identifiers_turns_that_round_and_frees_the_old_one(shop: Shop) -> None:
    """With --replace-identifiers the row's identifier takes the place of the old one …"""
    ann = shop.add(phone=ANN, email="a@example.org")
    told = shop.bring(
        "Phone,Email,City\n2125550187,a@example.org,Reno\n4155552671,,Ely\n2125550187,new@example.org,\n,a@example.org,Elko\n",
        replace_identifiers=True,
    )
    assert (told.outcomes, told.notices) == ({2: "updated", 3: "created", 4: "updated", 5: "created"}, {})
    assert (shop.show(ann)["phone"], shop.show(ann)["email"]) == (BOB, "new@example.org")
    assert shop.show(ANN)["city"] == "Ely"
    assert shop.show("a@example.org")["city"] == "Elko"


def test_an_identifier_is_never_taken_from_another_persona(shop: Shop) -> None:
    """It is never taken from another persona."""
    ann, bob = shop.add(phone=ANN, email="a@example.org"), shop.add(phone=BOB, email="b@example.org")
    told = shop.bring(
        "Phone,Email,City\n2125550187,a@example.org,Reno\n", replace_identifiers=True, on_conflict="email"
    )
    assert told.notices == {2: ["phone phone_kept"]}
    assert [(shop.show(who)["phone"], shop.show(who)["city"]) for who in (ann, bob)] == [(ANN, "Reno"), (BOB, None)]


@pytest.fixture(scope="module")
def replaced(system: Running) -> tuple[Shop, Told, dict[str, dict[str, Any]]]:
    """New phones for personas in every state of consent, some with a yes beside it; texts wait for the old ones."""
    shop = Shop(system, confirm_opt_ins=False)
    for number, state in enumerate(
        ["unknown", "pending", "opted_in", "opted_out", "pending", "opted_in", "opted_out", "unknown"]
    ):
        who = shop.add(phone=f"+1415555260{number}", email=f"a{number}@example.org")
        shop.set(who, sms_consent=state)
        shop.schedule_text(who, f"+1415555260{number}")
    rows = "".join(f"415555261{n},a{n}@example.org,{'yes' if n > 3 else ''}\n" for n in range(8))
    told = shop.bring(f"Phone,Email,Opt-in SMS\n{rows}", replace_identifiers=True)
    return shop, told, {person["email"]: person for person in shop.people()}


def test_a_new_phone_sets_consent_back(replaced: tuple[Shop, Told, dict[str, dict[str, Any]]]) -> None:
    """A new phone sets an SMS consent of opted in or pending back to unknown."""
    _, told, people = replaced
    assert [people[f"a{n}@example.org"]["consent"]["sms"] for n in range(3)] == ["unknown"] * 3
    assert told.events[:2] == ["3 sms pending>unknown", "4 sms opted_in>unknown"]


def test_a_new_phone_cancels_what_waits_for_the_old(replaced: tuple[Shop, Told, dict[str, dict[str, Any]]]) -> None:
    """It also cancels a text that waits for the old number."""
    shop, _, _ = replaced
    assert [waiting["state"] for waiting in shop.waiting_texts()] == ["cancelled"] * 8


def test_an_opt_out_stays_through_a_new_phone(replaced: tuple[Shop, Told, dict[str, dict[str, Any]]]) -> None:
    """An opt-out stays through it."""
    _, told, people = replaced
    assert people["a3@example.org"]["consent"]["sms"] == "opted_out"
    assert not any(event.startswith("5 ") for event in told.events)


def test_a_yes_beside_a_new_phone_is_for_the_new_number(replaced: tuple[Shop, Told, dict[str, dict[str, Any]]]) -> None:
    """A yes in the same row is given for the new number and makes one event."""
    _, told, people = replaced
    assert [people[f"a{n}@example.org"]["consent"]["sms"] for n in range(4, 8)] == ["opted_in"] * 4
    assert told.events[2:] == [
        *("6 sms unknown>opted_in", "7 sms unknown>opted_in", "8 sms opted_out>opted_in", "9 sms unknown>opted_in")
    ]
    assert told["consent"]["sms_opted_in"] == 4


def test_rows_of_the_archived_are_skipped(shop: Shop) -> None:
    """An archived persona: the row is skipped (archived)."""
    shop.archive(shop.add(phone=ANN, city="Reno"))
    told = shop.bring("Phone,Email,City,Points\n4155552671,a@example.org,Ely,5\n2125550187,,,\n")
    assert told.outcomes == {2: "skipped", 3: "created"}
    assert told["rows"]["skipped"] == 1
    ann = shop.show(ANN)
    assert (ann["status"], ann["email"], ann["city"], ann["points"]) == ("archived", None, "Reno", 0)
    assert told["audience"]["members"] == 1


def test_archived_restore_brings_back_unless_the_row_is_rejected(shop: Shop) -> None:
    """With --archived restore the persona comes back first, unless the row is rejected."""
    for phone, email in ((ANN, "a@example.org"), (BOB, "b@example.org"), (CY, "c@example.org")):
        shop.archive(shop.add(phone=phone, email=email))
    told = shop.bring(
        "Phone,Email,City\n4155552671,,Ely\n2125550187,,\n3105550123,b@example.org,Elko\n", archived="restore"
    )
    assert told.outcomes == {2: "updated", 3: "updated", 4: "rejected"}
    assert [(person["status"], person["city"]) for person in shop.people()] == [
        ("active", None),
        ("archived", None),
        ("active", "Ely"),
    ]


@pytest.mark.parametrize("replace", [False, True])
def test_a_survivor_does_not_gain_the_phone_of_whoever_was_merged_into_it(shop: Shop, replace: bool) -> None:
    """A rule that had to be found is the one for a survivor without phone …
    The same goes for e-mails.
    An opt-in for that channel in such a row draws opt_in_without_address.
    """
    survivor, other = shop.add(email="a@example.org"), shop.add(phone=BOB)
    survivor2, other2 = shop.add(phone=CY), shop.add(email="c@example.org")
    shop.merge(str(survivor), str(other))
    shop.merge(str(survivor2), str(other2))
    told = shop.bring(
        "Phone,Email,City,Opt-in SMS,Opt-in Email\n2125550187,a@example.org,Reno,yes,\n,c@example.org,Ely,,yes\n",
        replace_identifiers=replace,
    )
    assert told.notices == {
        2: ["phone phone_kept", "sms_opt_in opt_in_without_address"],
        3: ["email email_kept", "email_opt_in opt_in_without_address"],
    }
    assert (shop.show(survivor)["phone"], shop.show(survivor)["city"]) == (None, "Reno")
    assert (shop.show(survivor2)["email"], shop.show(survivor2)["city"]) == (None, "Ely")
    shop.unmerge(BOB)
    assert shop.show(BOB)["status"] == "active"
