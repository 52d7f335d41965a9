"""Typed cells of a workbook become the text that a person would have typed. Knows no file format."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from pipeline.files.columns import Marks


class Unreadable(Enum):
    """A cell with an error such as #N/A, or with a formula whose value was not stored."""

    CELL = 0


CELL_ERROR: Final = Unreadable.CELL
Cell = str | float | int | bool | date | time | timedelta | Unreadable | None

#: A spreadsheet keeps 15 digits of a number; the rest it has replaced by zeros.
_EXACT = 10**15
_ROUNDING = timedelta(microseconds=500_000)


def to_text(value: Cell) -> str:
    """One cell as text; '' for a blank or unreadable one."""
    convert = _CONVERT.get(type(value))
    return convert(value) if convert else ""


def to_texts(values: Sequence[Cell], index: int, marks: Marks) -> Sequence[str]:
    """One column as text; adds marks for errors and for numbers that have lost digits."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return values  # type: ignore[return-value]
    if Unreadable in kinds:
        for row, value in enumerate(values):
            if value is CELL_ERROR:
                marks[row].append(f"{index}:cell_error")
    if float in kinds or int in kinds:
        for row, value in enumerate(values):
            if isinstance(value, float | int) and abs(value) >= _EXACT:
                marks[row].append(f"{index}:number_shortened")
    return [value if type(value) is str else to_text(value) for value in values]


def _number(value: float) -> str:
    if value.is_integer():
        return str(int(value))
    text = f"{value:.15g}"
    return format(Decimal(text), "f") if "e" in text else text


def _moment(value: datetime) -> str:
    # Fractions of a day are rarely exact: 13:45 may be stored as 13:44:59.9999.
    value = (value + _ROUNDING).replace(microsecond=0, tzinfo=None) if value.microsecond else value
    return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


_CONVERT: dict[type, Callable[[Any], str]] = {
    str: str,
    float: _number,
    int: str,
    bool: lambda value: "true" if value else "false",
    datetime: _moment,
    date: date.isoformat,
    time: lambda value: value.isoformat("seconds"),
    timedelta: _duration,
}
