"""Rows of typed cells, from any workbook library, become headers and batches. Knows no file format."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

import pyarrow as pa

from pipeline.files.cells import is_blank
from pipeline.files.columns import Marks, from_columns
from pipeline.files.headers import find_header, unique_headers
from pipeline.files.source import Source
from pipeline.files.values import CELL_ERROR, Cell, to_text, to_texts
from schemas.errors import ImportRefused

_HEAD_ROWS = 100
_HEAD_CELLS = 200_000
_SLICE = 1_000
#: A sheet ends where so many rows in a row are blank; formatted blank rows go on to the last possible row.
_BLANK_ROWS = 10_000

#: Row (from 0) → columns (from 0) of cells whose value can't be read, for libraries that don't tell.
Errors = Mapping[int, Sequence[int]]


def open_grid(rows: Iterator[Sequence[Cell]], width: int, first_column: int, errors: Errors) -> Source:
    """The source of a sheet; `rows` come from its first row on, blank ones included, with `width` cells at the most.

    `first_column` is the spreadsheet's number of the first cell of each row, from 1; columns without header stay, as
    `Column 7`. Raises ImportRefused: empty_file, no_header.
    """
    head = list(islice(rows, max(2, min(_HEAD_ROWS, _HEAD_CELLS // width))))
    records = [[to_text(cell) for cell in row] for row in _with_errors(head, 0, first_column, errors)]
    if all(map(is_blank, records)) and not errors:
        rest = next(rows, None)
        raise ImportRefused("empty_file" if rest is None else "no_header")
    header = find_header(records)
    names = unique_headers(records[header], width, first_column)
    body = chain(head[header + 1 :], rows)
    return Source(names, _read_batches(body, header + 1, width, first_column, errors))


def _read_batches(
    rows: Iterator[Sequence[Cell]], index: int, width: int, first_column: int, errors: Errors
) -> Iterator[pa.RecordBatch]:
    blank = 0
    size = max(1, min(_SLICE, _HEAD_CELLS * 5 // width))
    while piece := list(islice(rows, size)):
        batch = _to_batch(_with_errors(piece, index, first_column, errors), width, index + 1)
        index += len(piece)
        blank = 0 if batch.num_rows else blank + len(piece)
        if blank >= _BLANK_ROWS:
            return
        yield batch


def _to_batch(rows: Sequence[Sequence[Cell]], width: int, line: int) -> pa.RecordBatch:
    marks: Marks = defaultdict(list)
    ragged = any(len(row) != width for row in rows)
    even = [[*row, *[None] * (width - len(row))] for row in rows] if ragged else rows
    texts = [to_texts(column, index, marks) for index, column in enumerate(zip(*even, strict=True))]
    return from_columns(texts, line, marks)


def _with_errors(
    rows: Sequence[Sequence[Cell]], index: int, first_column: int, errors: Errors
) -> Sequence[Sequence[Cell]]:
    if not errors:
        return rows
    return [
        _mark(row, errors[at], first_column) if (at := index + place) in errors else row
        for place, row in enumerate(rows)
    ]


def _mark(row: Sequence[Cell], columns: Sequence[int], first_column: int) -> Sequence[Cell]:
    marked = list(row)
    for column in columns:
        place = column - first_column + 1
        marked += [None] * (place + 1 - len(marked))
        marked[place] = CELL_ERROR
    return marked
