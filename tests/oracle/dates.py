"""Dates of the oracle: what is a date, and which order a column has."""

import re
from collections.abc import Iterable
from datetime import date, datetime

from tests.oracle.values import Rejected

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[Tt ]\S.*)?", re.ASCII)
_ORDERED = re.compile(r"(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})", re.ASCII)
_PLACES = {"mdy": (2, 0, 1), "dmy": (2, 1, 0), "ymd": (0, 1, 2)}  # where year, month and day stand
_REGION_ORDERS = {"US": "mdy", "CN": "ymd", "JP": "ymd", "KR": "ymd", "HU": "ymd"}
EARLIEST_BIRTHDAY = date(1900, 1, 1)


def iso_date(text: str) -> date | None:
    """ISO with or without a time; the day is the written one, whatever the zone."""
    if not _ISO.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None


def ordered_date(text: str, order: str) -> date | None:
    """Day, month and four-digit year with one of `/ . -`, read in `order`."""
    match = _ORDERED.fullmatch(text)
    if not match:
        return None
    parts = match.group(1, 3, 4)
    year, month, day = (parts[place] for place in _PLACES[order])
    if len(year) != 4 or len(month) > 2 or len(day) > 2:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def column_order(texts: Iterable[str], asked: str | None, region: str) -> str:
    """The asked order, else the one order that fits all values that are dates at all, else the region's."""
    if asked:
        return asked
    fitting = set(_PLACES)
    for text in texts:
        # ISO says its own order, so it speaks neither for nor against any.
        if iso_date(text) is None:
            fits = {order for order in _PLACES if ordered_date(text, order)}
            fitting &= fits or set(_PLACES)
    return fitting.pop() if len(fitting) == 1 else _REGION_ORDERS.get(region, "dmy")


def read_date(text: str, order: str) -> date:
    """The date, or Rejected("date_invalid"); a bare serial number is none."""
    found = iso_date(text) or ordered_date(text, order)
    if found is None:
        raise Rejected("date_invalid")
    return found


def read_birthday(text: str, order: str, today: date) -> date:
    """From 1900 to today, both included."""
    found = read_date(text, order)
    if not EARLIEST_BIRTHDAY <= found <= today:
        raise Rejected("date_invalid")
    return found
