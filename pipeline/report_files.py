"""A report as a file that can be mended and imported again. Owns its columns and what a spreadsheet must not run.

One row per line of the file that drew a reject or a notice: the file's own columns first, then `line`, `column`, `code`
and `sentence`, several findings of a line joined. Importing it again does the rest and nothing twice:

- a row that was left out comes back whole;
- a row that was applied comes back with an empty points cell, because points are deltas and would count a second time,
  unless the points are what was refused. Every other cell may be said twice without effect. Permission cells stay as
  they are: an empty one is not the same as a no where an import opts in whoever says nothing.
"""

import codecs
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pandas as pd

from pipeline.reports import FoundRow, Source
from schemas.errors import WrongCommand

EXTRA_COLUMNS = ("line", "column", "code", "sentence")
_POINTS = "points"
_ROWS_AT_ONCE = 5_000
_SHEET_ROWS = 1_048_575  # and the header

# What a spreadsheet may take for a formula, also after blanks and in the wide forms of East Asian keyboards ...
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
# ... but for signed numbers and phones: without letters and operators there is nothing to run, and an apostrophe before
# them would come back with the next import.
_NUMBER = re.compile(r" *[+-][0-9 ().,/\u00a0-]*[0-9)]")


def write_report(path: Path, source: Source, rows: Iterable[FoundRow]) -> int:
    """Write a .csv or .xlsx report; the number of rows in it. The file appears when it is whole.

    Raises `WrongCommand` for another extension, and for more rows than a sheet can hold.
    """
    writers = {".csv": _write_csv, ".xlsx": _write_workbook}
    if path.suffix.lower() not in writers:
        raise WrongCommand("A report is written as .csv or .xlsx; name the file so.")
    draft = path.with_name(f".{path.name}.draft")
    try:
        count = writers[path.suffix.lower()](draft, _header(source), _frames(source, rows))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return count


#: With this the writer quotes a cell that holds a bare CR, which would begin a row, and a formula, of its own.
_LINE_END = "\r\n"


def escape_formula(cell: str) -> str:
    """The cell with an apostrophe before it if a spreadsheet would run it; anything else as it is."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _own_columns(source: Source) -> tuple[str, ...]:
    """The file's own columns: those of an earlier report, imported with it, are replaced."""
    width = len(EXTRA_COLUMNS)
    return source.headers[:-width] if source.headers[-width:] == EXTRA_COLUMNS else source.headers


def _header(source: Source) -> list[str]:
    return [escape_formula(header) for header in _own_columns(source)] + list(EXTRA_COLUMNS)


def _frames(source: Source, rows: Iterable[FoundRow]) -> Iterator[pd.DataFrame]:
    """Pages of the report: every cell is text, blank ones are empty."""
    left, width = iter(rows), len(_own_columns(source))
    while page := list(islice(left, _ROWS_AT_ONCE)):
        records = [(*_cells(source, row)[:width], *_remarks(row)) for row in page]
        yield pd.DataFrame(records, dtype="str").fillna("").map(escape_formula)


def _cells(source: Source, row: FoundRow) -> Sequence[str | None]:
    if row.is_left_out or any(finding.field == _POINTS for finding in row.findings):
        return row.cells
    applied = source.header_of(_POINTS)
    return [None if header == applied else cell for header, cell in zip(source.headers, row.cells, strict=True)]


def _remarks(row: FoundRow) -> tuple[str, str, str, str]:
    columns = _distinct(finding.column for finding in row.findings)
    codes = _distinct(finding.code for finding in row.findings)
    sentences = _distinct(finding.sentence for finding in row.findings)
    return str(row.line), "; ".join(columns), "; ".join(codes), " ".join(sentences)


def _distinct(texts: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))


def _write_csv(path: Path, header: list[str], frames: Iterable[pd.DataFrame]) -> int:
    """UTF-8; with a byte order mark only if there is something to mark: Excel needs it for accents alone."""
    body = path.with_name(f"{path.name}.body")
    count = 0
    try:
        with body.open("w", encoding="utf-8", newline="") as file:
            pd.DataFrame([header]).to_csv(file, header=False, index=False, lineterminator=_LINE_END)
            for frame in frames:
                frame.to_csv(file, header=False, index=False, lineterminator=_LINE_END)
                count += len(frame)
        with body.open("rb") as source, path.open("wb") as target:
            if not all(block.isascii() for block in iter(lambda: source.read(1 << 20), b"")):
                target.write(codecs.BOM_UTF8)
            source.seek(0)
            shutil.copyfileobj(source, target)
    finally:
        body.unlink(missing_ok=True)
    return count


def _write_workbook(path: Path, header: list[str], frames: Iterable[pd.DataFrame]) -> int:
    """Row by row to disk; every cell is typed as text, so phones keep their plus and nothing is a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import Cell, WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    def as_text(value: str, font: Font | None = None) -> Cell:
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", value))
        cell.data_type, cell.number_format = "s", "@"
        if font:
            cell.font = font
        return cell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Report")
    sheet.append([as_text(name, Font(bold=True)) for name in header])
    count = 0
    for frame in frames:
        count += len(frame)
        if count > _SHEET_ROWS:
            raise WrongCommand("The report has more rows than a sheet can hold; write it as .csv.")
        for record in frame.itertuples(index=False, name=None):
            sheet.append([as_text(value) if value else None for value in record])
    book.save(path)
    return count
