"""Entries 36 to 43 of the catalogue of hostile files: what the cells of workbooks hold that is no text."""

import io
from datetime import date, time, timedelta
from typing import Any

import pytest
import xlsxwriter

from tests.hostile.files import inline, raw_xlsx, xls_of, xlsx_of
from tests.hostile.readings import BOOK, Put, at


# 36
def test_formula_without_stored_value(put: Put) -> None:
    reading = put(xlsx_of([*BOOK, ["=A2", "=1+1", "bob@example.org"]]))
    assert reading.rows[1] == [None, None, "bob@example.org"]
    assert reading.marks == {3: "0:cell_error 1:cell_error"}


def test_formula_with_stored_value(put: Put) -> None:
    header = f'<row r="1">{inline("A1", "First Name")}{inline("B1", "Points")}{inline("C1", "Email")}</row>'
    cells = (
        '<c r="A2" t="str"><f>""</f><v></v></c><c r="B2"><f>2+3</f><v>5</v></c><c r="C2" t="str"><f>B1</f><v>x</v></c>'
    )
    reading = put(raw_xlsx(f'{header}<row r="2">{cells}</row>'))
    assert reading.rows == [[None, "5", "x"]]
    assert reading.marks == {}


def test_row_of_lost_formulas_is_a_row(put: Put) -> None:
    reading = put(xlsx_of([*BOOK, [None], ["=A2", None, None]]))
    assert reading.lines == [2, 4]
    assert reading.marks == {4: "0:cell_error"}


# 37
@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#NAME?"])
def test_error_cells(put: Put, error: str) -> None:
    reading = put(xlsx_of([*BOOK, ["Bob", error, "bob@example.org"]]))
    assert reading.rows[1] == ["Bob", None, "bob@example.org"]
    assert reading.marks == {3: "1:cell_error"}


def test_error_cells_of_an_old_workbook(put: Put) -> None:
    import xlwt

    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("a")
    for place, name in enumerate(["First Name", "Email"]):
        sheet.write(0, place, name)
    sheet.write(1, 0, "Ann")
    sheet.row(1).set_cell_error(1, 42)
    data = io.BytesIO()
    workbook.save(data)
    reading = put(data.getvalue(), "a.xls")
    assert reading.rows == [["Ann", None]]
    assert reading.marks == {2: "1:cell_error"}


# 38, 39
@pytest.mark.parametrize(
    ("serial", "system_1900", "system_1904"),
    [
        (1, "1900-01-01", "1904-01-02"),
        (59, "1900-02-28", "1904-02-29"),
        # Excel shows a 29 February 1900, which never was.
        (60, "1900-02-28", "1904-03-01"),
        (61, "1900-03-01", "1904-03-02"),
        (45_322, "2024-01-31", "2028-02-01"),
        (45_322.572916666664, "2024-01-31 13:45:00", "2028-02-01 13:45:00"),
    ],
)
def test_date_systems(put: Put, serial: float, system_1900: str, system_1904: str) -> None:
    for dates_1904, expected in ((False, system_1900), (True, system_1904)):
        data = io.BytesIO()
        with xlsxwriter.Workbook(data, {"date_1904": dates_1904}) as workbook:
            sheet = workbook.add_worksheet()
            sheet.write(0, 0, "Birthday")
            sheet.write(1, 0, serial, workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        assert put(data.getvalue()).rows == [[expected]]
    old = put(xls_of([["Birthday"], [serial]], style="YYYY-MM-DD"), "a.xls")
    assert old.rows == [[system_1900]]


def test_typed_cells_as_text(put: Put) -> None:
    values: list[Any] = [
        5551234567, 5551234567.0, 1.0, -3.0, 0.5, 274.6500000000001, 1e-7, 123456789012345, 15551200000.0, True, False,
        date(2024, 1, 31), at(0), at(13, 45), time(13, 45),
        timedelta(hours=30), "'5", "007",
    ]  # fmt: skip
    texts = [
        "5551234567", "5551234567", "1", "-3", "0.5", "274.65", "0.0000001", "123456789012345", "15551200000", "true",
        "false",         "2024-01-31", "2024-01-31", "2024-01-31 13:45:00", "13:45:00", "30:00:00", "'5", "007",
    ]  # fmt: skip
    reading = put(xlsx_of([[f"h{number}" for number in range(len(values))], values]))
    assert reading.rows == [texts]
    assert reading.marks == {}


# 43
@pytest.mark.parametrize("number", [1234567890123456, 12345678901234567890, 1e15, -1e15])
def test_numbers_that_lost_digits(put: Put, number: float) -> None:
    for data, name in (
        (xlsx_of([["Name", "Phone"], ["a", number]]), "a.xlsx"),
        (xls_of([["Name", "Phone"], ["a", float(number)]]), "a.xls"),
    ):
        reading = put(data, name)
        assert reading.marks == {2: "1:number_shortened"}
        text = reading.rows[0][1] or ""
        assert text.lstrip("-").isdecimal()
        assert len(text.lstrip("-")) == len(str(int(abs(number))))
