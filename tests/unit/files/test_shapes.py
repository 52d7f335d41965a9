"""What values look like."""

import pytest

from pipeline.files.shapes import DMY, MDY, YMD, date_orders, is_email, is_number, is_phone, is_yes_no

ALL = MDY | DMY | YMD


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("2024-01-31", ALL),
        ("2024-01-31T10:00:00Z", ALL),
        ("2024-01-31 10:00", ALL),
        ("2023-02-29", 0),
        ("01/31/2024", MDY),
        ("31/01/2024", DMY),
        ("3.4.2025", MDY | DMY),
        ("03-04-2025", MDY | DMY),
        ("2024/01/31", YMD),
        ("2024.1.5", YMD),
        ("2024-1-5", YMD),
        ("02/30/2024", 0),
        ("31/04/2020", 0),
        ("1/2/24", 0),
        ("13/13/2024", 0),
        ("01/02.2024", 0),
        ("45322", 0),
        ("5551234567", 0),
        ("", 0),
    ],
)
def test_dates(text: str, orders: int) -> None:
    assert date_orders(text) == orders


@pytest.mark.parametrize("text", ["+1 (415) 555-0101", "4155550101", "415.555.0101", "030/1234567", "5550101 x12"])
def test_phones(text: str) -> None:
    assert is_phone(text)


@pytest.mark.parametrize(
    "text",
    ["123456", "94107-1234", "2024-01-31", "01/31/2024", "1" * 16, "Ann", "a@example.org", "", "x1234567", "1e10"],
)
def test_no_phones(text: str) -> None:
    assert not is_phone(text)


def test_other_shapes() -> None:
    assert is_email("a.b+c@example.co.uk")
    assert not any(map(is_email, ["a@b", "a b@example.org", "Bob <b@example.org>", "a@example.org, b@example.org", ""]))
    assert all(map(is_number, ["5", "-5", "1,000.50", "$50", "(50)", "5%", "+7"]))
    assert not any(map(is_number, ["", "five", "5 pts", "-"]))
    assert all(map(is_yes_no, ["Yes", "NO", "x", "1", "off", "T"]))
    assert not any(map(is_yes_no, ["", "maybe", "ja"]))
