"""What spreadsheets do to values: numbers, dates, errors, formulas, and digits that are gone."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.rules.shop import Shop, Told, as_xlsx
from tests.running import Running

pytestmark = pytest.mark.services

HEADER = ["Email", "Phone", "Birthday", "Zip", "Points", "Opt-in SMS", "Shoe", "City"]
ROWS: list[list[Any]] = [
    ["whole@example.org", 4155552671, date(1990, 1, 31), 12345, 50, True, 42, 12345678901],
    ["decimals@example.org", 2125550187.0, datetime.fromisoformat("1990-01-31 10:30"), 501.0, -7.0, 1, 42.5, 1e14],
    ["error@example.org", "#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#N/A", "Reno"],
    ["formula@example.org", "=A1", "=TODAY()", "=1", "=1+1", "=TRUE()", "=2", "=3"],
    [
        "long@example.org",
        41555526711234567,
        12345678901234567,
        1234567890123456,
        1234567890123456,
        0,
        1e20,
        123456789012345678,
    ],
    ["serial@example.org", None, 32904, None, 5.5, None, None, None],
    ["deaf@example.org", "#N/A", None, None, None, True, None, None],
]


@pytest.fixture(scope="module")
def sheet(system: Running) -> tuple[dict[str, dict[str, Any]], Told]:
    """Personas by the word before the @ of their e-mail."""
    shop = Shop(system)
    told = shop.bring(as_xlsx(HEADER, *ROWS), "customers.xlsx", map={"Shoe": "attribute:Shoe"})
    return {person["email"].partition("@")[0]: person for person in shop.people()}, told


def test_whole_numbers_have_no_decimals_and_no_exponent(sheet: tuple[dict[str, Any], Told]) -> None:
    """A whole number in a number cell has no decimals and no exponent."""
    people, told = sheet
    whole, decimals = people["whole"], people["decimals"]
    assert (whole["phone"], whole["postal_code"], whole["city"]) == ("+14155552671", "12345", "12345678901")
    assert (whole["points"], whole["attributes"]) == (50, {"Shoe": "42"})
    assert (decimals["phone"], decimals["postal_code"], decimals["city"]) == ("+12125550187", "501", "100000000000000")
    assert (decimals["points"], decimals["attributes"]) == (0, {"Shoe": "42.5"})
    assert told.notices[3] == ["points points_below_zero"]


def test_date_cells_are_dates_and_bare_numbers_are_not(sheet: tuple[dict[str, Any], Told]) -> None:
    """dates: year-month-day with or without time …"""
    people, told = sheet
    assert (people["whole"]["birthday"], people["decimals"]["birthday"]) == ("1990-01-31", "1990-01-31")
    assert people["serial"]["birthday"] is None
    assert told.notices[7] == ["birthday date_invalid", "points points_invalid"]


def test_errors_and_formulas_without_a_value_draw_cell_error(sheet: tuple[dict[str, Any], Told]) -> None:
    """A cell with a spreadsheet error or a formula without result draws cell_error.
    These two take the place of the field's own notice.
    """
    people, told = sheet
    fields = ["attribute:Shoe", "birthday", "phone", "points", "postal_code", "sms_opt_in"]
    assert told.notices[4] == [f"{field} cell_error" for field in fields]
    assert told.notices[5] == sorted(f"{field} cell_error" for field in [*fields, "city"])
    for name in ("error", "formula"):
        person = people[name]
        assert (person["phone"], person["birthday"], person["postal_code"], person["attributes"]) == (
            None,
            None,
            None,
            {},
        )
        assert (person["points"], person["consent"]["sms"]) == (0, "unknown")


def test_an_opt_in_beside_an_unreadable_phone_was_given_for_it(sheet: tuple[dict[str, Any], Told]) -> None:
    """If it was kept back, invalid or unreadable, the consent was given for something else …"""
    people, told = sheet
    assert people["deaf"]["consent"]["sms"] == "unknown"
    assert told.notices[8] == ["phone cell_error", "sms_opt_in opt_in_without_address"]


def test_numbers_of_more_than_fifteen_digits_draw_number_shortened(sheet: tuple[dict[str, Any], Told]) -> None:
    """A number of more than 15 digits, of which the spreadsheet has lost some, draws number_shortened.
    These two take the place of the field's own notice.
    """
    people, told = sheet
    fields = ["attribute:Shoe", "birthday", "city", "phone", "points", "postal_code"]
    assert told.notices[6] == [f"{field} number_shortened" for field in fields]
    person = people["long"]
    assert (person["phone"], person["city"], person["postal_code"], person["points"]) == (None, None, None, 0)


def test_a_key_that_is_an_error_leaves_the_row_without_one(shop: Shop) -> None:
    """no_phone_or_email: neither identifier is there and valid"""
    told = shop.bring(
        as_xlsx(["Phone", "Email"], ["#N/A", None], [41555526711234567, "bob@"], [4155552671, None]), "c.xlsx"
    )
    assert told.rejects == {2: "no_phone_or_email", 3: "no_phone_or_email"}
    assert told.notices == {2: ["phone cell_error"], 3: ["email email_invalid", "phone number_shortened"]}
