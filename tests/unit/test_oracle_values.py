"""The oracle's reading of single cells: cleaning, phones, e-mails, points, words, dates."""

from datetime import date

import pytest

from tests.oracle import clean, dates, header_key, values


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a\t\r\n b", "a  b"),
        ("\ufeff\u200b x\u00a0", "x"),
        ("be\u0301", "b\u00e9"),
        ("ring\x07\x9f", "ring"),
        ("क्\u200dष", "क्\u200dष"),
        ("'5", "5"),
        ("'-5", "'-5"),
        ("'tis", "'tis"),
        ("soft\u00adhy\u202bphen\u2069", "softhyphen"),
    ],
)
def test_cleaning(raw: str, text: str) -> None:
    assert clean(raw) == text


def test_names_compare_by_letters_and_digits() -> None:
    assert header_key("\uff33hoe  Size #2") == header_key("shoe_SIZE2") == "shoesize2"


@pytest.mark.parametrize(
    ("text", "region", "stored"),
    [
        ("(415) 555-2671", "US", "+14155552671"),
        ("4155552671.0", "US", "+14155552671"),
        ("3012345678.0", "DE", "+493012345678"),
        ("030/12345678", "DE", "+493012345678"),
        ("0044 7400 123456", "GB", "+447400123456"),
        ("\u0664\u0661\u0665\u0665\u0665\u0665\u0662\u0666\u0667\u0661", "US", "+14155552671"),
        ("415\u200d5552671", "US", "+14155552671"),
        ("1.55512E+10", "US", "phone_shortened"),
        ("1,55512e10", "DE", "phone_shortened"),
        ("415-555-2671 / 415-555-2672", "US", "phone_several"),
        ("415-555-2671 or 415-555-2672", "US", "phone_several"),
        ("4155552671 4155552672", "US", "phone_several"),
        ("415 555 2671 415 555 2672", "US", "phone_several"),
        ("415-555-2671 x123", "US", "phone_extension"),
        ("415-555-2671 ext. 123", "US", "phone_extension"),
        ("555-1234 ext 9", "US", "phone_extension"),
        ("1-800-FLOWERS", "US", "phone_letters"),
        ("N/A", "US", "phone_letters"),
        ("(555) 123-4567", "US", "phone_invalid"),
        ("12", "US", "phone_invalid"),
        ("---", "US", "phone_invalid"),
    ],
)
def test_phone(text: str, region: str, stored: str) -> None:
    if stored.startswith("+"):
        assert values.phone(text, region) == stored
    else:
        with pytest.raises(values.Rejected, match=stored):
            values.phone(text, region)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Bob.B+x@EXAMPLE.com", "bob.b+x@example.com"),
        ("Jos\u00e9@M\u00fcller.de", "jos\u00e9@xn--mller-kva.de"),
        ("Bob <b@x.com>", None),
        ("mailto:b@x.com", None),
        ("b@x.com.", None),
        ("b@x.com, c@x.com", None),
    ],
)
def test_email(text: str, stored: str | None) -> None:
    if stored is None:
        with pytest.raises(values.Rejected, match="email_invalid"):
            values.email(text)
    else:
        assert values.email(text) == stored


@pytest.mark.parametrize(
    ("text", "delta"),
    [
        ("50", 50),
        ("+50", 50),
        ("-1,000", -1000),
        ("(50)", -50),
        ("(1,000.00)", -1000),
        ("\u22125.0", -5),
        ("999,999,999", 999_999_999),
        ("000000007", 7),
        ("(0)", 0),
    ],
)
def test_points(text: str, delta: int) -> None:
    assert values.points(text) == delta


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "inf",
        "1e5",
        "1_000",
        "5.5",
        "50-",
        "(-50)",
        "(+50)",
        "(\u221250)",
        "--5",
        "\u0665",
        "\uff15",
        "1,00",
        "1000,000",
        "1234567890",
        "1,000,000,000",
        "5.000",
        ".0",
        "$5",
        "5 pts",
        "- 5",
        "()",
        "5.",
    ],
)
def test_points_refused(text: str) -> None:
    with pytest.raises(values.Rejected, match="points_invalid"):
        values.points(text)


@pytest.mark.parametrize(
    ("texts", "region", "order"),
    [
        (["13/02/2020", "01/02/2020"], "US", "dmy"),
        (["01/02/2020"], "US", "mdy"),
        (["01/02/2020"], "GB", "dmy"),
        (["13/02/2020", "02/13/2020"], "US", "mdy"),
        (["2020/1/2", "2020-01-02", "junk", "45321"], "US", "ymd"),
        (["2020-01-02"], "JP", "ymd"),
        ([], "HU", "ymd"),
    ],
)
def test_column_order(texts: list[str], region: str, order: str) -> None:
    assert dates.column_order(texts, None, region) == order
    assert dates.column_order(texts, "dmy", region) == "dmy"


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2024-01-31", "dmy", date(2024, 1, 31)),
        ("2024-01-31 23:59:59", "mdy", date(2024, 1, 31)),
        ("2024-01-31T10:00:00+02:00", "mdy", date(2024, 1, 31)),
        ("1/2/2024", "mdy", date(2024, 1, 2)),
        ("1.2.2024", "dmy", date(2024, 2, 1)),
        ("2024/1/2", "ymd", date(2024, 1, 2)),
    ],
)
def test_dates(text: str, order: str, day: date) -> None:
    assert dates.read_date(text, order) == day


@pytest.mark.parametrize(
    "text", ["45321", "1/2/24", "31/12/2024", "2024/1/2", "1/2-2024", "2024-02-30", "2024-01-31T99"]
)
def test_no_dates(text: str) -> None:
    with pytest.raises(values.Rejected, match="date_invalid"):
        dates.read_date(text, "mdy")


@pytest.mark.parametrize(
    ("text", "fine"), [("1900-01-01", True), ("1899-12-31", False), ("2026-01-31", True), ("2026-02-01", False)]
)
def test_birthdays_from_1900_to_today(text: str, fine: bool) -> None:
    try:
        dates.read_birthday(text, "mdy", date(2026, 1, 31))
        assert fine
    except values.Rejected:
        assert not fine


def test_words() -> None:
    assert [values.yes_or_no(w) for w in ("X", "on", "T", "1", "Off", "0")] == [True, True, True, True, False, False]
    assert values.customer_type("Adult Use") == "recreational"
    assert [values.attribute(w) for w in ("YES", "y", "x", "1", "n", "FALSE")] == [True, True, "x", "1", None, None]
