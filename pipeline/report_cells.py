"""The cells of single rows, out of part files that come one after another. Knows nothing of what was found in them."""

import math
from array import array
from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from schemas.parts import LINE, column

_ROWS_AT_ONCE = 5_000
_FIRST_ROWS = 100  # so that the first comes soon

#: The part file of an index, as a table; None if it is gone.
ReadPart = Callable[[int], pa.Table | None]
#: In the order of the headers, None where a cell is blank or gone.
Cells = tuple[str | None, ...]


def iter_cells(lines: Iterator[int], width: int, tables: Iterator[pa.Table | None]) -> Iterator[Cells]:
    """The cells of each of these lines, in the order of the file like the tables; all None where a row is gone."""
    for page, table in _pages(lines, (each for each in tables if each is not None)):
        yield from _cells(page, width, table)


def _pages(lines: Iterator[int], tables: Iterator[pa.Table]) -> Iterator[tuple[list[int], pa.Table | None]]:
    """Pages of lines, each with the part that holds them, or None."""
    waiting, room = next(lines, None), _FIRST_ROWS

    def take_page(last: float) -> list[int]:
        nonlocal waiting, room
        page: list[int] = []
        while waiting is not None and waiting <= last and len(page) < room:
            page.append(waiting)
            waiting = next(lines, None)
        room = _ROWS_AT_ONCE if page else room
        return page

    while waiting is not None and (table := next(tables, None)) is not None:
        last = pc.max(table[LINE]).as_py() or 0
        while page := take_page(last):
            yield page, table
    while page := take_page(math.inf):
        yield page, None


def _cells(page: list[int], width: int, table: pa.Table | None) -> Iterable[Cells]:
    """The cells of each row of the page; all None for a row that the part does not hold."""
    if table is None or not width:
        return [(None,) * width] * len(page)
    positions = pc.index_in(_integers(page), value_set=table[LINE].combine_chunks())
    columns = (table[column(index)].take(positions).to_pylist() for index in range(width))
    return zip(*columns, strict=True)


def _integers(lines: list[int]) -> pa.Int32Array:
    """What `pa.array` would make, which loads pandas first to see whether that is what it was given."""
    return pa.Array.from_buffers(pa.int32(), len(lines), [None, pa.py_buffer(array("i", lines))])
