"""Entries 22 to 39 and 66 to 69 of the catalogue of hostile files, as far as they are workbooks."""

import io
import struct
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from pipeline.files.limits import ReadLimits
from schemas.errors import ImportRefused
from tests.hostile.files import Reading, inline, ole_of, raw_xlsx, read, xls_of, xlsx, xlsx_of, zip_of

ROWS: list[list[Any]] = [["First Name", "Phone", "Email"], ["Ann", "4155550101", "ann@example.org"]]
HEADER_XML = f'<row r="1">{inline("A1", "First Name")}{inline("B1", "Email")}</row>'
MATERIAL = Path(__file__).resolve().parents[3] / "shared" / "material" / "files"


@pytest.fixture
def put(tmp_path: Path) -> "Put":
    return Put(tmp_path)


class Put:
    """Writes a file and reads it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self, data: bytes, name: str = "customers.xlsx", limits: ReadLimits | None = None, **options: Any
    ) -> Reading:
        path = self._folder / name
        path.write_bytes(data)
        return read(path, limits, **options)

    def refused(self, data: bytes, name: str = "customers.xlsx", **options: Any) -> ImportRefused:
        with pytest.raises(ImportRefused) as refused:
            self(data, name, **options)
        return refused.value


def _at(hour: int, minute: int = 0) -> datetime:
    """A cell of a workbook knows no time zone."""
    return datetime(2024, 1, 31, hour, minute)  # noqa: DTZ001


# 22
def test_all_columns_that_excel_has(put: Put) -> None:
    reading = put(xlsx_of([[f"h{number}" for number in range(16_384)], ["1"] * 16_384]))
    assert len(reading.headers) == 16_384


# 23
def test_sparse_sheet_is_refused_before_the_parser(put: Put) -> None:
    rows = HEADER_XML + f'<row r="1048576">{inline("XFD1048576", "x")}</row>'
    assert put.refused(raw_xlsx(rows)).code == "sheet_too_large"


@pytest.mark.parametrize("cell", ['<c r = "XFD1048576"><v>1</v></c>', "<c s='1' r='XFD1048576' ><v>1</v></c>",
                                  '<x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
                                  'r="XFD1048576"><x:v>1</x:v></x:c>'])  # fmt: skip
def test_sparse_sheet_in_other_spellings(put: Put, cell: str) -> None:
    assert put.refused(raw_xlsx(HEADER_XML + f'<row r="1048576">{cell}</row>')).code == "sheet_too_large"


def test_sparse_sheet_by_row_number_alone(put: Put) -> None:
    cells = "<c/>" * 16_383 + "<c><v>1</v></c>"
    assert put.refused(raw_xlsx(HEADER_XML + f'<row r="1048576">{cells}</row>')).code == "sheet_too_large"


@pytest.mark.parametrize("place", ["A1048577", "A99999999", "XFE1", "ZZZ1"])
def test_cells_outside_of_any_sheet(put: Put, place: str) -> None:
    assert put.refused(raw_xlsx(HEADER_XML + f'<row r="2">{inline(place, "x")}</row>')).code == "sheet_too_large"


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


# 25
def test_zip_bomb(put: Put) -> None:
    rows = HEADER_XML + f'<row r="2">{inline("A2", "x")}</row>'
    bomb = raw_xlsx(rows, extra={"xl/media/image1.bin": b"\0" * (300 << 20)})
    assert len(bomb) < 1 << 20
    assert put.refused(bomb).code == "file_too_large"


def test_zip_bomb_that_lies_about_its_size(put: Put) -> None:
    data = bytearray(raw_xlsx(HEADER_XML, extra={"xl/media/image1.bin": b"\0" * (50 << 20)}))
    honest = struct.pack("<I", 50 << 20)
    assert data.count(honest) == 2
    assert put.refused(bytes(data.replace(honest, struct.pack("<I", 100)))).code in ("unreadable", "file_too_large")


def test_too_many_entries(put: Put) -> None:
    extra = {f"xl/media/{number}.bin": b"x" for number in range(1000)}
    assert put.refused(raw_xlsx(HEADER_XML, extra=extra)).code == "file_too_large"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name(put: Put) -> None:
    assert put.refused(raw_xlsx(HEADER_XML, extra={"xl/workbook.xml": b"<workbook/>"})).code == "unreadable"


# 26, 27
@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE x>",
    ],
)
def test_document_types_are_refused(put: Put, prolog: str) -> None:
    assert put.refused(raw_xlsx(HEADER_XML, prolog=prolog)).code == "unreadable"
    styles = {"xl/styles.xml": f"{prolog}<styleSheet/>".encode()}
    assert put.refused(raw_xlsx(HEADER_XML, extra=styles)).code == "unreadable"
    wide = {"xl/styles.xml": f"{prolog}<styleSheet/>".encode("utf-16")}
    assert put.refused(raw_xlsx(HEADER_XML, extra=wide)).code == "unreadable"


# 28, 29
@pytest.mark.parametrize("name", ["customers.xlsx", "customers.xls", "customers.csv"])
def test_encrypted_workbook(put: Put, name: str) -> None:
    assert put.refused(ole_of("EncryptionInfo", "EncryptedPackage"), name).code == "password_protected"


@pytest.mark.parametrize(
    "name",
    ["messytables__horror_encrypted_no_password.xls", "poi__test-data_spreadsheet_password.xls",
     "test_files__password_2002_40_xor.xls", "calamine__tests_pass_protected.xlsx"],
)  # fmt: skip
def test_encrypted_files_of_others(name: str) -> None:
    if not MATERIAL.is_dir():
        pytest.skip("the material is not there")
    with pytest.raises(ImportRefused) as refused:
        read(MATERIAL / name)
    assert refused.value.code == "password_protected"


def test_text_about_encryption_is_no_encryption(put: Put) -> None:
    assert put(xls_of([["First Name", "Email"], ["EncryptedPackage", "a@example.org"]]), "a.xls").profile.rows == 1


# 30, 33
@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<html><body><table><tr><td>Email</td></tr></table></body></html>", "customers.xls"),
        (b"\xef\xbb\xbf\r\n <!DOCTYPE html><html></html>", "customers.xls"),
        ("<html></html>".encode("utf-16"), "customers.xls"),
        (b'<?xml version="1.0"?><Workbook/>', "customers.xls"),
        (b"<table><tr><td>Email</td></tr></table>", "customers.csv"),
        (b"%PDF-1.7\n", "customers.csv"),
        (b"\x89PNG\r\n\x1a\n", "customers.csv"),
        (b"\x1f\x8b\x08\0", "customers.csv"),
        (bytes(range(256)) * 40, "customers.csv"),
        (b"\0" * 5000, "customers.csv"),
        (zip_of(customers_dot_csv=b"Email\na@example.org\n"), "customers.xlsx"),
        (zip_of(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=b"<x/>"), "customers.xlsx"),
        (zip_of(xl__workbook_dot_bin=b"x", _Content_Types_=b""), "customers.xlsx"),
        (zip_of(Index__Document_dot_iwa=b"x"), "customers.xlsx"),
        (zip_of(word__document_dot_xml=b"<x/>"), "customers.xlsx"),
        (ole_of("WordDocument"), "customers.xls"),
    ],
)
def test_other_kinds_of_files(put: Put, data: bytes, name: str) -> None:
    assert put.refused(data, name).code == "unsupported_type"


def test_xlsm_is_read(put: Put) -> None:
    assert put(raw_xlsx(HEADER_XML + f'<row r="2">{inline("A2", "Ann")}</row>', extra={"xl/vbaProject.bin": b"x"}),
               "customers.xlsm").rows == [["Ann", None]]  # fmt: skip


# 32
@pytest.mark.parametrize("name", ["customers.csv", "customers.xls", "customers"])
def test_workbooks_of_another_name(put: Put, name: str) -> None:
    assert put(xlsx_of(ROWS), name).rows == [ROWS[1]]
    assert put(xls_of(ROWS), name).rows == [ROWS[1]]


# 34
def _two_sheets(workbook: Any, state: str = "visible") -> None:
    for row in ROWS:
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
    assert put(data).rows == [ROWS[1]]
    assert put.refused(data, sheet="Other").code == "unknown_sheet"


def test_several_sheets_of_an_old_workbook(put: Put) -> None:
    data = xls_of(ROWS, sheets=2)
    assert put.refused(data, "a.xls").code == "several_sheets"
    assert put(data, "a.xls", sheet="Sheet2").rows == [ROWS[1]]
    assert put.refused(data, "a.xls", sheet="Sheet3").code == "unknown_sheet"


# 35
def test_merged_cells_keep_one_value(put: Put) -> None:
    def fill(workbook: Any) -> None:
        for row in [*ROWS, ["Bob", "4155550102", "bob@example.org"]]:
            workbook.active.append(row)
        workbook.active.merge_cells("B2:B3")

    assert [row[1] for row in put(xlsx(fill)).rows] == ["4155550101", None]


# 36
def test_formula_without_stored_value(put: Put) -> None:
    reading = put(xlsx_of([*ROWS, ["=A2", "=1+1", "bob@example.org"]]))
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
    reading = put(xlsx_of([*ROWS, [None], ["=A2", None, None]]))
    assert reading.lines == [2, 4]
    assert reading.marks == {4: "0:cell_error"}


def test_unreadable_cells_at_the_rim(put: Put) -> None:
    reading = put(
        xlsx_of([[None, "Name", "Email", None], ["=A1", "Ann", "a@example.org", "=A1"], ["#N/A", None, None, None]])
    )
    assert reading.headers == ("Column 1", "Name", "Email", "Column 4")
    assert reading.rows == [[None, "Ann", "a@example.org", None], [None] * 4]
    assert reading.marks == {2: "0:cell_error 3:cell_error", 3: "0:cell_error"}


# 37
@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#NAME?"])
def test_error_cells(put: Put, error: str) -> None:
    reading = put(xlsx_of([*ROWS, ["Bob", error, "bob@example.org"]]))
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
        date(2024, 1, 31), _at(0), _at(13, 45), time(13, 45),
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
        for row in [*ROWS, ["Bob", None, None]]:
            workbook.active.append(row)
        workbook.active.row_dimensions[2].hidden = True

    assert put(xlsx(fill)).lines == [2, 3]


def test_cells_without_place(put: Put) -> None:
    cells = '<row><c t="inlineStr"><is><t>{}</t></is></c><c t="inlineStr"><is><t>{}</t></is></c></row>'
    reading = put(raw_xlsx(cells.format("First Name", "Email") + cells.format("Ann", "a@example.org")))
    assert reading.rows == [["Ann", "a@example.org"]]


def test_no_header_in_a_workbook(put: Put) -> None:
    assert put.refused(xlsx_of(ROWS[1:])).code == "no_header"
    assert put.refused(xls_of(ROWS[1:])).code == "no_header"


# 66
def test_a_million_formatted_blank_rows(put: Put) -> None:
    blank = "".join(
        f'<row r="{row}" s="1"><c r="A{row}" s="1"/><c r="B{row}" s="1"/></row>' for row in range(4, 300_000)
    )
    reading = put(raw_xlsx(HEADER_XML + f'<row r="3">{inline("A3", "Ann")}</row>' + blank))
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
    assert put.refused(xlsx_of(ROWS[:1])).code == "no_rows"
    assert put.refused(xls_of(ROWS[:1])).code == "no_rows"


# 69
@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_truncated_workbooks(put: Put, kept: float) -> None:
    data = xlsx_of(ROWS * 200)
    assert put.refused(data[: int(len(data) * kept)]).code == "unreadable"


def test_damaged_workbooks(put: Put) -> None:
    data = xlsx_of(ROWS * 200)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        offset = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 80
    assert put.refused(data[:offset] + b"\xff" * 40 + data[offset + 40 :]).code == "unreadable"
    assert put.refused(raw_xlsx(HEADER_XML + "<row><c></row>")).code == "unreadable"
    old = xls_of(ROWS * 200)
    assert put.refused(old[:3000], "a.xls").code in ("unreadable", "unsupported_type")


def test_too_big_for_memory_is_read_slowly(put: Put) -> None:
    rows: list[list[Any]] = [["Name", "Points"], *([f"n{number}", number] for number in range(300))]
    reading = put(xlsx_of(rows), limits=ReadLimits(cells_in_memory=100))
    assert reading.rows == [[f"n{number}", str(number)] for number in range(300)]


def test_both_readers_of_workbooks_agree(put: Put) -> None:
    rows: list[list[Any]] = [
        ["Name", None, "Birthday", "Points", "Error", "When"],
        ["Ann", "x", date(1990, 5, 1), 5, "#N/A", _at(13, 45)],
        [None],
        [None, " a ", None, 1.5, "=1+1", time(9, 30)],
        ["Zoë", None, None, 12345678901234567, True, None],
    ]
    data = xlsx_of(rows)
    fast, slow = put(data), put(data, limits=ReadLimits(cells_in_memory=1))
    assert (fast.headers, fast.rows, fast.lines, fast.marks) == (slow.headers, slow.rows, slow.lines, slow.marks)
    assert fast.lines == [2, 4, 5]
    assert openpyxl.load_workbook(io.BytesIO(data)).active is not None
