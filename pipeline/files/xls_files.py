"""A .xls becomes headers and batches. xlrd first: pure Python, tells errors from blanks, and a .xls is never large."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlrd

from pipeline.files.grids import open_grid
from pipeline.files.source import Source
from pipeline.files.values import CELL_ERROR, Cell
from pipeline.files.workbooks import choose_sheet
from schemas.errors import ImportRefused


def open_xls(path: Path, asked: str | None, careful: bool = False) -> Source:
    """The headers of a sheet, with its rows to come; raises ImportRefused like open_xlsx, and password_protected."""
    try:
        book = _open_book(path)
        sheets = [book.sheet_by_index(index) for index in range(book.nsheets)]
    except xlrd.XLRDError as error:
        if "encrypt" in str(error).lower():
            raise ImportRefused("password_protected") from None
        return _open_fast(path, asked, careful)
    except (ImportRefused, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - a damaged workbook makes it raise whatever comes
        return _open_fast(path, asked, careful)
    told = [(sheet.name, sheet.visibility == 0, _is_filled(sheet)) for sheet in sheets]
    sheet = sheets[choose_sheet(told, asked)]
    if not sheet.ncols:
        raise ImportRefused("empty_file")
    return open_grid(_read_rows(sheet, book.datemode), sheet.ncols, 1, {})


def _open_book(path: Path) -> Any:
    with Path(os.devnull).open("w") as nowhere:
        return xlrd.open_workbook(str(path), logfile=nowhere, ragged_rows=True)


def _is_filled(sheet: Any) -> bool:
    return any(
        kind not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK)
        for row in range(sheet.nrows)
        for kind in sheet.row_types(row)
    )


def _read_rows(sheet: Any, datemode: int) -> Iterator[Sequence[Cell]]:
    special = {xlrd.XL_CELL_DATE, xlrd.XL_CELL_BOOLEAN, xlrd.XL_CELL_ERROR}
    for row in range(sheet.nrows):
        kinds, values = sheet.row_types(row), sheet.row_values(row)
        if special.isdisjoint(kinds):
            yield values
        else:
            yield [_to_cell(kind, value, datemode) for kind, value in zip(kinds, values, strict=True)]


def _to_cell(kind: int, value: Any, datemode: int) -> Cell:
    if kind == xlrd.XL_CELL_ERROR:
        return CELL_ERROR
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_DATE:
        return _to_date(float(value), datemode)
    cell: Cell = value
    return cell


def _to_date(value: float, datemode: int) -> Cell:
    """A date, a time of day for less than one day, or the number itself where there is no such day."""
    try:
        moment: datetime = xlrd.xldate.xldate_as_datetime(value, datemode)
    except (ValueError, OverflowError, xlrd.xldate.XLDateError):
        return value
    if value < 0:
        return value
    return moment.time() if value < 1 else moment


def _open_fast(path: Path, asked: str | None, careful: bool) -> Source:
    """What xlrd can't read, calamine may."""
    if careful:
        raise ImportRefused("unreadable")
    from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        with CalamineWorkbook.from_path(path) as workbook:
            listed = [each for each in workbook.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
            sheets = [workbook.get_sheet_by_name(each.name) for each in listed]
    except PasswordError:
        raise ImportRefused("password_protected") from None
    except MemoryError:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise ImportRefused("unreadable") from None
    told = [
        (each.name, each.visible == SheetVisibleEnum.Visible, sheet.start is not None)
        for each, sheet in zip(listed, sheets, strict=True)
    ]
    sheet = sheets[choose_sheet(told, asked)]
    if sheet.start is None:
        raise ImportRefused("empty_file")
    return open_grid(iter(sheet.iter_rows()), sheet.width, sheet.start[1] + 1, {})
