"""Custom attributes of a row as one JSON object. Owns no names that an account knows already."""

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mapping.names import fold, header_key
from pipeline.rows.columns import read_distinct

_YES = frozenset({"true", "yes", "y"})
_NO = frozenset({"false", "no", "n"})


def attribute_key(name: str) -> str:
    """What spellings of one name have in common: folded letters and digits, or all of it if it has none."""
    return header_key(name) or fold(name)


def read_attribute(text: str) -> bool | str | None:
    """One cleaned cell: true, its text, or None for a no, which takes nothing away."""
    word = text.lower() if text.isascii() else text
    if word in _YES:
        return True
    return None if word in _NO else text


def join_attributes(columns: Sequence[tuple[str, pa.StringArray]]) -> pa.StringArray:
    """JSON objects by row from cleaned columns with the keys of their attributes; null where a row has none."""
    members = [_write_members(key, column) for key, column in columns]
    # A first member that is never null: a row of nulls alone would be left out of the joined column altogether.
    nothing = pa.array([""], pa.string()).take(pa.array(np.zeros(len(members[0]), dtype=np.int32)))
    joined = pc.binary_join_element_wise(nothing, *members, ",", null_handling="skip")
    objects = pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(joined, 1), "}", "")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), objects)


def _write_members(key: str, column: pa.StringArray) -> pa.StringArray:
    name = json.dumps(key, ensure_ascii=False)

    def write(text: str) -> tuple[str | None, str | None]:
        value = read_attribute(text)
        return (None if value is None else f"{name}:{json.dumps(value, ensure_ascii=False)}"), None

    return read_distinct(column, write, pa.string()).values
