"""Builders of the files that real importers meet, and a way to read one as the worker does. Owns no expectations."""

import io
import struct
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import xlwt

from pipeline.files.limits import ReadLimits
from pipeline.files.parts import open_part
from pipeline.files.reader import read_file
from schemas.options import ImportOptions
from schemas.parts import LINE, MARKS, FileProfile, column


@dataclass
class Reading:
    """What came out of one file."""

    profile: FileProfile
    #: Cells of each row, None where blank.
    rows: list[list[str | None]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    #: Line → marks.
    marks: dict[int, str] = field(default_factory=dict)

    @property
    def headers(self) -> tuple[str, ...]:
        return self.profile.headers


def read(path: Path, limits: ReadLimits | None = None, **options: Any) -> Reading:
    """Read a file in the child process and gather its parts."""
    tables = []
    with tempfile.TemporaryDirectory() as out:
        profile = read_file(
            path,
            ImportOptions(**options),
            Path(out),
            limits or ReadLimits(),
            lambda index, part: tables.append(open_part(part)),
        )
        assert not list(Path(out).iterdir())
    reading = Reading(profile)
    assert [table.num_rows for table in tables] == list(profile.part_rows)
    for table in tables:
        assert table.column_names == [LINE, MARKS, *(column(index) for index in range(len(profile.headers)))]
        for row in table.to_pylist():
            line, marks, *cells = row.values()
            reading.lines.append(line)
            reading.rows.append(cells)
            if marks:
                reading.marks[line] = marks
    assert profile.rows == len(reading.rows)
    return reading


def xlsx(fill: Callable[[Any], None]) -> bytes:
    """A workbook by openpyxl; `fill` gets the workbook."""
    workbook = openpyxl.Workbook()
    fill(workbook)
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def xlsx_of(rows: list[list[Any]]) -> bytes:
    """A workbook with one sheet of rows."""

    def fill(workbook: Any) -> None:
        for row in rows:
            workbook.active.append(row)

    return xlsx(fill)


def xls_of(rows: list[list[Any]], sheets: int = 1, style: str = "General", dates_1904: bool = False) -> bytes:
    """An old workbook whose sheets all have the same rows."""
    workbook = xlwt.Workbook()
    workbook.dates_1904 = dates_1904
    for number in range(sheets):
        sheet = workbook.add_sheet(f"Sheet{number + 1}")
        for row, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                sheet.write(row, place, cell, xlwt.easyxf(num_format_str=style))
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def inline(place: str, text: str) -> str:
    """A cell of text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def raw_xlsx(
    rows: str, before: str = "", prolog: str = "", extra: dict[str, bytes] | None = None, date_1904: bool = False
) -> bytes:
    """A workbook with hand-written rows in its one sheet; `before` goes before its data, `prolog` before its root."""
    properties = '<workbookPr date1904="1"/>' if date_1904 else ""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS.format(
            f'<Relationship Id="rId1" Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/>'
        ),
        "xl/_rels/workbook.xml.rels": _RELATIONS.format(
            f'<Relationship Id="rId1" Type="{_RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
        ),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}">{properties}'
        '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'{prolog}<worksheet xmlns="{_MAIN}">{before}'
        f"<sheetData>{rows}</sheetData></worksheet>",
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        for name, contents in (extra or {}).items():
            archive.writestr(name, contents)
    return data.getvalue()


def zip_of(**contents: bytes) -> bytes:
    """A zip file; `__` in a name stands for a slash and `_dot_` for a point."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return data.getvalue()


def ole_of(*streams: str) -> bytes:
    """An OLE file with a FAT, a directory and empty streams of the given names."""
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = struct.pack("<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 62, 3, 0xFFFE, 9, 6,
                         0, 1, 1, 0, 4096, end, 0, end, 0)  # fmt: skip
    header += struct.pack("<109I", 0, *[free] * 108)
    table = struct.pack("<128I", fat, end, *[free] * 126)
    entries = [("Root Entry", 5), *((name, 2) for name in streams)]
    directory = b"".join(_entry(name, kind) for name, kind in entries).ljust(512, b"\0")
    return header + table + directory


def _entry(name: str, kind: int) -> bytes:
    text = name.encode("utf-16-le")
    return struct.pack("<64sHBB3I36xIQ", text, len(text) + 2, kind, 1, *[0xFFFFFFFF] * 3, 0xFFFFFFFE, 0)
