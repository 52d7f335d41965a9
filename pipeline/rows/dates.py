"""Dates in ISO or in the column's order of day, month and year. Guesses no order."""

import re
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.rows.columns import Mask, Reading, byte_view, filled, read_rest
from schemas.mapping import DateOrder

#: No shopper's birthday is earlier.
FIRST_BIRTHDAY = date(1900, 1, 1)

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})([Tt ]\S.*)?")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})([/.-])([0-9]{1,2})\2([0-9]{1,2})")
_ZERO, _SLASH, _DOT, _HYPHEN = b"0/.-"
#: Where year, month and day stand in ten characters with separators, by order.
_PLACES: dict[DateOrder, tuple[int, int, int]] = {"mdy": (6, 0, 3), "dmy": (6, 3, 0), "ymd": (0, 5, 8)}


def read_dates(
    column: pa.StringArray, order: DateOrder, first: date | None = None, last: date | None = None
) -> Reading:
    """A cleaned column as date32; dates before `first` or after `last` are dropped like what is no date."""
    return read_rest(
        column, _accept_ten_characters(column, order, first, last), lambda text: read_date(text, order, first, last)
    )


def read_date(
    text: str, order: DateOrder, first: date | None = None, last: date | None = None
) -> tuple[date | None, str | None]:
    """One cleaned cell: the date and None, or None and a code."""
    try:
        day = date(*_split(text, order))
    except (TypeError, ValueError):
        return None, "date_invalid"
    if (first and day < first) or (last and day > last):
        return None, "date_invalid"
    return day, None


def _split(text: str, order: DateOrder) -> tuple[int, int, int]:
    """Year, month and day as written; ValueError if the text has not the shape."""
    if iso := _ISO.fullmatch(text):
        if iso[4]:
            # The day is the written one, whatever the zone; but the time must be one.
            datetime.fromisoformat(text)
        return int(iso[1]), int(iso[2]), int(iso[3])
    if order == "ymd":
        found = _YEAR_FIRST.fullmatch(text)
        if found:
            return int(found[1]), int(found[3]), int(found[4])
    elif found := _YEAR_LAST.fullmatch(text):
        month, day = (found[1], found[3]) if order == "mdy" else (found[3], found[1])
        return int(found[4]), int(month), int(day)
    raise ValueError


def _accept_ten_characters(column: pa.StringArray, order: DateOrder, first: date | None, last: date | None) -> pa.Array:
    """Dates of exactly ten characters by arithmetic on their bytes; null for everything else."""
    offsets, bytes_ = byte_view(column)
    # A null may still have bytes behind it.
    rows = np.flatnonzero((np.diff(offsets) == 10) & filled(column))
    days = np.zeros(len(column), dtype="datetime64[D]")
    known = np.zeros(len(column), dtype=bool)
    if len(rows):
        signs = bytes_[offsets[rows][:, None] + np.arange(10, dtype=np.int32)]
        found, ok = _read_signs(signs, order)
        if first:
            ok &= found >= np.datetime64(first)
        if last:
            ok &= found <= np.datetime64(last)
        days[rows], known[rows] = found, ok
    return pa.array(days, type=pa.date32(), mask=~known)


def _read_signs(signs: npt.NDArray[np.uint8], order: DateOrder) -> tuple[npt.NDArray[np.datetime64], Mask]:
    """Rows of ten bytes as dates, and which of them are dates in the order or in ISO."""
    iso = (signs[:, 4] == _HYPHEN) & (signs[:, 7] == _HYPHEN)
    found, ok = _at_places(signs, "ymd")
    ok &= iso
    one, two = (4, 7) if order == "ymd" else (2, 5)
    between = signs[:, one]
    shaped = (between == signs[:, two]) & ((between == _SLASH) | (between == _DOT) | (between == _HYPHEN)) & ~iso
    if shaped.any():
        other, fits = _at_places(signs, order)
        found, ok = np.where(shaped, other, found), (shaped & fits) | (~shaped & ok)
    return found, ok


def _at_places(signs: npt.NDArray[np.uint8], order: DateOrder) -> tuple[npt.NDArray[np.datetime64], Mask]:
    """The date whose numbers stand at the places of the order, and whether there is such a day."""
    at_year, at_month, at_day = _PLACES[order]
    places = [*range(at_year, at_year + 4), at_month, at_month + 1, at_day, at_day + 1]
    digits = signs[:, places] - np.uint8(_ZERO)
    ok: Mask = np.logical_and.reduce(digits <= 9, axis=1)
    digits = np.where(ok[:, None], digits, 0).astype(np.int32)
    year = digits[:, :4] @ np.array([1000, 100, 10, 1], dtype=np.int32)
    month = digits[:, 4] * 10 + digits[:, 5]
    day = digits[:, 6] * 10 + digits[:, 7]
    ok &= (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    starts = ((year.astype(np.int64) - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    found = starts.astype("datetime64[D]") + (day - 1)
    # A day beyond the end of its month would have moved into the next.
    same_month: Mask = np.equal(found.astype("datetime64[M]"), starts)
    return found, ok & same_month
