"""Consent is for an address: whom an opt-out reaches, and which opt-ins were given for another number."""

import pytest

from tests.rules.shop import ANN, BOB, CY, Shop, Told
from tests.running import Running

pytestmark = pytest.mark.services

WANTED = {"Email Opt-out": "email_opt_out"}
HEADER = "Phone,Email,City,Opt-in SMS,Opt-in Email,Explicit SMS Opt-out,Email Opt-out\n"


def two(system: Running, **settings: bool) -> Shop:
    """Ann with a phone, Bob with an e-mail, both opted in on what they have."""
    shop = Shop(system, **settings)
    shop.add(phone=ANN, sms_opt_in="yes")
    shop.add(phone=BOB, email="b@example.org", sms_opt_in="yes", email_opt_in="yes")
    return shop


@pytest.mark.parametrize("again", [False, True], ids=["alone", "among others"])
@pytest.mark.parametrize("option", ["reject", "phone", "email"])
def test_an_opt_out_goes_to_the_owner_of_the_address(system: Running, option: str, again: bool) -> None:
    """An opt-out follows the address: it goes to the owner of the row's phone …
    So it counts even in a row that is rejected for an identity conflict …
    """
    shop = two(system)
    # Among others: more rows for both, so that they are decided one after the other.
    more = "4155552671,,Reno,yes,,,\n,b@example.org,Reno,yes,yes,,\n" if again else ""
    told = shop.bring(f"{HEADER}4155552671,b@example.org,Ely,yes,yes,yes,yes\n{more}", map=WANTED, on_conflict=option)
    assert (shop.consent(ANN)[0], shop.consent(BOB)) == ("opted_out", ("opted_in", "opted_out"))
    assert told.outcomes[2] == ("rejected" if option == "reject" else "updated")
    assert told.events == ["2 email opted_in>opted_out", "2 sms opted_in>opted_out"]
    if not again:
        cities = {"reject": (None, None), "phone": ("Ely", None), "email": (None, "Ely")}[option]
        assert (shop.show(ANN)["city"], shop.show(BOB)["city"]) == cities
        assert told["audience"]["members"] == (0 if option == "reject" else 1)


@pytest.fixture(scope="module")
def lost(system: Running) -> tuple[Shop, Told]:
    """Opt-outs whose row brings another address, none, an unreadable one; of the archived; in rejected rows."""
    shop = two(system)
    shop.archive(shop.add(phone=CY, email="c@example.org", email_opt_in="yes"))
    shop.add(phone="+14155552601", email="d@example.org", sms_opt_in="yes")
    shop.add(phone="+14155552602", email="e@example.org", sms_opt_in="yes")
    shop.add(phone="+14155552603", email="f@example.org", sms_opt_in="yes")
    shop.forget(shop.add(email="gone@example.org"))
    told = shop.bring(
        HEADER + "4155552699,d@example.org,,,,yes,\n"  # 2: another phone, which nobody owns
        ",e@example.org,,,,yes,\n"  # 3: none
        "nope,f@example.org,,,,yes,\n"  # 4: unreadable
        "3105550123,,Ely,,,yes,yes\n"  # 5: archived
        "nope,bob@,,,,yes,yes\n"  # 6: nobody
        "2125550187,gone@example.org,,,,yes,yes\n"  # 7: blocked
        "4155552671,,,,,yes,,surplus\n"  # 8: too wide
        f"4155552671,,{'x' * 40_000},,,yes,\n",  # 9: too long
        map=WANTED,
    )
    return shop, told


def test_an_opt_out_for_nobodys_address_goes_to_the_rows_persona(lost: tuple[Shop, Told]) -> None:
    """An opt-out follows the address: it goes to the owner of the row's phone (or e-mail, for that channel) …"""
    shop, told = lost
    assert [shop.consent(f"{name}@example.org")[0] for name in "def"] == ["opted_out"] * 3
    assert [told.outcomes[line] for line in (2, 3, 4)] == ["updated"] * 3


def test_an_opt_out_of_the_archived_counts(lost: tuple[Shop, Told]) -> None:
    """So it counts even in a row that is rejected for an identity conflict, or skipped …"""
    shop, told = lost
    assert (shop.consent(CY), shop.show(CY)["status"]) == (("opted_out", "opted_out"), "archived")
    assert told.outcomes[5] == "skipped"
    assert shop.show(CY)["city"] is None


def test_rows_rejected_for_another_reason_are_not_read(lost: tuple[Shop, Told]) -> None:
    """Rows rejected for another reason are not read."""
    shop, told = lost
    assert [told.rejects[line] for line in (6, 7, 8, 9)] == [
        "no_phone_or_email",
        "blocked",
        "row_too_wide",
        "cell_too_long",
    ]
    assert (shop.consent(ANN)[0], shop.consent(BOB)) == ("opted_in", ("opted_in", "opted_in"))


def test_a_rejected_opt_out_beats_an_opt_in_elsewhere(system: Running) -> None:
    """So it counts even in a row that is rejected for an identity conflict, or skipped, or applied to …"""
    shop = Shop(system)
    shop.add(phone=ANN)
    shop.add(email="b@example.org")
    shop.archive(shop.add(phone=CY))
    told = shop.bring(
        f"{HEADER}4155552671,,,yes,,,\n,b@example.org,,,yes,,\n4155552671,b@example.org,,,,yes,yes\n"
        "3105550123,,,,,yes,\n3105550123,,,yes,,,\n",
        map=WANTED,
    )
    assert [told.outcomes[line] for line in (2, 3, 4, 5, 6)] == [
        "unchanged",
        "unchanged",
        "rejected",
        "skipped",
        "skipped",
    ]
    assert told.events == ["4 email unknown>opted_out", "4 sms unknown>opted_out", "5 sms unknown>opted_out"]
    assert told["consent"]["sms_opted_in"] == told["consent"]["email_opted_in"] == 0


@pytest.mark.parametrize("again", [False, True], ids=["alone", "among others"])
def test_an_opt_in_needs_the_address_it_was_given_for(shop: Shop, again: bool) -> None:
    """An opt-in needs the address it was given for: after the row the persona must have one …
    If it was kept back, invalid or unreadable, the consent was given for something else …
    """
    for number in range(5):
        shop.add(phone=f"+1415555260{number}", email=f"a{number}@example.org", email_opt_in="yes")
    shop.add(email="only@example.org")
    shop.add(phone="+14155552609")
    rows = [
        "4155552600,a0@example.org,,yes,yes,,",  # the same addresses
        ",a1@example.org,,yes,,,",  # blank
        "4155552699,a2@example.org,,yes,,,",  # kept back
        "nope,a3@example.org,,yes,,,",  # invalid
        "4155552604,a4@,,,yes,,",  # invalid, of somebody who is opted in already
        ",only@example.org,,yes,,,",  # none at all
        "4155552609,new@example.org,,,yes,,",  # gained in this very row
        "nope,fresh@example.org,,yes,yes,,",  # of a new persona
    ]
    more = "".join(f"{row.partition(',')[0]},{row.split(',')[1]},Reno,,,,\n" for row in rows) if again else ""
    told = shop.bring(HEADER + "\n".join(rows) + f"\n{more}")
    refused = {line: [said for said in notices if "opt_in" in said] for line, notices in told.notices.items()}
    assert {line: said for line, said in refused.items() if said} == {
        **{line: ["sms_opt_in opt_in_without_address"] for line in (4, 5, 7, 9)},
        6: ["email_opt_in opt_in_without_address"],
    }
    assert [shop.consent(f"a{n}@example.org")[0] for n in range(4)] == ["opted_in", "opted_in", "unknown", "unknown"]
    assert shop.consent("a4@example.org") == ("unknown", "opted_in")
    assert (shop.consent("only@example.org")[0], shop.consent("+14155552609")[1]) == ("unknown", "opted_in")
    assert shop.consent("fresh@example.org") == ("unknown", "opted_in")
    assert told["notices"]["opt_in_without_address"] == 5
