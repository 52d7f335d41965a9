"""The templates are right as they are: every row imports, and no value draws a notice."""

import csv
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipeline.templates import TEMPLATES, write_templates
from schemas.fields import TEMPLATE_HEADERS
from tests.oracle import World, apply_import

NAMES = ["new-customers", "sms-opt-in-and-opt-out", "points", "customer-type-and-attributes"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("templates") / "new"
    write_templates(folder)
    return folder


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def read_workbook(path: Path) -> list[list[str]]:
    sheet = load_workbook(path).worksheets[0]
    return [[_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else str(value)


def mapping_of(headers: list[str]) -> dict[str, str | None]:
    return {header: TEMPLATE_HEADERS.get(header, f"attribute:{header}") for header in headers}


def test_writes_each_use_in_both_formats_and_overwrites(folder: Path) -> None:
    expected = [folder / f"{name}.{kind}" for name in NAMES for kind in ("csv", "xlsx")]
    assert write_templates(folder) == expected
    assert sorted(folder.iterdir()) == sorted(expected)


def test_first_template_has_every_header_of_the_product_in_order() -> None:
    assert TEMPLATES[0].headers == tuple(TEMPLATE_HEADERS)


@pytest.mark.parametrize("name", NAMES)
def test_both_formats_say_the_same(folder: Path, name: str) -> None:
    assert read_workbook(folder / f"{name}.xlsx") == read_csv(folder / f"{name}.csv")


@pytest.mark.parametrize("region", ["US", "GB", "DE"])
def test_all_import_without_reject_or_notice_alone_and_one_after_another(folder: Path, region: str) -> None:
    together = World(region=region)
    for import_id, name in enumerate(NAMES, start=1):
        headers, *rows = read_csv(folder / f"{name}.csv")
        for world in (World(region=region), together):
            result = apply_import(world, headers, rows, mapping_of(headers), import_id=import_id)
            assert (result.rejects, result.notices) == ({}, {})
            assert result.rows["read"] == len(rows)


def test_examples_show_what_they_are_for(folder: Path) -> None:
    world = World()
    for import_id, name in enumerate(NAMES, start=1):
        headers, *rows = read_csv(folder / f"{name}.csv")
        result = apply_import(world, headers, rows, mapping_of(headers), import_id=import_id)
        if name == "points":
            assert result.points == {"added": 225, "subtracted": 40, "refused": 0}
    maya, ines = world.find("+12125550114"), world.find("+13125550162")
    assert maya is not None
    assert ines is not None
    assert maya.consent == {"sms": "opted_in", "email": "opted_in"}
    assert ines.consent["sms"] == "opted_out"
    assert maya.attributes["veteran"] is True


@pytest.mark.parametrize("name", NAMES)
def test_workbook_keeps_phones_and_what_is_typed_below_as_text(folder: Path, name: str) -> None:
    sheet = load_workbook(folder / f"{name}.xlsx").worksheets[0]
    header = next(cell for cell in sheet[1] if cell.value == "Phone")
    phones = [cell for cell in sheet[header.column_letter][1:] if cell.value]
    assert phones
    assert {(cell.data_type, cell.number_format) for cell in phones} == {("s", "@")}
    assert sheet.column_dimensions[header.column_letter].number_format == "@"
    assert header.font.bold
    assert sheet.freeze_panes == "A2"
