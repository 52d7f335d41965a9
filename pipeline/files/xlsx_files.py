"""A .xlsx becomes headers and batches: looked over, and read by the fastest library meanwhile. Trusts no parser."""

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, repeat
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.files.archives import Archive
from pipeline.files.grids import open_grid
from pipeline.files.limits import ReadLimits
from pipeline.files.sheet_scans import Extent, walk_sheet
from pipeline.files.source import Source
from pipeline.files.values import Cell
from pipeline.files.workbooks import Sheet, choose_sheet, is_named, list_sheets, look_over
from schemas.errors import ImportRefused

# Of the rectangle that the values span, the least that must be filled where it is too big to be held in memory.
_DENSE = 20
#: Bytes of a sheet's XML: a smaller one is looked over within no time, a larger one hardly finds room in memory.
_LOADED_EARLY = range(8 << 20, 512 << 20)


class _Loaded(NamedTuple):
    """A sheet in memory; the rows go from the first to the last cell, both counted from 0, that are not blank."""

    rows: Iterator[Sequence[Cell]]
    start: tuple[int, int] | None
    end: tuple[int, int] | None


def open_xlsx(path: Path, asked: str | None, limits: ReadLimits, careful: bool = False) -> Source:
    """The headers of a sheet, with its rows to come; `careful` leaves out the library that can end the process.

    Raises ImportRefused: unreadable, file_too_large, sheet_too_large, several_sheets, unknown_sheet, empty_file,
    no_header.
    """
    archive = Archive(path, limits)
    sheets = list(list_sheets(archive))
    loading = None if careful else _begin_loading(path, archive, sheets, asked)
    extents = look_over(archive, sheets)
    filled = [(sheet.name, sheet.visible, _is_filled(extent)) for sheet, extent in zip(sheets, extents, strict=True)]
    chosen = choose_sheet(filled, asked)
    sheet, extent = sheets[chosen], extents[chosen]
    if extent.needs_walk:
        extent = walk_sheet(archive.inflate(sheet.entry))
    if not extent.cells:
        raise ImportRefused("empty_file")
    _check_size(extent, limits)
    loaded = None
    if not careful and extent.last_row * extent.last_column <= limits.cells_in_memory:
        loaded = loading.result() if loading else _load(path, sheet)
    rows = _align(loaded, extent) if loaded else _read_slowly(path, sheet, extent)
    width = extent.last_column - extent.first_column + 1
    return open_grid(rows, width, extent.first_column, extent.errors)


def _is_filled(extent: Extent) -> bool:
    return extent.last_column > 0 or extent.needs_walk


def _check_size(extent: Extent, limits: ReadLimits) -> None:
    if extent.last_row > limits.sheet_rows or extent.last_column > limits.columns:
        raise ImportRefused("sheet_too_large")
    area = extent.last_row * extent.last_column
    if area > limits.cells_in_memory and extent.cells * _DENSE < area:
        raise ImportRefused("sheet_too_large")


def _begin_loading(
    path: Path, archive: Archive, sheets: Sequence[Sheet], asked: str | None
) -> Future[_Loaded | None] | None:
    """Load the one sheet that can be meant, if there is one, while the file is looked over; used only after that.

    What should not have been loaded ends this process at worst, and the next one is careful.
    """
    meant = [sheet for sheet in sheets if sheet.visible and (asked is None or is_named(sheet.name, asked))]
    if len(meant) != 1 or archive.declared_size(meant[0].entry) not in _LOADED_EARLY:
        return None
    return ThreadPoolExecutor(1).submit(_load, path, meant[0])


def _load(path: Path, sheet: Sheet) -> _Loaded | None:
    """All rows by calamine, or None for what it can't read; it holds the sheet in memory, but no lock meanwhile."""
    from python_calamine import CalamineWorkbook

    try:
        # It believes the name of a file, and takes what it is by its content only where the name says nothing.
        source = path if path.suffix.lower() in ("", ".xlsx", ".xlsm") else io.BytesIO(path.read_bytes())
        with CalamineWorkbook.from_object(source) as workbook:
            found = workbook.get_sheet_by_name(sheet.name)
            return _Loaded(iter(found.iter_rows()), found.start, found.end)
    except MemoryError:
        raise
    except BaseException as error:  # its panics are no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        return None


def _align(loaded: _Loaded, extent: Extent) -> Iterator[Sequence[Cell]]:
    """Rows of the extent from rows that begin elsewhere: to calamine, unreadable cells at the rim are blank."""
    rows, start, end = loaded
    if start is None or end is None:
        return repeat((), extent.last_row)
    extent.include(end[0] + 1, start[1] + 1)
    extent.include(end[0] + 1, end[1] + 1)
    missing = start[1] + 1 - extent.first_column
    aligned = ([*repeat(None, missing), *row] for row in rows) if missing else rows
    return chain(aligned, repeat((), extent.last_row - end[0] - 1))


def _read_slowly(path: Path, sheet: Sheet, extent: Extent) -> Iterator[Sequence[Cell]]:
    """Rows by openpyxl as they are asked for: ten times slower, in flat memory."""
    from openpyxl import load_workbook

    try:
        # A name would have to end as openpyxl likes.
        file = path.open("rb")
        workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        worksheet = workbook[sheet.name]
        # What a sheet declares about its size may be anything.
        worksheet.reset_dimensions()
        rows: Any = worksheet.iter_rows(
            min_col=extent.first_column, max_col=extent.last_column, max_row=extent.last_row, values_only=True
        )
        yield from rows
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a damaged workbook makes it raise whatever comes
        raise ImportRefused("unreadable") from None
