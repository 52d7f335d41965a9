"""Columns of numbers into and out of the database, without a Python object for each of them. Owns no content."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from psycopg import Cursor

Ints = npt.NDArray[np.int32]
Ids = npt.NDArray[np.int64]
Numbers = Ints | Ids

# COPY's binary form: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_ROWS_AT_ONCE = 1 << 14


def fill_columns(columns: Sequence[Numbers], slices: Iterable[Sequence[bytes]]) -> None:
    """Fill arrays from slices of rows, each column of a slice being the `int4send` or `int8send` of its numbers."""
    start = 0
    for packed in slices:
        for column, numbers in zip(columns, packed, strict=True):
            some = np.frombuffer(numbers, dtype=column.dtype.newbyteorder(">"))
            column[start : start + len(some)] = some
        start += len(some)


def copy_columns(cursor: Cursor[tuple[object, ...]], table: str, columns: Mapping[str, Numbers]) -> None:
    """COPY arrays of one length into the columns of these names."""
    form, count = _row_form(columns), len(next(iter(columns.values())))
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)".encode()) as copy:
        copy.write(_HEADER)
        for start in range(0, count, _ROWS_AT_ONCE):
            here = slice(start, min(start + _ROWS_AT_ONCE, count))
            rows = np.empty(here.stop - start, dtype=form)
            rows["fields"] = len(columns)
            for name, column in columns.items():
                rows[f"{name} bytes"], rows[name] = column.itemsize, column[here]
            copy.write(rows.tobytes())
        copy.write(_TRAILER)


def _row_form(columns: Mapping[str, Numbers]) -> np.dtype[np.void]:
    """How many fields, then each with its size before it; all of them big-endian."""
    fields = [("fields", ">i2")]
    for name, column in columns.items():
        fields += [(f"{name} bytes", ">i4"), (name, f">i{column.itemsize}")]
    return np.dtype(fields)
