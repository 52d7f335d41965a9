"""CSV text becomes records, exactly, also where quotes are broken. Knows no columns, no types and no files."""

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemas.errors import ImportRefused

# The module's own limit would be an exception in the middle of a file; ours is a mark on one row.
csv.field_size_limit(sys.maxsize)

#: A last line that only comes back as such if no quote is open before it.
END = "\x02end of block"
# So many lines that look like rows are no note any more; with two columns one comma a line is not much of a likeness.
_ROWS_INSIDE = 2
_SLOPPY_CLOSE = re.compile(r'"[ \t]+(?=[,;\t|]|\r|\n|$)')


@dataclass(frozen=True, slots=True)
class Parsed:
    """Whole records, and the text after them, which is the beginning of a record whose quote is still open."""

    records: list[list[str]]
    open_text: str


def split_lines(text: str) -> list[str]:
    """Lines with their ends: LF, CR or CRLF only, since the other Unicode line ends are characters of a cell."""
    return list(io.StringIO(text, newline=""))


def read_lines(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Records of some lines; a quote inside an unquoted cell is text."""
    return csv.reader(lines, delimiter=delimiter)


def parse_text(text: str, delimiter: str, width: int, first_line: int) -> Parsed:
    """The records of text that begins with a record and ends with a line.

    Raises ImportRefused (unreadable) where a quoted cell runs over lines and is closed in the middle of other text: the
    quotes are out of step there, and rows would be lost inside of cells. Likewise where the lines of a cell look like
    rows of `width` cells.
    """
    lines = split_lines(text)
    records = list(read_lines([*lines, END], delimiter))
    if len(records) == len(lines) + 1:
        del records[-1]
        return Parsed(records, "")
    return _parse_slowly(lines, delimiter, width, first_line)


def _parse_slowly(lines: list[str], delimiter: str, width: int, first_line: int) -> Parsed:
    records: list[list[str]] = []
    reader = csv.reader([*lines, END], delimiter=delimiter)
    begin = 0
    for record in reader:
        if begin == len(lines):
            break
        if reader.line_num > len(lines):
            return Parsed(records, "".join(lines[begin:]))
        if reader.line_num > begin + 1:
            line = first_line + len(records)
            _check_quotes("".join(lines[begin : reader.line_num]), delimiter, line)
            _check_inside(lines[begin + 1 : reader.line_num - 1], delimiter, width, line)
        records.append(record)
        begin = reader.line_num
    return Parsed(records, "")


def _check_quotes(text: str, delimiter: str, line: int) -> None:
    # A blank after the closing quote is sloppy but clear.
    mended = split_lines(_SLOPPY_CLOSE.sub('"', text))
    try:
        for _ in csv.reader(mended, delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        raise unclosed_quote(line) from None


def _check_inside(lines: list[str], delimiter: str, width: int, line: int) -> None:
    """A stray quote and the next one may look like one cell; but what is between them are rows."""
    least = _ROWS_INSIDE if width > 2 else _ROWS_INSIDE * 5
    if width > 1 and len(lines) >= least:
        rows = sum(len(record) == width for record in csv.reader(lines, delimiter=delimiter))
        if rows * 2 > len(lines):
            raise unclosed_quote(line)


def unclosed_quote(line: int) -> ImportRefused:
    """What to raise for a record that does not end, or ends amid text; the line is as a spreadsheet counts."""
    return ImportRefused("unreadable", f"Look at line {line}: a quote that opens there does not close where it should.")
