"""What changes of a profile: fields, favorite store, custom attributes, loyalty."""

from typing import Any

import pytest

from tests.rules.shop import ANN, BOB, CY, Shop, as_csv
from tests.rules.test_values_text import FILLED

pytestmark = pytest.mark.services

OTHER = {
    "first_name": "Bo", "last_name": "Ray", "full_name": "Bo Ray", "birthday": "1991-12-01", "address": "2 B St",
    "address2": "Apt 9", "city": "Ely", "state": "CA", "postal_code": "99999", "country": "CA", "gender": "m",
    "customer_type": "rec", "loyalty": "no", "loyalty_signup_date": "2025-12-31", "favorite_store": "Harbour",
    "external_id": "8", "points": "7", "sms_opt_in": "no", "email_opt_in": "no", "attribute:Shoe": "43",
}  # fmt: skip
STORED = {"customer_type": {"med": "medical", "rec": "recreational"}}
#: Fields whose values a later one replaces.
REPLACED = [name for name in OTHER if name not in ("points", "sms_opt_in", "email_opt_in", "loyalty", "attribute:Shoe")]


def bring_twice(shop: Shop, **options: Any) -> None:
    """One persona by two files: one with every field, one with other values for all of them."""
    for values in (FILLED, OTHER):
        file = as_csv(["phone", *values], ["4155552671", *values.values()])
        shop.bring(file, map={name: name for name in ["phone", *values]}, **options)


def test_the_last_value_that_is_not_blank_wins(shop: Shop) -> None:
    """The last value of the profile that is not blank wins."""
    bring_twice(shop)
    told = shop.show(ANN)
    for name in REPLACED:
        assert told[name] == STORED.get(name, {}).get(OTHER[name], OTHER[name]), name
    assert told["attributes"] == {"Shoe": "43"}
    told_of_file = shop.bring("Phone,City,State\n4155552671,Elko,\n4155552671,,NV\n4155552671,Reno,\n")
    assert list(told_of_file.outcomes.values()) == ["updated"] * 3
    assert (shop.show(ANN)["city"], shop.show(ANN)["state"]) == ("Reno", "NV")


def test_only_fill_blanks_keeps_what_is_there(shop: Shop) -> None:
    """With --only-fill-blanks a value that is there stays: profile, customer type, store, dates and attributes."""
    bring_twice(shop, only_fill_blanks=True)
    told = shop.show(ANN)
    for name in REPLACED:
        assert told[name] == STORED.get(name, {}).get(FILLED[name], FILLED[name]), name
    assert told["attributes"] == {"Shoe": "42"}
    shop.bring(
        "Phone,City,Hat\n2125550187,Reno,red\n2125550187,Ely,blue\n",
        map={"Hat": "attribute:Hat"},
        only_fill_blanks=True,
    )
    assert (shop.show(BOB)["city"], shop.show(BOB)["attributes"]) == ("Reno", {"Hat": "red"})


def test_only_fill_blanks_does_not_concern_identifiers_points_and_consent(shop: Shop) -> None:
    """Identifiers, points and consent are not concerned by that option."""
    who = shop.add(phone=ANN, email="a@example.org", points="10", reason="welcome", sms_opt_out="yes")
    told = shop.bring(
        "Phone,Email,Points,Opt-in SMS\n2125550187,a@example.org,5,yes\n",
        only_fill_blanks=True,
        replace_identifiers=True,
    )
    assert told.outcomes == {2: "updated"}
    assert (shop.show(who)["phone"], shop.show(who)["points"], shop.consent(who)[0]) == (BOB, 15, "opted_in")


@pytest.mark.parametrize("several", [False, True], ids=["one row", "several rows"])
def test_whoever_chose_the_favorite_store_matters(shop: Shop, several: bool) -> None:
    """Whoever chose the favorite store matters: wallet or app, then a sign-up form or staff …
    A file replaces only what a file or purchase history chose.
    """
    sources = ["wallet", "app", "signup_form", "staff", "file", "purchase_history"]
    for number, source in enumerate(sources):
        who = shop.add(phone=f"+1415555260{number}")
        shop.set(who, favorite_store="Old", favorite_store_source=source)
    shop.add(phone="+14155552606")
    rows = "".join(f"415555260{number},New\n" for number in range(7)) * (2 if several else 1)
    told = shop.bring(f"Phone,Favorite Store\n{rows}")
    people = shop.people()
    assert [person["favorite_store"] for person in people] == ["Old"] * 4 + ["New"] * 3
    assert [person["favorite_store_source"] for person in people] == [*sources[:4], "file", "file", "file"]
    assert list(told.outcomes.values())[:7] == ["unchanged"] * 4 + ["updated"] * 3


def test_a_file_that_confirms_a_guessed_store_has_chosen_it(shop: Shop) -> None:
    """A file replaces only what a file or purchase history chose."""
    who = shop.add(phone=ANN)
    shop.set(who, favorite_store="Uptown", favorite_store_source="purchase_history")
    told = shop.bring("Phone,Favorite Store\n4155552671,Uptown\n4155552671,Uptown\n")
    assert told.outcomes == {2: "updated", 3: "unchanged"}
    assert shop.show(who)["favorite_store_source"] == "file"


def test_attributes_are_true_or_their_text(shop: Shop) -> None:
    """Yes, y or true sets a custom attribute to true, also over a text.
    No, n, false or a blank changes nothing about it.
    Anything else, 1 and x too, is its value.
    """
    cells = {
        "Yes": True, "Y": True, "TRUE": True, "no": "old", "N": "old", "False": "old", "": "old",
        "1": "1", "x": "x", "t": "t", "on": "on", "0": "0", "f": "f", "medium": "medium",
    }  # fmt: skip
    phones = [f"41555526{number:02d}" for number in range(len(cells))]
    for old in (["old"] * len(cells), list(cells)):
        file = as_csv(["Phone", "Hat"], *([phone, cell] for phone, cell in zip(phones, old, strict=True)))
        told = shop.bring(file, map={"Hat": "attribute:Hat"})
    assert [person["attributes"]["Hat"] for person in shop.people()] == list(cells.values())
    assert list(told.outcomes.values()).count("unchanged") == 4
    assert told.notices == {}


def test_the_first_spelling_of_an_attributes_name_stays(shop: Shop) -> None:
    """Names of attributes are compared like headers, and the spelling that an account used first stays."""
    shop.bring("Phone,Fav. Strain\n4155552671,\n", map={"Fav. Strain": "attribute:unused spelling"})
    shop.bring("Phone,Fav. Strain\n4155552671,A\n", map={"Fav. Strain": "attribute:Fav. Strain"})
    shop.bring("Phone,FAVSTRAIN\n4155552671,B\n2125550187,C\n", map={"FAVSTRAIN": "attribute:ＦＡＶ strain"})
    shop.edit(BOB, attribute__fav_SPACE_strain="D")
    shop.bring("Phone,Unused Spelling\n3105550123,E\n", map={"Unused Spelling": "attribute:Unused Spelling"})
    assert [shop.show(who)["attributes"] for who in (ANN, BOB, CY)] == [
        {"Fav. Strain": "B"},
        {"Fav. Strain": "D"},
        {"Unused Spelling": "E"},
    ]


def test_a_file_takes_away_no_attribute_and_no_membership(shop: Shop) -> None:
    """A file never takes away an attribute or a membership."""
    shop.add(phone=ANN, loyalty="yes", attribute__Hat="red", attribute__Cap="yes")
    told = shop.bring(
        "Phone,Loyalty,Hat,Cap\n4155552671,no,no,false\n4155552671,,,\n",
        map={"Hat": "attribute:Hat", "Cap": "attribute:Cap", "Loyalty": "loyalty"},
    )
    assert set(told.outcomes.values()) == {"unchanged"}
    assert (shop.show(ANN)["attributes"], shop.show(ANN)["loyalty"]) == ({"Hat": "red", "Cap": True}, True)


def test_a_yes_or_a_date_makes_a_member(shop: Shop) -> None:
    """A yes for loyalty, or a sign-up date, makes a persona a member.
    The row's date replaces the one before.
    Points alone make nobody a member.
    """
    told = shop.bring(
        "Phone,Loyalty,Loyalty Signup Date,Points\n4155552671,yes,,\n2125550187,,2024-01-31,\n3105550123,,,50\n"
        "2125550187,,2023-05-01,\n4155552672,no,2022-01-01,\n"
    )
    assert told.outcomes[5] == "updated"
    told_of = {person["phone"]: (person["loyalty"], person["loyalty_signup_date"]) for person in shop.people()}
    assert told_of == {
        ANN: (True, None),
        BOB: (True, "2023-05-01"),
        CY: (False, None),
        "+14155552672": (True, "2022-01-01"),
    }
