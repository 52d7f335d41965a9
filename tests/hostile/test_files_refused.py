"""Entries 23 to 33 of the catalogue of hostile files: too large inside, encrypted, of another kind, or named so."""

import struct
from pathlib import Path
from secrets import token_hex

import pytest

from schemas.errors import ImportRefused
from tests.hostile.files import inline, ole_of, raw_xlsx, xls_of, zip_of
from tests.hostile.readings import HEADER_XML, Put, read_here

MATERIAL = Path(__file__).resolve().parents[3] / "shared" / "material" / "files"


# 23
def test_sparse_sheet_is_refused_before_the_parser(put: Put) -> None:
    rows = HEADER_XML + f'<row r="1048576">{inline("XFD1048576", "x")}</row>'
    assert put.refused(raw_xlsx(rows), apart=True).code == "sheet_too_large"


def test_a_long_sheet_is_looked_over_while_it_is_loaded(put: Put) -> None:
    """Whatever the library makes of a sparse one meanwhile, even the end of its process."""
    cells = [f'<row r="{row}">{inline(f"A{row}", token_hex(50))}</row>' for row in range(2, 80_002)]
    long = HEADER_XML + "".join(cells)
    read = put(raw_xlsx(long), apart=True)
    assert (len(read.rows), read.lines[-1]) == (80_000, 80_001)
    sparse = long + f'<row r="1048576">{inline("XFD1048576", "x")}</row>'
    assert put.refused(raw_xlsx(sparse), apart=True).code == "sheet_too_large"


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


# 25
def test_zip_bomb(put: Put) -> None:
    rows = HEADER_XML + f'<row r="2">{inline("A2", "x")}</row>'
    bomb = raw_xlsx(rows, extra={"xl/media/image1.bin": b"\0" * (300 << 20)})
    assert len(bomb) < 1 << 20
    assert put.refused(bomb, apart=True).code == "file_too_large"


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
        read_here(MATERIAL / name)
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
