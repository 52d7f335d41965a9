"""Entries 22 to 35 and 66 to 69 of the catalogue of hostile files: sheets of workbooks, where they begin and end."""

import io
import zipfile
from datetime import date, time
from typing import Any

import openpyxl
import pytest

from pipeline.files.limits import ReadLimits
from tests.hostile.files import inline, raw_xlsx, xls_of, xlsx, xlsx_of
from tests.hostile.readings import BOOK, HEADER_XML, Put, at


# 22
def test_all_columns_that_excel_has(put: Put) -> None:
    reading = put(xlsx_of([[f"h{number}" for number in range(16_384)], ["1"] * 16_384]), apart=True)
    assert len(reading.headers) == 16_384


def test_formatted_cell_far_out_does_not_count(put: Put) -> None:
    rows = HEADER_XML + f'<row r="2">{inline("A2", "Ann")}</row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert put(raw_xlsx(rows)).rows == [["Ann", None]]


# 24
def test_declared_dimension_is_ignored(put: Put) -> None:
    rows = HEADER_XML + f'<row r="2">{inline("A2", "Ann")}</row>'
    for dimension in ("XFD1048576", "A1:XFD1048576", "A1"):
        reading = put(raw_xlsx(rows, before=f'<dimension ref="{dimension}"/>'))
        assert reading.headers == ("First Name", "Email")
        assert reading.rows == [["Ann", None]]


# 32
@pytest.mark.parametrize("name", ["customers.csv", "customers.xls", "customers"])
def test_workbooks_of_another_name(put: Put, name: str) -> None:
    assert put(xlsx_of(BOOK), name).rows == [BOOK[1]]
    assert put(xls_of(BOOK), name).rows == [BOOK[1]]


# 34
def _two_sheets(workbook: Any, state: str = "visible") -> None:
    for row in BOOK:
        workbook.active.append(row)
    other = workbook.create_sheet("Other")
    other.append(["Email"])
    other.append(["zoe@example.org"])
    other.sheet_state = state
    workbook.create_sheet("Blank")
    workbook.create_chartsheet("Chart")


def test_several_sheets(put: Put) -> None:
    data = xlsx(_two_sheets)
    refused = put.refused(data)
    assert refused.code == "several_sheets"
    assert "Sheet, Other." in refused.message
    assert put(data, sheet="other ").rows == [["zoe@example.org"]]
    assert put.refused(data, sheet="Nowhere").code == "unknown_sheet"
    assert put.refused(data, sheet="Chart").code == "unknown_sheet"
    assert put.refused(data, sheet="Blank").code == "empty_file"


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets_do_not_count(put: Put, state: str) -> None:
    data = xlsx(lambda workbook: _two_sheets(workbook, state))
    assert put(data).rows == [BOOK[1]]
    assert put.refused(data, sheet="Other").code == "unknown_sheet"


def test_several_sheets_of_an_old_workbook(put: Put) -> None:
    data = xls_of(BOOK, sheets=2)
    assert put.refused(data, "a.xls").code == "several_sheets"
    assert put(data, "a.xls", sheet="Sheet2").rows == [BOOK[1]]
    assert put.refused(data, "a.xls", sheet="Sheet3").code == "unknown_sheet"


# 35
def test_merged_cells_keep_one_value(put: Put) -> None:
    def fill(workbook: Any) -> None:
        for row in [*BOOK, ["Bob", "4155550102", "bob@example.org"]]:
            workbook.active.append(row)
        workbook.active.merge_cells("B2:B3")

    assert [row[1] for row in put(xlsx(fill)).rows] == ["4155550101", None]


def test_unreadable_cells_at_the_rim(put: Put) -> None:
    reading = put(
        xlsx_of([[None, "Name", "Email", None], ["=A1", "Ann", "a@example.org", "=A1"], ["#N/A", None, None, None]])
    )
    assert reading.headers == ("Column 1", "Name", "Email", "Column 4")
    assert reading.rows == [[None, "Ann", "a@example.org", None], [None] * 4]
    assert reading.marks == {2: "0:cell_error 3:cell_error", 3: "0:cell_error"}


def test_columns_without_header_are_named_by_their_place(put: Put) -> None:
    reading = put(xlsx_of([["Name", None, "Email"], ["a", "b", "c", None, "e"]]))
    assert reading.headers == ("Name", "Column 2", "Email", "Column 4", "Column 5")
    assert reading.rows == [["a", "b", "c", None, "e"]]
    assert reading.marks == {}


def test_table_in_the_middle_of_a_sheet(put: Put) -> None:
    def fill(workbook: Any) -> None:
        table: list[list[Any]] = [["Name", "Email", None], ["Ann", "a@example.org", "x"]]
        for row, cells in enumerate(table):
            for place, cell in enumerate(cells):
                workbook.active.cell(row + 4, place + 3, cell)

    reading = put(xlsx(fill))
    assert reading.headers == ("Name", "Email", "Column 5")
    assert reading.lines == [5]


def test_hidden_rows_are_rows(put: Put) -> None:
    def fill(workbook: Any) -> None:
        for row in [*BOOK, ["Bob", None, None]]:
            workbook.active.append(row)
        workbook.active.row_dimensions[2].hidden = True

    assert put(xlsx(fill)).lines == [2, 3]


def test_cells_without_place(put: Put) -> None:
    cells = '<row><c t="inlineStr"><is><t>{}</t></is></c><c t="inlineStr"><is><t>{}</t></is></c></row>'
    reading = put(raw_xlsx(cells.format("First Name", "Email") + cells.format("Ann", "a@example.org")))
    assert reading.rows == [["Ann", "a@example.org"]]


def test_no_header_in_a_workbook(put: Put) -> None:
    assert put.refused(xlsx_of(BOOK[1:])).code == "no_header"
    assert put.refused(xls_of(BOOK[1:])).code == "no_header"


# 66
def test_a_million_formatted_blank_rows(put: Put) -> None:
    blank = "".join(
        f'<row r="{row}" s="1"><c r="A{row}" s="1"/><c r="B{row}" s="1"/></row>' for row in range(4, 300_000)
    )
    reading = put(raw_xlsx(HEADER_XML + f'<row r="3">{inline("A3", "Ann")}</row>' + blank), apart=True)
    assert reading.lines == [3]


def test_blank_texts_below_the_rows_end_the_sheet(put: Put) -> None:
    blank = "".join(f'<row r="{row}">{inline(f"A{row}", " ")}</row>' for row in range(3, 30_000))
    rows = HEADER_XML + f'<row r="2">{inline("A2", "Ann")}</row>' + blank
    assert put(raw_xlsx(rows)).lines == [2]
    gap = "".join(f'<row r="{row}">{inline(f"A{row}", " ")}</row>' for row in range(3, 9_000))
    assert put(raw_xlsx(HEADER_XML + gap + f'<row r="9000">{inline("A9000", "Ann")}</row>')).lines == [9000]


# 68
def test_empty_workbooks(put: Put) -> None:
    assert put.refused(xlsx(lambda workbook: None)).code == "empty_file"
    assert put.refused(xlsx_of([[" ", None], [None, "\u200b"]])).code == "empty_file"
    assert put.refused(xls_of([])).code == "empty_file"
    assert put.refused(xlsx_of(BOOK[:1])).code == "no_rows"
    assert put.refused(xls_of(BOOK[:1])).code == "no_rows"


# 69
@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_truncated_workbooks(put: Put, kept: float) -> None:
    data = xlsx_of(BOOK * 200)
    assert put.refused(data[: int(len(data) * kept)], apart=True).code == "unreadable"


def test_damaged_workbooks(put: Put) -> None:
    data = xlsx_of(BOOK * 200)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        offset = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 80
    assert put.refused(data[:offset] + b"\xff" * 40 + data[offset + 40 :], apart=True).code == "unreadable"
    assert put.refused(raw_xlsx(HEADER_XML + "<row><c></row>"), apart=True).code == "unreadable"
    old = xls_of(BOOK * 200)
    assert put.refused(old[:3000], "a.xls", apart=True).code in ("unreadable", "unsupported_type")


def test_too_big_for_memory_is_read_slowly(put: Put) -> None:
    rows: list[list[Any]] = [["Name", "Points"], *([f"n{number}", number] for number in range(300))]
    reading = put(xlsx_of(rows), limits=ReadLimits(cells_in_memory=100), apart=True)
    assert reading.rows == [[f"n{number}", str(number)] for number in range(300)]


def test_both_readers_of_workbooks_agree(put: Put) -> None:
    rows: list[list[Any]] = [
        ["Name", None, "Birthday", "Points", "Error", "When"],
        ["Ann", "x", date(1990, 5, 1), 5, "#N/A", at(13, 45)],
        [None],
        [None, " a ", None, 1.5, "=1+1", time(9, 30)],
        ["Zoë", None, None, 12345678901234567, True, None],
    ]
    data = xlsx_of(rows)
    fast, slow = put(data), put(data, limits=ReadLimits(cells_in_memory=1), apart=True)
    assert (fast.headers, fast.rows, fast.lines, fast.marks) == (slow.headers, slow.rows, slow.lines, slow.marks)
    assert fast.lines == [2, 4, 5]
    assert openpyxl.load_workbook(io.BytesIO(data)).active is not None
