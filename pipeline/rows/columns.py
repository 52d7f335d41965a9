"""The moves that all readers of columns share: masks, distinct values, what was read and dropped. Owns no rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]
#: Reads one cleaned cell: its value and None, or None and the code that says why it was dropped.
#: None and None: the cell means nothing, and nothing is to be said about it.
CellReader = Callable[[str], tuple[Any, str | None]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A column as read: typed values, null where blank or dropped, and the code of each drop (null where none)."""

    values: pa.Array
    codes: pa.Array


def byte_view(column: pa.StringArray) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Offsets (one more than cells, from 0) and the bytes of a string column, without copying the bytes."""
    buffers = column.buffers()
    if not len(column) or buffers[2] is None:
        return np.zeros(len(column) + 1, dtype=np.int32), np.zeros(0, dtype=np.uint8)
    offsets = np.frombuffer(buffers[1], dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    text = np.frombuffer(buffers[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
    return (offsets - offsets[0] if offsets[0] else offsets), text


def mask_of(rows: npt.NDArray[np.int64], length: int) -> Mask:
    """A mask that is true at the given rows."""
    mask = np.zeros(length, dtype=bool)
    mask[rows] = True
    return mask


def replace_at(column: pa.Array, rows: npt.NDArray[np.int64], values: pa.Array) -> pa.Array:
    """The column with the cells at ascending `rows` replaced by `values`, in order."""
    return pc.replace_with_mask(column, pa.array(mask_of(rows, len(column))), values)


def blank_out(column: pa.Array, mask: Mask) -> pa.Array:
    """The column with null where the mask is true."""
    return pc.if_else(pa.array(mask), pa.scalar(None, column.type), column)


def is_true(column: pa.BooleanArray) -> Mask:
    """A mask that is true where the column is; null counts as false."""
    found: Mask = column.fill_null(False).to_numpy(zero_copy_only=False)
    return found


def filled(column: pa.Array) -> Mask:
    """A mask of the cells that are not null."""
    found: Mask = column.is_valid().to_numpy(zero_copy_only=False)
    return found


def read_distinct(column: pa.StringArray, read: CellReader, type_: pa.DataType) -> Reading:
    """The column read by asking `read` once for each distinct text."""
    distinct = column.dictionary_encode()
    answers = [read(text) for text in distinct.dictionary.to_pylist()]
    values = pa.array([value for value, _ in answers], type_)
    codes = pa.array([code for _, code in answers], pa.string())
    if codes.null_count == len(codes):
        return Reading(values.take(distinct.indices), pa.nulls(len(column), pa.string()))
    return Reading(values.take(distinct.indices), codes.take(distinct.indices))


def read_rest(column: pa.StringArray, sure: pa.Array, read: CellReader) -> Reading:
    """`sure` where it has an answer; the other filled cells are read by `read`, once for each distinct text."""
    codes = pa.nulls(len(column), pa.string())
    rest = np.flatnonzero(filled(column) & ~filled(sure))
    if not len(rest):
        return Reading(sure, codes)
    asked = read_distinct(column.take(pa.array(rest)), read, sure.type)
    return Reading(replace_at(sure, rest, asked.values), replace_at(codes, rest, asked.codes))
