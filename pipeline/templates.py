"""The import templates, one for each common use, as .csv and .xlsx. Owns their example rows, not the headers."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from schemas.fields import TEMPLATE_HEADERS, Kind, kind_of

CellValue = str | int | date | None
Row = tuple[CellValue, ...]

_TEXT_FORMAT, _DATE_FORMAT, _GENERAL_FORMAT = "@", "yyyy-mm-dd", "General"
_LEAST_WIDTH, _MARGIN = 12, 3


@dataclass(frozen=True, slots=True)
class Template:
    """One template: the name of its files without the extension, its headers, and rows that show how to fill it."""

    name: str
    headers: tuple[str, ...]
    rows: tuple[Row, ...]


# Numbers are of the block that is set aside for fiction, addresses of a domain that is set aside for examples. The
# country code makes them right for every account, the blanks keep a spreadsheet from taking them for numbers.
_MAYA = ("Maya", "Bennett", "+1 212-555-0114", "maya.bennett@example.com")
_OWEN = ("Owen", "Castillo", "+1 415-555-0137", "owen.castillo@example.com")
_INES = ("Inès", "Laurent", "+1 312-555-0162", "ines.laurent@example.com")
_ABE = ("Abe", "O'Neill", "+1 720-555-0189", None)

_FROM_ANOTHER_PROVIDER = Template(
    "new-customers",
    tuple(TEMPLATE_HEADERS),
    (
        (
            *(*_MAYA, date(1988, 4, 23), "18 Orchard Street, Apt 4", "New York", "NY", "10002", 120),
            *("Yes", "Yes", None, "Recreational", date(2022, 3, 14), "Downtown"),
        ),
        (
            *(*_OWEN, date(1975, 11, 2), "902 Valencia Street", "San Francisco", "CA", "94110", 45),
            *("Yes", "No", None, "Medical", date(2023, 9, 1), "Mission"),
        ),
        (
            *(*_INES, None, "77 West Lake Street", "Chicago", "IL", "60601", None),
            *(None, "Yes", "Yes", "Recreational", None, "River North"),
        ),
    ),
)

_SMS_PERMISSION = Template(
    "sms-opt-in-and-opt-out",
    ("First Name", "Last Name", "Phone", "Opt-in SMS", "Explicit SMS Opt-out"),
    ((*_MAYA[:3], "Yes", None), (*_OWEN[:3], "Yes", "No"), (*_INES[:3], None, "Yes"), (*_ABE[:3], "No", "Yes")),
)

# Points are deltas: the last row takes back a part of what the first gave.
_POINTS = Template(
    "points",
    ("First Name", "Last Name", "Phone", "Email", "Points"),
    ((*_MAYA, 150), (*_OWEN, 50), (*_INES, 25), (*_MAYA, -40)),
)

_TYPE_AND_ATTRIBUTES = Template(
    "customer-type-and-attributes",
    ("Phone", "Email", "Customer Type", "Veteran", "Favorite Strain", "Shoe Size"),
    (
        (*_MAYA[2:], "Recreational", "Yes", "Blue Dream", "8"),
        (*_OWEN[2:], "Medical", "No", None, "10.5"),
        (*_ABE[2:], "Medical", "Yes", "Harlequin", None),
    ),
)

TEMPLATES = (_FROM_ANOTHER_PROVIDER, _SMS_PERMISSION, _POINTS, _TYPE_AND_ATTRIBUTES)


def write_templates(folder: Path) -> list[Path]:
    """Write every template as .csv and .xlsx into `folder`, which is made if need be; returns the files' paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for template in TEMPLATES:
        stem = folder / template.name
        written += [
            _write_csv(template, stem.with_suffix(".csv")),
            _write_workbook(template, stem.with_suffix(".xlsx")),
        ]
    return written


def _write_csv(template: Template, path: Path) -> Path:
    # The byte order mark is what makes a spreadsheet read accents as UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(template.headers)
        writer.writerows(template.rows)
    return path


def _write_workbook(template: Template, path: Path) -> Path:
    workbook = Workbook()
    sheet = workbook.create_sheet("Import", 0)
    del workbook[workbook.sheetnames[1]]
    sheet.append(template.headers)
    for row in template.rows:
        sheet.append(row)
    sheet.freeze_panes = "A2"
    for index, header in enumerate(template.headers, start=1):
        cells = [row[index - 1] for row in template.rows]
        column = sheet.column_dimensions[get_column_letter(index)]
        column.width = _width(header, cells)
        # Of the whole column, so that what is typed below the examples stays as it was typed.
        column.number_format = _format_of(header)
        sheet.cell(1, index).font = Font(bold=True)
        for line in range(2, len(cells) + 2):
            sheet.cell(line, index).number_format = _format_of(header)
    workbook.save(path)
    return path


def _width(header: str, cells: Sequence[CellValue]) -> int:
    return max(_LEAST_WIDTH, *(len(str(cell)) for cell in (header, *cells) if cell is not None)) + _MARGIN


def _format_of(header: str) -> str:
    field = TEMPLATE_HEADERS.get(header)
    kind = kind_of(field) if field else Kind.TEXT
    return {Kind.DATE: _DATE_FORMAT, Kind.POINTS: _GENERAL_FORMAT}.get(kind, _TEXT_FORMAT)
