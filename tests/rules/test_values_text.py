"""What every cell goes through, text as it stands, and what a blank does."""

from typing import Any

import pytest

from tests.rules.shop import ANN, Shop, as_csv
from tests.running import Running

pytestmark = pytest.mark.services

#: What a person sees → what is stored.
COMPOSED = {"Zoe\u0308": "Zoë", "A\u030angstro\u0308m": "Ångström"}
BROKEN = {"Ann\tLee": "Ann Lee", "Ann\n\r\tLee": "Ann Lee", "Ann\u2028Lee": "Ann Lee", "\nAnn\n": "Ann"}
INVISIBLE = {
    "A\u200bn\u2060n": "Ann",
    "\ufeffAnn": "Ann",
    "An\u00adn": "Ann",
    "\u202aAnn\u202c\u200e": "Ann",
    "A\x07n\x1bn": "Ann",
}
JOINED = {"👩\u200d🍳": "👩\u200d🍳", "می\u200cخواهم": "می\u200cخواهم"}
TRIMMED = {"  Ann\u00a0": "Ann", "\u3000Ann\u2003": "Ann", " a  b ": "a  b"}
APOSTROPHES = {"'42": "42", "'٤٢": "٤٢", "'Ann": "'Ann", "''42": "''42", "O'Neill": "O'Neill"}
AS_IT_STANDS = {"=1+1": "=1+1", "NULL": "NULL", "Ann & <Bo>": "Ann & <Bo>", "null": "null", "N/A": "N/A", "-": "-"}
ALL = {**COMPOSED, **BROKEN, **INVISIBLE, **JOINED, **TRIMMED, **APOSTROPHES, **AS_IT_STANDS}


@pytest.fixture(scope="module")
def stored(system: Running) -> dict[str, str | None]:
    """What a city is stored as, by what stood in the cell."""
    shop = Shop(system)
    rows = [[f"a{number}@example.org", text] for number, text in enumerate(ALL)]
    told = shop.bring(as_csv(["Email", "City"], *rows))
    assert (told["rows"]["created"], told.notices) == (len(ALL), {})
    cities = {person["email"]: person["city"] for person in shop.people()}
    return {text: cities[email] for email, text in rows}


@pytest.mark.parametrize("text", COMPOSED)
def test_letters_are_composed(stored: dict[str, str], text: str) -> None:
    """letters are composed (NFC)"""
    assert stored[text] == COMPOSED[text]


@pytest.mark.parametrize("text", BROKEN)
def test_tabs_and_line_breaks_become_one_blank(stored: dict[str, str], text: str) -> None:
    """tabs and line breaks become one blank"""
    assert stored[text] == BROKEN[text]


@pytest.mark.parametrize("text", INVISIBLE)
def test_invisible_characters_vanish(stored: dict[str, str], text: str) -> None:
    """control characters and invisible ones (zero-width space, word joiner …"""
    assert stored[text] == INVISIBLE[text]


@pytest.mark.parametrize("text", JOINED)
def test_joiners_stay(stored: dict[str, str], text: str) -> None:
    """joiners of emoji and scripts stay …"""
    assert stored[text] == JOINED[text]


def test_joiners_vanish_from_phones_and_emails(shop: Shop) -> None:
    """joiners of emoji and scripts stay, except in phones and e-mails"""
    told = shop.bring("Phone,Email\n415\u200d555\u200c2671\u200d,a\u200c@example.org\u200d\n")
    assert told.notices == {}
    assert (shop.show(ANN)["phone"], shop.show(ANN)["email"]) == (ANN, "a@example.org")


@pytest.mark.parametrize("text", TRIMMED)
def test_white_space_goes_at_both_ends(stored: dict[str, str], text: str) -> None:
    """white space goes at both ends"""
    assert stored[text] == TRIMMED[text]


@pytest.mark.parametrize("text", APOSTROPHES)
def test_one_apostrophe_before_a_digit_goes(stored: dict[str, str], text: str) -> None:
    """an apostrophe before a digit goes"""
    assert stored[text] == APOSTROPHES[text]


@pytest.mark.parametrize("text", AS_IT_STANDS)
def test_other_text_is_kept_as_it_stands(stored: dict[str, str], text: str) -> None:
    """everything else: as it stands …"""
    assert stored[text] == AS_IT_STANDS[text]


def test_a_full_name_is_kept_and_never_split(shop: Shop) -> None:
    """everything else: as it stands; a full name is never taken apart"""
    shop.bring('Phone,Full Name\n4155552671,"Lee, Ann M."\n')
    told = shop.show(ANN)
    assert (told["full_name"], told["first_name"], told["last_name"]) == ("Lee, Ann M.", None, None)


FILLED = {
    "first_name": "Ann", "last_name": "Lee", "full_name": "Ann Lee", "birthday": "1990-01-31", "address": "1 A St",
    "address2": "Apt 2", "city": "Reno", "state": "NV", "postal_code": "01234", "country": "US", "gender": "f",
    "customer_type": "med", "loyalty": "yes", "loyalty_signup_date": "2024-01-31", "favorite_store": "Uptown",
    "external_id": "7", "points": "5", "sms_opt_in": "yes", "email_opt_in": "yes", "attribute:Shoe": "42",
}  # fmt: skip


def test_a_blank_never_overwrites_anything(shop: Shop) -> None:
    """A blank never overwrites anything."""
    headers = ["Phone", "Email", *FILLED]
    named = {header: header.lower() if header in ("Phone", "Email") else header for header in headers}
    shop.bring(as_csv(headers, ["4155552671", "a@example.org", *FILLED.values()]), map=named)
    before = shop.show(ANN)
    blanks = [" \u200b", "\t", "\u00a0", ""] * len(FILLED)
    rows = [["4155552671", "", *blanks[: len(FILLED)]], ["", "a@example.org", *blanks[1 : len(FILLED) + 1]]]
    options: list[dict[str, Any]] = [{}, {"only_fill_blanks": True}, {"replace_identifiers": True}]
    for option in options:
        told = shop.bring(as_csv(headers, *rows), map=named, **option)
        assert (told.outcomes, told.notices) == ({2: "unchanged", 3: "unchanged"}, {})
        assert shop.show(ANN) == before


def test_a_value_that_cannot_be_used_draws_one_notice_and_counts_as_blank(shop: Shop) -> None:
    """A value that cannot be used draws one notice and counts as blank."""
    headers = ["Phone", "Email", "birthday", "customer_type", "points", "loyalty", "loyalty_signup_date"]
    named = {header: header.lower() for header in headers}
    shop.bring(
        as_csv(headers, ["4155552671", "a@example.org", "1990-01-31", "med", "5", "yes", "2024-01-31"]), map=named
    )
    before = shop.show(ANN)
    row = ["4155552671 or 2125550187 x5", "a@example.org", "soon", "both", "5.5 or 6", "maybe", "31.31.2024"]
    told = shop.bring(as_csv(headers, row), map=named)
    assert told.notices == {
        2: [
            *("birthday date_invalid", "customer_type customer_type_unknown", "loyalty not_yes_or_no"),
            *("loyalty_signup_date date_invalid", "phone phone_several", "points points_invalid"),
        ]
    }
    assert told["notices"] == {
        "customer_type_unknown": 1,
        "date_invalid": 2,
        "not_yes_or_no": 1,
        "phone_several": 1,
        "points_invalid": 1,
    }
    assert told.outcomes == {2: "unchanged"}
    assert shop.show(ANN) == before
