"""Small tables, and `Put`, which writes a file and reads it: in this process, or in the child as the worker does."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.files.contents import Asked, read_parts
from pipeline.files.limits import ReadLimits
from pipeline.files.parts import open_part
from schemas.errors import ImportRefused
from schemas.options import ImportOptions
from schemas.parts import LINE, MARKS, column
from tests.hostile.files import Reading, inline, read

HEADER = "First Name,Phone,Email"
ROWS = [["Ann", "4155550101", "ann@example.org"], ["Bob", "4155550102", "bob@example.org"]]
TEXT = HEADER + "".join("\r\n" + ",".join(row) for row in ROWS) + "\r\n"
#: The rows of a sheet, the header first.
BOOK: list[list[Any]] = [HEADER.split(","), ROWS[0]]
HEADER_XML = f'<row r="1">{inline("A1", "First Name")}{inline("B1", "Email")}</row>'


class Put:
    """Writes a file and reads it; `apart` for what may end the process that reads it, or take all its memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self,
        data: bytes | str,
        name: str | None = None,
        limits: ReadLimits | None = None,
        apart: bool = False,
        **options: Any,
    ) -> Reading:
        content = data if isinstance(data, bytes) else data.encode()
        path = self._folder / (name or ("customers.xlsx" if content.startswith(b"PK") else "customers.csv"))
        path.write_bytes(content)
        return (read if apart else read_here)(path, limits, **options)

    def refused(self, data: bytes | str, name: str | None = None, **options: Any) -> ImportRefused:
        """The error with which reading ends."""
        with pytest.raises(ImportRefused) as refused:
            self(data, name, **options)
        return refused.value


def read_here(path: Path, limits: ReadLimits | None = None, **options: Any) -> Reading:
    """What `read` gives, without a child: the start of one takes longer than the reading of a small file."""
    asked = ImportOptions(**options)
    tables = []
    with tempfile.TemporaryDirectory() as out:
        profile = read_parts(
            Asked(path, asked.sheet, asked.encoding, limits or ReadLimits()),
            Path(out),
            lambda index, part: tables.append(open_part(part.read_bytes())),
        )
    reading = Reading(profile)
    assert [table.num_rows for table in tables] == list(profile.part_rows)
    for table in tables:
        assert table.column_names == [LINE, MARKS, *(column(index) for index in range(len(profile.headers)))]
        for line, marks, *cells in zip(*table.to_pydict().values(), strict=True):
            reading.lines.append(line)
            reading.rows.append(cells)
            if marks:
                reading.marks[line] = marks
    assert profile.rows == len(reading.rows)
    return reading


def is_plain(reading: Reading) -> bool:
    """Whether it is what `TEXT` holds."""
    return reading.headers == tuple(HEADER.split(",")) and reading.rows == ROWS and reading.lines == [2, 3]


def at(hour: int, minute: int = 0) -> datetime:
    """A time of one day, without a time zone, which cells of workbooks do not know."""
    return datetime(2024, 1, 31, hour, minute)  # noqa: DTZ001
