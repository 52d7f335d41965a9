"""The shape of part files and of what `parse` tells about a file. Owns names only, no reading or writing.

A part file is an Arrow IPC file (lz4) of at most PART_ROWS rows with the columns
`line` (int32), `marks` (string, null where a row has none) and `c0` … `cN` (string, null where a cell is blank):
the text of every cell as it came, decoded but not cleaned.
"""

from dataclasses import dataclass, field

PART_ROWS = 50_000
LINE = "line"
MARKS = "marks"
#: Marks of a row are joined by a blank; each is `<column index>:<code>`, or `row:<code>` for the whole row.
ROW_MARK = "row"
#: Codes that `parse` can mark: of a row, and of one cell.
ROW_CODES = ("row_too_wide",)
CELL_CODES = ("cell_not_text", "cell_too_long", "cell_error", "number_shortened")


def column(index: int) -> str:
    """The name of a column of a part file."""
    return f"c{index}"


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What the values of one column look like; counts are of the whole file unless they say otherwise."""

    header: str
    filled: int = 0
    #: Of a sample of filled cells, how many look like each kind; a cell may look like several.
    sampled: int = 0
    phones: int = 0
    emails: int = 0
    numbers: int = 0
    yes_no: int = 0
    dates: int = 0
    #: Of all filled cells, how many are dates at all in the numeric spelling, and how many of these fit each order.
    date_cells: int = 0
    fits_mdy: int = 0
    fits_dmy: int = 0
    fits_ymd: int = 0
    #: The most frequent distinct values of the sample, at most 20. Never logged.
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileProfile:
    """What parse learned about one file."""

    #: Headers made unique, in file order.
    headers: tuple[str, ...]
    rows: int
    #: Rows in each part file, in order.
    part_rows: tuple[int, ...]
    columns: tuple[ColumnProfile, ...]
    #: Codes of REMARKS to say about the import.
    remarks: tuple[str, ...] = field(default=())
