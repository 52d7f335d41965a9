"""Points, yes and no, dates, customer types: what is accepted, and the notice for everything else."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.rules.shop import Shop, Told, as_csv, at
from tests.running import Running

pytestmark = pytest.mark.services

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)  # still the evening before in New York
TODAY = date(2026, 3, 1)
POINTS = {
    "50": 50, "+50": 50, "-50": -50, "\u221250": -50, "(50)": -50, "1,000": 1000, "(1,234,567)": -1_234_567,
    "50.0": 50, "50.00": 50, "(50.0)": -50, "999999999": 999_999_999, "007": 7, "0": 0, "'8": 8,
}  # fmt: skip
NO_POINTS = [
    "NaN",
    "inf",
    "1e5",
    "1E+05",
    "1_000",
    "5.5",
    "50-",
    "(-50)",
    "٥٠",
    "５０",
    "1,00",
    "1000000000",
    "ten",
    "50.000",
]
YES = ["true", "YES", "y", "T", "1", "X", "On"]
NO = ["False", "no", "N", "f", "0", "OFF"]
NEITHER = ["maybe", "ja", "yes please", "1.0", "2", "✓"]
TYPES = {
    **dict.fromkeys(["medical", "MED", "Medical"], "medical"),
    **dict.fromkeys(["recreational", "Rec", "adult use", "Adult-Use", "ADULTUSE"], "recreational"),
}
NO_TYPES = ["both", "medicinal", "adult", "m"]
BIRTHDAYS = {
    "1/31/1990": "1990-01-31", "01-31-1990": "1990-01-31", "1.31.1990": "1990-01-31", "1990-01-31": "1990-01-31",
    "1990-01-31T10:00:00Z": "1990-01-31", "1990-01-31 23:59": "1990-01-31", "1/1/1900": "1900-01-01",
    "2/29/2000": "2000-02-29", str(TODAY): str(TODAY),
}  # fmt: skip
NO_BIRTHDAYS = [
    *(
        "12/31/1899",
        str(TODAY + timedelta(days=1)),
        "2/30/1990",
        "31/1/1990",
        "1/31/90",
        "36525",
        "1990",
        "Jan 31 1990",
    ),
    *("0000-00-00", "1/31-1990", "19900131", "1990-01-31T25:00"),
]


def bring(system: Running, header: str, cells: list[str], **more: Any) -> tuple[Told, list[dict[str, Any]]]:
    """A file with one column of cells; the personas in its order."""
    shop = at(Shop(system), lambda: NOW)
    rows = [[f"41555526{number:02d}", cell] for number, cell in enumerate(cells)]
    told = shop.bring(as_csv(["Phone", header], *rows), map={header: header}, **more)
    return told, shop.people()


def check_notices(told: Told, good: int, bad: int, notice: str) -> None:
    """The bad cells come after the good ones, and each draws this notice and no other."""
    assert told.notices == {line: [notice] for line in range(good + 2, good + bad + 2)}


def test_points(system: Running) -> None:
    """points: up to nine digits with + or - …"""
    told, people = bring(system, "points", [*POINTS, *NO_POINTS], allow_negative_balance=True)
    assert [person["points"] for person in people] == [*POINTS.values(), *[0] * len(NO_POINTS)]
    check_notices(told, len(POINTS), len(NO_POINTS), "points points_invalid")


def test_yes_and_no(system: Running) -> None:
    """yes and no: true/false, yes/no, y/n, t/f, 1/0, on/off, x for yes, in any case …"""
    told, people = bring(system, "loyalty", [*YES, *NO, *NEITHER])
    assert [person["loyalty"] for person in people] == [True] * len(YES) + [False] * (len(NO) + len(NEITHER))
    check_notices(told, len(YES) + len(NO), len(NEITHER), "loyalty not_yes_or_no")


def test_customer_types(system: Running) -> None:
    """customer type: medical, med; recreational, rec, adult use, adult-use, adultuse …"""
    told, people = bring(system, "customer_type", [*TYPES, *NO_TYPES])
    assert [person["customer_type"] for person in people] == [*TYPES.values(), *[None] * len(NO_TYPES)]
    check_notices(told, len(TYPES), len(NO_TYPES), "customer_type customer_type_unknown")


def test_birthdays(system: Running) -> None:
    """dates: year-month-day with or without time; day, month and four-digit year …"""
    told, people = bring(system, "birthday", [*BIRTHDAYS, *NO_BIRTHDAYS], date_order="mdy")
    assert [person["birthday"] for person in people] == [*BIRTHDAYS.values(), *[None] * len(NO_BIRTHDAYS)]
    check_notices(told, len(BIRTHDAYS), len(NO_BIRTHDAYS), "birthday date_invalid")


def test_other_dates_may_be_of_any_year(system: Running) -> None:
    """dates: year-month-day with or without time …"""
    told, people = bring(system, "loyalty_signup_date", ["1/31/1850", "2100-01-01"])
    assert [person["loyalty_signup_date"] for person in people] == ["1850-01-31", "2100-01-01"]
    assert told.notices == {}


@pytest.mark.parametrize(
    ("region", "options", "birthdays", "signups"),
    [
        # Several orders fit the first column, so the region's holds; a single one fits the second.
        ("US", {}, {"01/02/2000": "2000-01-02"}, {"01/02/2000": "2000-02-01", "31/12/2000": "2000-12-31"}),
        ("GB", {}, {"01/02/2000": "2000-02-01"}, {"01/02/2000": "2000-01-02", "12/31/2000": "2000-12-31"}),
        (
            "JP",
            {},
            {"2000/01/02": "2000-01-02", "01/02/2000": None},
            {"01/02/2000": "2000-02-01", "31/12/2000": "2000-12-31"},
        ),
        # None fits all, so the region's holds; what is no date at all has no say.
        ("US", {}, {"31/12/2000": None, "12/31/2000": "2000-12-31"}, {"31.12.2000": "2000-12-31", "99/99/2000": None}),
        ("US", {"date_order": "mdy"}, {"31/12/2000": None}, {"2000/12/31": None, "2000-12-31": "2000-12-31"}),
    ],
)
def test_one_order_of_dates_holds_for_a_column(
    system: Running, region: str, options: dict[str, str], birthdays: dict[str, str], signups: dict[str, str]
) -> None:
    """One order of day, month and year holds for a whole column: --date-order if given …"""
    shop = Shop(system, region=region)
    rows = [*([cell, ""] for cell in birthdays), *(["", cell] for cell in signups)]
    rows = [[f"a{number}@example.org", *row] for number, row in enumerate(rows)]
    shop.bring(as_csv(["Email", "Birthday", "Loyalty Signup Date"], *rows), **options)
    people = shop.people()
    assert [person["birthday"] for person in people[: len(birthdays)]] == list(birthdays.values())
    assert [person["loyalty_signup_date"] for person in people[len(birthdays) :]] == list(signups.values())


def test_each_column_has_its_own_order_and_a_saved_one_decides_between_several(shop: Shop) -> None:
    """One order of day, month and year holds for a whole column …"""
    header = "Phone,Birthday,Loyalty Signup Date\n"
    shop.bring(f"{header}4155552671,31/12/1990,12/31/2020\n2125550187,01/02/1990,01/02/2020\n", save_mapping="till")
    ann, bob = sorted(shop.people(), key=lambda person: str(person["birthday"]), reverse=True)
    assert (ann["birthday"], ann["loyalty_signup_date"]) == ("1990-12-31", "2020-12-31")
    assert (bob["birthday"], bob["loyalty_signup_date"]) == ("1990-02-01", "2020-01-02")
    shop.bring(f"{header}3105550123,01/02/1990,01/02/2020\n")
    cy = shop.show("+13105550123")
    assert (cy["birthday"], cy["loyalty_signup_date"]) == ("1990-02-01", "2020-01-02")
