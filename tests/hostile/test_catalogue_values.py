"""Entries 38 to 61 of the catalogue: dates, phones, e-mails, points and yes or no, each a file with all it draws."""

import io
from typing import Any

import pytest
import xlsxwriter

from tests.hostile.catalogue import Case, expect, notices, observe, table
from tests.hostile.files import xls_of, xlsx_of
from tests.running import Running

pytestmark = pytest.mark.services


def dated(serial: float, *, date_1904: bool) -> bytes:
    """A workbook with one birthday as a spreadsheet's date, in one of the two systems of counting."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"date_1904": date_1904}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["Email", "Birthday"])
        sheet.write(1, 0, "ann@example.org")
        sheet.write(1, 1, serial, workbook.add_format({"num_format": "yyyy-mm-dd"}))
    return data.getvalue()


def born(day: str | None) -> list[dict[str, Any]]:
    return [{"email": "ann@example.org", "birthday": day}]


def phones(*cells: str) -> bytes:
    """A row with an e-mail for each phone, so that a bad phone costs a notice and not the row."""
    return table("Phone,Email", *(f'"{cell}",p{number:02}@example.org' for number, cell in enumerate(cells)))


def points(*cells: str) -> bytes:
    return table("Email,Points", *(f'p{number:02}@example.org,"{cell}"' for number, cell in enumerate(cells)))


AMBIGUOUS = table("Email,Birthday", "ann@example.org,03/04/1990")

DATES = [
    Case(38, "1900", dated(33_270, date_1904=False), "a.xlsx", personas=born("1991-02-01")),
    Case(38, "1904", dated(33_270, date_1904=True), "a.xlsx", personas=born("1995-02-02")),
    Case(38, "old workbook", xls_of([["Email", "Birthday"], ["ann@example.org", 33_270]], style="YYYY-MM-DD"), "a.xls",
         personas=born("1991-02-01"), notices=frozenset()),
    Case(38, "serial number as text", table("Email,Birthday", "ann@example.org,33270"), personas=born(None),
         notices=notices("birthday", "date_invalid", 2)),
    Case(38, "serial number without a date's format", xlsx_of([["Email", "Birthday"], ["ann@example.org", 33_270]]),
         "a.xlsx", personas=born(None), notices=notices("birthday", "date_invalid", 2)),
    Case(39, "the day that never was", dated(60, date_1904=False), "a.xlsx", personas=born("1900-02-28")),
    Case(39, "the day after", dated(61, date_1904=False), "a.xlsx", personas=born("1900-03-01")),
    Case(39, "the day that never was, as text", table("Email,Birthday", "ann@example.org,1900-02-29"),
         personas=born(None), notices=notices("birthday", "date_invalid", 2)),
    Case(40, "month first in the US", AMBIGUOUS, personas=born("1990-03-04")),
    Case(40, "day first elsewhere", AMBIGUOUS, settings={"region": "GB"}, personas=born("1990-04-03")),
    Case(40, "as the import says", AMBIGUOUS, options={"date_order": "dmy"}, personas=born("1990-04-03")),
    Case(40, "as another row shows", AMBIGUOUS + b"bob@example.org,13/04/1990\n",
         personas=[*born("1990-04-03"), {"birthday": "1990-04-13"}]),
]  # fmt: skip

PHONES = [
    Case(41, "shortened", phones("1.55512E+10", "4.15555e9", "4155552671"),
         notices=notices("phone", "phone_shortened", 2, 3),
         personas=[{"phone": None}, {"phone": None}, {"phone": "+14155552671"}]),
    Case(42, "a float's text", phones("3012345678.0", "3012345679.00"), settings={"region": "DE"},
         personas=[{"phone": "+493012345678"}, {"phone": "+493012345679"}]),
    Case(42, "a float's text, US", phones("4155552671.0"), personas=[{"phone": "+14155552671"}]),
    Case(42, "a number cell", xlsx_of([["Phone"], [4155552671.0]]), "a.xlsx", personas=[{"phone": "+14155552671"}]),
    Case(43, "twenty digits", xlsx_of([["Phone", "Email"], [12345678901234567890, "a@example.org"]]), "a.xlsx",
         notices=notices("phone", "number_shortened", 2), personas=[{"phone": None}]),
    Case(43, "twenty digits and nothing else", xlsx_of([["Phone", "Email"], [12345678901234567890, None]]), "a.xlsx",
         notices=notices("phone", "number_shortened", 2), rejects={2: "no_phone_or_email"}, personas=[]),
    Case(44, "apostrophe", phones("'4155552671"), personas=[{"phone": "+14155552671"}]),
    Case(45, "lost zero that does not count", phones("2079460958"), settings={"region": "GB"},
         personas=[{"phone": "+442079460958"}]),
    Case(45, "lost zero that counts", phones("0612345678", "612345678"), settings={"region": "IT"},
         notices=notices("phone", "phone_invalid", 3), personas=[{"phone": "+390612345678"}, {"phone": None}]),
    Case(46, "prefixes at home", phones("00442079460958", "442079460958", "+442079460958"), settings={"region": "GB"},
         personas=[{"phone": "+442079460958"}], notices=notices("email", "email_kept", 3, 4)),
    Case(46, "another country's prefix", phones("00442079460958"), notices=notices("phone", "phone_invalid", 2),
         personas=[{"phone": None}]),
    Case(47, "two in a cell", phones("4155552671/4155552672", "4155552671 or 415 555 2672", "4155552671 4155552672"),
         notices=notices("phone", "phone_several", 2, 3, 4), personas=[{"phone": None}] * 3),
    Case(47, "extension", phones("4155552671 x123", "4155552672 ext. 9"),
         notices=notices("phone", "phone_extension", 2, 3), personas=[{"phone": None}] * 2),
    Case(48, "words", phones("1-800-FLOWERS", "N/A"), notices=notices("phone", "phone_letters", 2, 3),
         personas=[{"phone": None}] * 2),
    Case(48, "other digits", phones("\u0664\u0661\u0665\u0665\u0665\u0665\u0662\u0666\u0667\u0661",
                                    "\uff14\uff11\uff15\uff15\uff15\uff15\uff12\uff16\uff17\uff12"),
         personas=[{"phone": "+14155552671"}, {"phone": "+14155552672"}]),
    Case(49, "possible but not valid", phones("(555) 123-4567"), notices=notices("phone", "phone_invalid", 2),
         personas=[{"phone": None}]),
    Case(50, "unseen characters", table("First Name,Phone,Email", "\u00a0A\u200bnn\u200e ,"
         "\ufeff(415)\u00a0555\u200b-2671,\u200eann\u2060@example.org\u00a0"),
         personas=[{"first_name": "Ann", "phone": "+14155552671", "email": "ann@example.org"}]),
    Case(50, "joiners stay in names only", table("First Name,Email",
         "\u0646\u06cc\u200c\u0645\u0627,a\u200db@example.org"),
         personas=[{"first_name": "\u0646\u06cc\u200c\u0645\u0627", "email": "ab@example.org"}]),
    Case(51, "names of all kinds", table("First Name,Email", "Zoe\u0308 \U0001f469\u200d\U0001f680,a@example.org",
         "\u05d3\u05d5\u05d3,b@example.org"),
         personas=[{"first_name": "Zo\u00eb \U0001f469\u200d\U0001f680"}, {"first_name": "\u05d3\u05d5\u05d3"}]),
]  # fmt: skip

EMAILS = [
    Case(52, "case and spaces", table("Email,Phone", " BOB@Example.ORG ,", "bob@example.org,4155552671"),
         personas=[{"email": "bob@example.org", "phone": "+14155552671"}]),
    Case(52, "no addresses", table("Phone,Email", "4155552671,mailto:a@example.org", "4155552672,Bob <b@example.org>",
         "4155552673,bob@example.org.", "4155552674,a@b@example.org", "4155552675,bob@", "4155552676,none",
         f"4155552677,{'x' * 243}@example.org", '4155552678,"a@example.org, b@example.org"'),
         notices=notices("email", "email_invalid", *range(2, 10)), personas=[{"email": None}] * 8),
    Case(52, "domain for no mail", table("Email", "a@B\u00fccher.invalid"),
         rejects={2: "no_phone_or_email"}, notices=notices("email", "email_invalid", 2), personas=[]),
    Case(52, "domain of other letters", table("Email", "A@B\u00fccher.de"),
         personas=[{"email": "a@xn--bcher-kva.de"}]),
    Case(52, "dotted capital i", table("Email", "\u0130@example.org", "\u0130@EXAMPLE.org"), read=2,
         personas=[{"email": "i\u0307@example.org"}]),
]  # fmt: skip

POINTS = [
    Case(53, "thousands and signs", points("1,000", "1.000,5", "$50", "50 pts", "1,00", "1 000"),
         notices=notices("points", "points_invalid", 3, 4, 5, 6, 7),
         personas=[{"points": amount} for amount in (1000, 0, 0, 0, 0, 0)]),
    Case(54, "minus in three ways", table("Email,Points", "a@example.org,200", "a@example.org,(50)",
         "a@example.org,-50", "a@example.org,\u221250", "a@example.org,50-", "a@example.org,(-50)",
         "a@example.org,(+5)"),
         notices=notices("points", "points_invalid", 6, 7, 8), personas=[{"points": 50}]),
    Case(55, "fractions", points("5.5", "5.0", "5.00", "5.000", "5."),
         notices=notices("points", "points_invalid", 2, 5, 6), personas=[{"points": p} for p in (0, 5, 5, 0, 0)]),
    Case(56, "not numbers", points("NaN", "inf", "-Infinity", "1e309", "1e5", "0x10"),
         notices=notices("points", "points_invalid", *range(2, 8)), personas=[{"points": 0}] * 6),
    Case(57, "digits of others", points("1_000", "\u0661\u0662\u0663", "\uff15\uff15", "\u00b2", "5"),
         notices=notices("points", "points_invalid", 2, 3, 4, 5), personas=[{"points": p} for p in (0, 0, 0, 0, 5)]),
    Case(58, "huge", points("9" * 5000, "2147483648", "1000000000", "999999999", "9,999,999,999"),
         notices=notices("points", "points_invalid", 2, 3, 4, 6),
         personas=[{"points": p} for p in (0, 0, 0, 999_999_999, 0)]),
    Case(59, "a sum beyond 32 bits", table("Email,Points", *["a@example.org,999999999"] * 5),
         personas=[{"points": 4_999_999_995}]),
    Case(59, "below zero", table("Email,Points", "a@example.org,10", "a@example.org,-11", "a@example.org,-10"),
         notices=notices("points", "points_below_zero", 3), personas=[{"points": 0}]),
    Case(59, "below zero, allowed", table("Email,Points", "a@example.org,10", "a@example.org,-11"),
         options={"allow_negative_balance": True}, personas=[{"points": -1}]),
]  # fmt: skip

_YES = ["YES", "y", "True", "T", "1", "x", "on"]
_NO = ["no", "N", "FALSE", "f", "0", "off", ""]
_NEITHER = ["ja", "oui", "2", "-", "yes please", "\uff59\uff45\uff53"]
WORDS = [
    Case(60, "yes, no and the rest", table("Email,Opt-in Email", *(f"p{number:02}@example.org,{word}" for number, word
         in enumerate([*_YES, *_NO, *_NEITHER]))), notices=notices("email_opt_in", "not_yes_or_no", *range(16, 22)),
         personas=[{"email_consent": "opted_in" if number < len(_YES) else "unknown"} for number in range(20)]),
    Case(61, "blank leaves what is there", table("Email,Points,Opt-in Email,First Name", "a@example.org,5,yes,Ann",
         "a@example.org,,,", "a@example.org,\u00a0,\u200b, "), read=3,
         personas=[{"points": 5, "email_consent": "opted_in", "first_name": "Ann"}]),
]  # fmt: skip

CASES = [*DATES, *PHONES, *EMAILS, *POINTS, *WORDS]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number}-{case.name.replace(' ', '-')}")
def test_values(system: Running, case: Case) -> None:
    assert observe(system, case) == expect(case)
