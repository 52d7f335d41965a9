"""What parse found wrong with single cells and rows, by column. Owns no consequence of it."""

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from pipeline.rows.columns import Mask
from schemas.parts import MARKS, ROW_MARK


@dataclass(frozen=True, slots=True)
class Marks:
    """Masks over the rows of a part: of whole rows by code, of cells by column index and code."""

    rows: dict[str, Mask] = field(default_factory=dict)
    cells: dict[tuple[int, str], Mask] = field(default_factory=dict)

    def cell(self, index: int, code: str) -> Mask | None:
        """The rows in which this column has this mark, or None where none has."""
        return self.cells.get((index, code))


def read_marks(part: pa.Table, wanted: Collection[int]) -> Marks:
    """The marks of whole rows and of the wanted columns."""
    marks = Marks()
    column = part.column(MARKS).combine_chunks()
    if column.null_count == len(column):
        return marks
    distinct = column.dictionary_encode()
    ids = distinct.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    holders: dict[tuple[str, str], list[int]] = {}
    for number, text in enumerate(distinct.dictionary.to_pylist()):
        for mark in text.split():
            where, _, code = mark.partition(":")
            holders.setdefault((where, code), []).append(number)
    for (where, code), numbers in holders.items():
        if where == ROW_MARK:
            marks.rows[code] = np.isin(ids, numbers)
        elif int(where) in wanted:
            marks.cells[int(where), code] = np.isin(ids, numbers)
    return marks
