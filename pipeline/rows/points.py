"""Points as deltas: whole numbers of at most nine digits. Owns no balance."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.rows.columns import Reading, read_rest

_PLAIN = r"^-?[0-9]{1,9}$"
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_DIGITS = re.compile(r"[0-9]{1,9}")
_NO_FRACTION = re.compile(r"\.00?")


def read_points(column: pa.StringArray) -> Reading:
    """A cleaned column of points as int32, zeros included."""
    plain = pc.match_substring_regex(column, _PLAIN)
    sure = pc.if_else(plain, column, pa.scalar(None, pa.string())).cast(pa.int32())
    return read_rest(column, sure, read_delta)


def read_delta(text: str) -> tuple[int | None, str | None]:
    """One cleaned cell: the signed delta and None, or None and a code."""
    in_brackets = len(text) > 2 and text[0] == "(" and text[-1] == ")"
    # In brackets a sign of its own would mean it twice.
    sign, digits = ("-", text[1:-1]) if in_brackets else _split_sign(text)
    whole, dot, fraction = digits.partition(".")
    if dot and not _NO_FRACTION.fullmatch(dot + fraction):
        return None, "points_invalid"
    if _THOUSANDS.fullmatch(whole):
        whole = whole.replace(",", "")
    if not _DIGITS.fullmatch(whole):
        return None, "points_invalid"
    return (-int(whole) if sign == "-" else int(whole)), None


def _split_sign(text: str) -> tuple[str, str]:
    if text[:1] in ("-", "\u2212"):
        return "-", text[1:]
    return ("+", text[1:]) if text[:1] == "+" else ("", text)
