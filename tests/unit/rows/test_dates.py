"""Dates in every order, in ISO, and at the edges of the calendar."""

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rows.dates import FIRST_BIRTHDAY, read_date, read_dates
from schemas.mapping import DateOrder

TODAY = date(2026, 3, 1)
ORDERS: tuple[DateOrder, ...] = ("mdy", "dmy", "ymd")

EVERY_ORDER = {
    "2024-01-31": date(2024, 1, 31),
    "2024-01-31T13:45:00": date(2024, 1, 31),
    "2024-01-31 13:45": date(2024, 1, 31),
    "2024-01-31 13:45:00.123456": date(2024, 1, 31),
    "2024-01-31T23:59:59Z": date(2024, 1, 31),
    "2024-01-31T23:59:59-05:00": date(2024, 1, 31),
    "0001-01-01": date(1, 1, 1),
    "2024-02-29": date(2024, 2, 29),
}
NO_ORDER = [
    "45322", "20240131", "2024-W05-3", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-01-00",
    "0000-01-01", "01/02/24", "1/2-2024", "01-02/2024", "Jan 5, 2024", "0/0/00", "00/00/0000", "2024-01-31 25:00",
    "2024-01-31 noon", "31.13.2024", "13/13/2024", "\u0660\u0661/\u0660\u0662/\u0662\u0660\u0662\u0664", "01 02 2024",
    "2024-01-31x", "01/31/2024 00:00", "99/99/9999", "--", "2024-01", "1/1/10000", "2024-1-31-",
]  # fmt: skip


@pytest.mark.parametrize("order", ORDERS)
def test_iso_is_read_in_every_order(order: DateOrder) -> None:
    column = read_dates(pa.array([*EVERY_ORDER, None]), order)
    assert column.values.to_pylist() == [*EVERY_ORDER.values(), None]
    assert column.codes.null_count == len(EVERY_ORDER) + 1


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("text", NO_ORDER)
def test_no_date_in_any_order(text: str, order: DateOrder) -> None:
    column = read_dates(pa.array([text]), order)
    assert column.values.to_pylist() == [None]
    assert column.codes.to_pylist() == ["date_invalid"]


@pytest.mark.parametrize(
    ("text", "mdy", "dmy", "ymd"),
    [
        ("03/04/2024", date(2024, 3, 4), date(2024, 4, 3), None),
        ("3/4/2024", date(2024, 3, 4), date(2024, 4, 3), None),
        ("3.4.2024", date(2024, 3, 4), date(2024, 4, 3), None),
        ("03-04-2024", date(2024, 3, 4), date(2024, 4, 3), None),
        ("13/04/2024", None, date(2024, 4, 13), None),
        ("04/13/2024", date(2024, 4, 13), None, None),
        ("2024/04/13", None, None, date(2024, 4, 13)),
        ("2024.4.3", None, None, date(2024, 4, 3)),
        ("2024-4-3", None, None, date(2024, 4, 3)),
        ("29.02.2023", None, None, None),
        ("02/29/2024", date(2024, 2, 29), None, None),
    ],
)
def test_the_order_decides(text: str, mdy: date | None, dmy: date | None, ymd: date | None) -> None:
    for order, expected in zip(ORDERS, (mdy, dmy, ymd), strict=True):
        assert read_dates(pa.array([text]), order).values.to_pylist() == [expected]
        assert read_date(text, order)[0] == expected


def test_bytes_behind_a_null_are_no_date() -> None:
    text = pa.array(["2024-01-31", "2024-02-01"])
    blanked = pa.Array.from_buffers(pa.string(), 2, [pa.array([False, True]).buffers()[1], *text.buffers()[1:]])
    assert blanked.to_pylist() == [None, "2024-02-01"]
    assert read_dates(blanked, "mdy").values.to_pylist() == [None, date(2024, 2, 1)]


def test_birthdays_are_from_1900_to_today() -> None:
    cells = ["1899-12-31", "1900-01-01", "2026-03-01", "2026-03-02", "12/31/1899", "3/2/2026", "1/1/1900"]
    column = read_dates(pa.array(cells), "mdy", FIRST_BIRTHDAY, TODAY)
    assert column.values.to_pylist() == [None, date(1900, 1, 1), TODAY, None, None, None, date(1900, 1, 1)]
    assert read_dates(pa.array(["1850-01-01", "2050-01-01"]), "mdy").values.null_count == 0


@given(
    st.lists(st.dates() | st.just(None), max_size=20), st.sampled_from(ORDERS), st.sampled_from("/.-"), st.booleans()
)
def test_bytes_and_text_agree(days: list[date | None], order: DateOrder, separator: str, padded: bool) -> None:
    shapes = {"mdy": "{1}{3}{2}{3}{0:04d}", "dmy": "{2}{3}{1}{3}{0:04d}", "ymd": "{0:04d}{3}{1}{3}{2}"}
    width = "{:02d}" if padded else "{:d}"
    cells = [
        day and shapes[order].format(day.year, width.format(day.month), width.format(day.day), separator)
        for day in days
    ]
    assert read_dates(pa.array(cells, pa.string()), order).values.to_pylist() == days


def test_every_ten_digit_shape_agrees_with_the_careful_reading() -> None:
    start = date(2023, 12, 25)
    days = [start + timedelta(days=n) for n in range(0, 500, 3)]
    cells = [f"{d:%m/%d/%Y}" for d in days] + [f"{d:%d.%m.%Y}" for d in days] + [f"{d:%Y-%m-%d}" for d in days]
    cells += [
        "2024-02-30",
        "31/04/2024",
        "04/31/2024",
        "ab/cd/efgh",
        "2024/01-01",
        "12345-6-78",
        "1-2-3-4-56",
        "//////////",
    ]
    for order in ORDERS:
        fast = read_dates(pa.array(cells), order)
        assert fast.values.to_pylist() == [read_date(cell, order)[0] for cell in cells]
