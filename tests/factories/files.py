"""Writes a table of texts as .csv, .xlsx or .xls. Every cell is a text cell, so that all three mean the same."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter
import xlwt

from tests.factories.rows import FileTable


def write_table(table: FileTable, path: Path) -> Path:
    """Write in the format that the path's extension names."""
    writers = {".csv": write_csv, ".xlsx": write_xlsx, ".xls": write_xls}
    return writers[path.suffix.lower()](table, path)


def write_csv(table: FileTable, path: Path, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """Quoted where needed; a lone surrogate DC80 to DCFF becomes the raw byte that it stands for."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    # A record of one blank cell would be written as nothing and a row of none as a blank line: both stay one record.
    writer.writerows([table.headers, *(row or [""] for row in table.rows)])
    path.write_bytes(text.getvalue().encode(encoding, errors="surrogateescape"))
    return path


def write_xlsx(table: FileTable, path: Path) -> Path:
    """One sheet. NUL and lone surrogates cannot stand in XML and are an error."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("Customers")
    for line, row in enumerate(_records(table)):
        for column, text in enumerate(row):
            if text:
                sheet.write_string(line, column, text)
    book.close()
    return path


def write_xls(table: FileTable, path: Path) -> Path:
    """One sheet of at most 65,536 rows and 256 columns, the limits of the format."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Customers")
    for line, row in enumerate(_records(table)):
        for column, text in enumerate(row):
            if text:
                sheet.write(line, column, text)
    book.save(str(path))
    return path


def _records(table: FileTable) -> Sequence[Sequence[str]]:
    return [table.headers, *table.rows]
