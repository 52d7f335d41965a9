"""Yes and no in the spellings of spreadsheets. Owns no permission: what a yes means is decided elsewhere."""

import pyarrow as pa

from pipeline.rows.columns import Reading, read_distinct

_YES = frozenset({"true", "yes", "y", "t", "1", "x", "on"})
_NO = frozenset({"false", "no", "n", "f", "0", "off"})


def read_yes_no(column: pa.StringArray) -> Reading:
    """A cleaned column as booleans."""
    return read_distinct(column, read_word, pa.bool_())


def read_word(text: str) -> tuple[bool | None, str | None]:
    """One cleaned cell: true or false and None, or None and a code."""
    # Other alphabets' letters that fold to ours are no spelling that a person chose.
    word = text.lower() if text.isascii() else ""
    if word in _YES:
        return True, None
    return (False, None) if word in _NO else (None, "not_yes_or_no")
