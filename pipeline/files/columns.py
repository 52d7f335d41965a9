"""Columns of text become the record batches of part files: blank cells null, bad cells marked, blank rows left out."""

from collections import defaultdict
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.files.cells import CELL_LIMIT, is_blank, is_too_long, replace_not_text
from pipeline.files.records import unclosed_quote
from schemas.parts import LINE, MARKS, ROW_MARK, column

#: Row of a batch → its marks, as schemas.parts spells them.
Marks = defaultdict[int, list[str]]

# A cell over the limit with more lines than this is rows that a stray quote swallowed, not somebody's note.
_SWALLOWED_LINES = 100


def schema(width: int) -> pa.Schema:
    """The layout of a part file with so many columns."""
    cells = [(column(index), pa.string()) for index in range(width)]
    return pa.schema([(LINE, pa.int32()), (MARKS, pa.string()), *cells])


def from_rows(rows: Sequence[Sequence[str]], width: int, first_line: int) -> pa.RecordBatch:
    """A batch of rows of text of any length; cells beyond `width` mark their row unless they are blank."""
    marks: Marks = defaultdict(list)
    if any(len(row) != width for row in rows):
        for index, row in enumerate(rows):
            if len(row) > width and not is_blank(row[width:]):
                marks[index].append(f"{ROW_MARK}:row_too_wide")
        # Cut first: one row of a million cells must not make a million columns.
        rows = [[*row[:width], *[""] * (width - len(row))] for row in rows]
    return from_columns(list(zip(*rows, strict=True)), first_line, marks)


def from_columns(columns: Sequence[Sequence[str]], first_line: int, marks: Marks) -> pa.RecordBatch:
    """A batch of columns of text of one length; `marks` are added to."""
    return to_batch([_to_array(cells, index, marks) for index, cells in enumerate(columns)], first_line, marks)


def to_batch(arrays: Sequence[pa.Array], first_line: int, marks: Marks | None = None) -> pa.RecordBatch:
    """A batch of columns (blank cells null) whose first row has the given line; blank rows go, others keep theirs."""
    marks = defaultdict(list) if marks is None else marks
    _mark_long_cells(arrays, first_line, marks)
    height = len(arrays[0])
    lines = pa.array(range(first_line, first_line + height), pa.int32())
    said = pa.nulls(height, pa.string())
    if marks:
        said = pa.array([" ".join(marks[row]) if row in marks else None for row in range(height)], pa.string())
    batch = pa.RecordBatch.from_arrays([lines, said, *arrays], schema=schema(len(arrays)))
    blank = set(_find_blank_rows(arrays)) - marks.keys()
    return batch.filter(pa.array([row not in blank for row in range(height)])) if blank else batch


def _to_array(cells: Sequence[str], index: int, marks: Marks) -> pa.Array:
    try:
        array = pa.array(cells, pa.string())
        suspect = pc.any(pc.match_substring(array, "\0")).as_py()
    except UnicodeEncodeError:
        suspect = True
    if suspect:
        mended = [replace_not_text(cell) for cell in cells]
        for row, (cell, text) in enumerate(zip(cells, mended, strict=True)):
            if cell != text:
                marks[row].append(f"{index}:cell_not_text")
        array = pa.array(mended, pa.string())
    return pc.if_else(pc.equal(array, ""), None, array)


def _mark_long_cells(arrays: Sequence[pa.Array], first_line: int, marks: Marks) -> None:
    for index, array in enumerate(arrays):
        lengths = pc.binary_length(array)
        if (pc.max(lengths).as_py() or 0) <= CELL_LIMIT:
            continue
        for row in pc.indices_nonzero(pc.fill_null(pc.greater(lengths, CELL_LIMIT), False)).to_pylist():
            text = array[row].as_py()
            if is_too_long(text):
                if max(text.count("\n"), text.count("\r")) > _SWALLOWED_LINES:
                    raise unclosed_quote(first_line + row)
                marks[row].append(f"{index}:cell_too_long")


def _find_blank_rows(arrays: Sequence[pa.Array]) -> list[int]:
    """Rows without a visible character. Nearly every row shows one in its first columns, so few cells are looked at."""
    left = pa.array(range(0))
    for index, array in enumerate(arrays):
        cells = array.take(left) if index else array
        visible = pc.and_(pc.greater_equal(cells, "!"), pc.less(cells, "\x7f"))
        unsure = pc.indices_nonzero(pc.invert(pc.fill_null(visible, False)))
        left = left.take(unsure) if index else unsure
        if not len(left):
            return []
    rest = [array.take(left) for array in arrays]
    rows: list[int] = left.to_pylist()
    if all(array.null_count == len(array) for array in rest):
        return rows
    return [row for row, *cells in zip(rows, *(array.to_pylist() for array in rest), strict=True) if is_blank(cells)]
