"""The makers of test material: valid distinct shoppers, tangled tables, files that read back as written."""

import csv
import io
from pathlib import Path

import phonenumbers
import pytest
from python_calamine import CalamineWorkbook

from tests.factories import FileTable, People, make_table, write_csv, write_table
from tests.factories.rows import Knobs
from tests.factories.worlds import new_world
from tests.oracle import apply_import, clean


def test_shoppers_have_valid_phones_of_their_own() -> None:
    people = People()
    phones = [people.phone(number) for number in range(3_000)]
    assert len(set(phones)) == len(phones)
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone)) for phone in phones)


def test_a_table_is_tangled_and_of_every_kind() -> None:
    table = make_table(3)
    result = apply_import(new_world(), table.headers, table.rows, table.mapping)
    assert min(result.rows[name] for name in ("created", "updated", "unchanged", "rejected")) > 5
    assert {"identity_conflict", "no_phone_or_email"} <= set(result.rejects)
    assert {"phone_kept", "email_kept", "points_below_zero", "opt_in_without_address"} <= set(result.notices)
    assert make_table(3) == table


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".xls"])
def test_files_read_back_as_written(tmp_path: Path, suffix: str) -> None:
    table = make_table(5, Knobs(rows=60))
    path = write_table(table, tmp_path / f"customers{suffix}")
    if suffix == ".csv":
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))
    else:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
        rows = [[str(cell) for cell in row] for row in sheet]
    width = len(table.headers)
    found = [[clean(cell) for cell in [*row, *[""] * width][:width]] for row in rows]
    wanted = [[clean(cell) for cell in [*row, *[""] * width][:width]] for row in [table.headers, *table.rows]]
    assert found == wanted


def test_csv_can_hold_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = write_csv(FileTable(["a"], [["x\udcff"], []], {}), tmp_path / "bad.csv")
    assert path.read_bytes() == b'a\r\nx\xff\r\n""\r\n'
