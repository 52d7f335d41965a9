"""What is fuzzed: each target takes any bytes and may refuse them, and nothing else. Owns no search for such bytes."""

import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa

# Both kinds of workbooks are named, although nothing here calls them: what is imported late is not watched.
from pipeline.files import csv_files, xls_files, xlsx_files
from pipeline.files.contents import Asked, read_parts
from pipeline.files.limits import ReadLimits
from pipeline.files.parts import open_part
from pipeline.files.profile import Profiler
from pipeline.files.sheet_scans import scan_sheet, walk_sheet
from pipeline.rows import cleaning, customer_types, dates, emails, phones, points, yes_no
from schemas.errors import ImportRefused
from schemas.events import EventUnreadable
from tests.hostile.files import raw_xlsx
from workers.intake.payloads import read_events

WATCHED = (csv_files, xls_files, xlsx_files)
#: Seconds that no small file may take.
SLOW = 5.0
LIMITS = ReadLimits(inflated_bytes=64 << 20, cells_in_memory=200_000)
TODAY = date(2026, 3, 1)
WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0", b"\x09")
_MOST = 1 << 16


class Disagree(AssertionError):
    """Two readers of the same bytes see different rows."""


class TooSlow(AssertionError):
    """A small input takes seconds."""


def check(data: bytes) -> None:
    """Put an input to the target that its first byte chooses. Raises whatever the target should not have raised."""
    if not data or len(data) > _MOST:
        return
    started = time.monotonic()
    TARGETS[data[0] % len(TARGETS)](data[1:])
    if time.monotonic() - started > SLOW:
        raise TooSlow


def read_csv_twice(data: bytes) -> None:
    """The fast parser and the careful one see the same rows, however the file is cut into blocks."""
    if data.startswith(WORKBOOKS):
        # These have other readers, of which the careful one can do less.
        return
    with mock.patch.multiple(csv_files, BLOCK=24, _WORTHWHILE=1):
        small = _read(data)
    if _read(data) != small or _read(data, careful=True) != small:
        raise Disagree


def read_declared(data: bytes) -> None:
    """A text file whose encoding somebody named: the first byte chooses it."""
    names = (
        "utf-16",
        "cp1252",
        "gb18030",
        "shift_jis",
        "utf-7",
        "utf-32",
        "iso2022_jp",
        "hz",
        "big5hkscs",
        "utf-8-sig",
    )
    if data:
        _read(data[1:], encoding=names[data[0] % len(names)])


def read_any(data: bytes) -> None:
    """Bytes as a file, whatever they are."""
    _read(data, careful=True)


def read_zip(data: bytes) -> None:
    """The same as the rest of a zip file or of an OLE file, so that a search need not find the signature."""
    for magic in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x08\x10\x00"):
        _read(magic + data, careful=True)


def read_sheet(data: bytes) -> None:
    """The rows of a sheet's XML: the look over it, the walk through it, and the whole reading."""
    # What surrogates and the like become does not matter, as long as it is bytes that a zip file can hold.
    _read(raw_xlsx(data.decode("utf-8", "replace")), careful=True)
    for scan in (scan_sheet, walk_sheet):
        with suppress(ImportRefused):
            scan(iter((b"<sheetData>", data[: len(data) // 2], data[len(data) // 2 :], b"</sheetData>")))


def read_event(data: bytes) -> None:
    """The body of a bucket event."""
    try:
        read_events(data)
    except EventUnreadable:
        return


def read_values(data: bytes) -> None:
    """One cell, as every field reads it, by itself and as a column."""
    text = data.decode("utf-8", "replace").replace("\0", "")
    column = pa.array([text, None, text, "x"], pa.string())
    readings: list[tuple[Callable[[str], Any], Callable[[pa.StringArray], Any], bool]] = [
        (lambda cell: phones.read_phone(cell, "US"), lambda cells: phones.read_phones(cells, "US"), True),
        (lambda cell: phones.read_phone(cell, "DE"), lambda cells: phones.read_phones(cells, "DE"), True),
        (emails.read_email, emails.read_emails, True),
        (points.read_delta, points.read_points, False),
        (yes_no.read_word, yes_no.read_yes_no, False),
        (customer_types.read_customer_type, customer_types.read_customer_types, False),
        (lambda cell: dates.read_date(cell, "dmy"), lambda cells: dates.read_dates(cells, "dmy"), False),
        (
            lambda cell: dates.read_date(cell, "ymd", None, TODAY),
            lambda cells: dates.read_dates(cells, "ymd", None, TODAY),
            False,
        ),
    ]
    for read_one, read_all, is_key in readings:
        cell = cleaning.clean_key(text) if is_key else cleaning.clean(text)
        found = read_all(cleaning.clean_column(column, key=is_key))
        expected = read_one(cell) if cell else (None, None)
        if (found.values[0].as_py(), found.codes[0].as_py()) != expected:
            raise Disagree
    Profiler(["Any"]).watch(pa.table({"c0": column}))


TARGETS: tuple[Callable[[bytes], None], ...] = (
    read_csv_twice,
    read_declared,
    read_any,
    read_zip,
    read_sheet,
    read_event,
    read_values,
)


def seed(target: Callable[[bytes], None], data: bytes) -> bytes:
    """The input that puts `data` to a target."""
    return bytes([TARGETS.index(target)]) + data


def _read(data: bytes, careful: bool = False, encoding: str | None = None) -> Any:
    """All rows, or the refusal."""
    # In memory where there is such a folder: a search does this many thousand times.
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        path = Path(folder) / "file"
        path.write_bytes(data)
        rows: list[Any] = []
        asked = Asked(path, None, encoding, LIMITS, careful)
        try:
            read_parts(asked, Path(folder), lambda index, part: rows.extend(open_part(part).to_pylist()))
        except ImportRefused as refused:
            return refused.message
        return rows
