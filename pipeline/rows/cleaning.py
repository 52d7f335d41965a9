"""What every cell goes through before its field reads it. Owns no field's rules and no length limit's consequence."""

import re
import unicodedata

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.rows.columns import byte_view, replace_at

#: Code points that a cell may have once it is clean: what a spreadsheet itself can hold.
LONGEST = 32_767

_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)

_JOINERS = str.maketrans("", "", "\u200c\u200d")


def clean(text: str) -> str:
    """The cleaned text of a cell; '' where nothing is left."""
    if not (text.isascii() and text.isprintable()):
        text = _INVISIBLE.sub("", _BREAKS.sub(" ", unicodedata.normalize("NFC", text)))
    text = text.strip()
    if text[:1] == "'" and text[1:2].isdecimal():
        return text[1:]
    return text


def clean_key(text: str) -> str:
    """The cleaned text of a phone or e-mail: the joiners that names need mean nothing in these."""
    return clean(text).translate(_JOINERS).strip()


def clean_column(column: pa.StringArray, *, key: bool = False) -> pa.StringArray:
    """The column with every cell cleaned, blank ones null; cells that are clean already are not touched."""
    rows = _rows_to_clean(column)
    if not len(rows):
        return column
    distinct = column.take(pa.array(rows)).dictionary_encode()
    read = clean_key if key else clean
    cleaned = pa.array([read(text) or None for text in distinct.dictionary.to_pylist()], pa.string())
    return replace_at(column, rows, cleaned.take(distinct.indices))


def find_too_long(column: pa.StringArray) -> npt.NDArray[np.bool_] | None:
    """Which cells of a cleaned column are over the limit; None where none is."""
    widest = pc.max(pc.binary_length(column)).as_py()
    if widest is None or widest <= LONGEST:
        return None
    long = pc.greater(pc.utf8_length(column), LONGEST).fill_null(False)
    found: npt.NDArray[np.bool_] = long.to_numpy(zero_copy_only=False)
    return found if found.any() else None


def _rows_to_clean(column: pa.StringArray) -> npt.NDArray[np.int64]:
    """Rows whose bytes are not all printable ASCII, or that begin or end with what cleaning may take away."""
    offsets, bytes_ = byte_view(column)
    starts, ends = offsets[:-1], offsets[1:]
    filled = ends > starts
    suspect = np.zeros(len(column), dtype=bool)
    if len(bytes_):
        heads = bytes_[np.minimum(starts, len(bytes_) - 1)]
        suspect = filled & ((heads == 0x20) | (heads == 0x27) | (bytes_[np.maximum(ends, 1) - 1] == 0x20))
        # Unsigned arithmetic wraps round: below the blank becomes large.
        odd = (bytes_ - np.uint8(0x20)) > 0x5E
        if odd.any():
            so_far = np.concatenate(([0], np.cumsum(odd, dtype=np.int32)))
            suspect |= so_far[ends] > so_far[starts]
    if column.null_count < len(column) and not filled.all():
        suspect |= ~filled & column.is_valid().to_numpy(zero_copy_only=False)
    return np.flatnonzero(suspect)
