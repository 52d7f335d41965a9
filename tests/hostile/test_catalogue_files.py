"""Entries of the catalogue about whole files, through the pipeline: what fails with which code, and who lives on."""

import io
from typing import Any

import psutil
import pytest
import xlsxwriter

from console.processes import WORKER, list_processes
from tests.hostile.catalogue import Case, expect, observe, table
from tests.hostile.files import inline, ole_of, raw_xlsx, xlsx, xlsx_of, zip_of
from tests.running import Running

pytestmark = pytest.mark.services

HEADER = f'<row r="1">{inline("A1", "First Name")}{inline("B1", "Email")}</row>'
ANN = f'<row r="2">{inline("A2", "Ann")}{inline("B2", "ann@example.org")}</row>'
FAR = f'<row r="1048576">{inline("XFD1048576", "x")}</row>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
READ_ANN = [{"first_name": "Ann", "email": "ann@example.org"}]


def doctype(inside: str, use: str) -> bytes:
    """A sheet whose XML declares entities and uses one as a name."""
    row = f'<row r="2"><c r="A2" t="inlineStr"><is><t>{use}</t></is></c>{inline("B2", "ann@example.org")}</row>'
    return raw_xlsx(HEADER + row, prolog=f"<!DOCTYPE x [{inside}]>")


def formulas() -> bytes:
    """Names that are formulas with a stored value, without one, and an error."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["Email", "First Name"])
        for row, (formula, value) in enumerate([('="An"&"n"', "Ann"), ("=NA()", "#N/A")], 1):
            sheet.write(row, 0, f"a{row}@example.org")
            sheet.write_formula(row, 1, formula, None, value)
    return data.getvalue()


def two_sheets(workbook: Any) -> None:
    workbook.active.append(["Email"])
    workbook.active.append(["ann@example.org"])
    other = workbook.create_sheet("Other")
    other.append(["Email"])
    other.append(["bo@example.org"])


def refused(number: int, name: str, data: bytes, code: str, file: str = "customers.xlsx") -> Case:
    return Case(number, name, data, file, status="failed", code=code)


#: Twenty files that have ended other importers, each of which must end only itself.
HOSTILE = [
    refused(23, "two cells far apart", raw_xlsx(HEADER + FAR), "sheet_too_large"),
    refused(23, "a cell outside of any sheet", raw_xlsx(HEADER + FAR.replace("XFD", "ZZZ")), "sheet_too_large"),
    refused(23, "by row number alone", raw_xlsx(f'{HEADER}<row r="1048576">{"<c/>" * 9_999}<c><v>1</v></c></row>'),
            "sheet_too_large"),
    refused(25, "zip bomb", raw_xlsx(HEADER + ANN, extra={"xl/media/a.bin": b"\0" * (20 << 20)}), "file_too_large"),
    refused(25, "zip bomb in the sheet", raw_xlsx(HEADER + ANN + f"<!--{' ' * (20 << 20)}-->"), "file_too_large"),
    refused(25, "a thousand entries", raw_xlsx(HEADER, extra={f"xl/{n}.bin": b"x" for n in range(1000)}),
            "file_too_large"),
    refused(26, "billion laughs", doctype(f'<!ENTITY l0 "lol">{LAUGHS}', "&l9;"), "unreadable"),
    refused(26, "quadratic", doctype(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 50_000), "unreadable"),
    refused(27, "a local file", doctype('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"), "unreadable"),
    refused(27, "another host", doctype('<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;', "x"), "unreadable"),
    refused(28, "encrypted", ole_of("EncryptionInfo", "EncryptedPackage"), "password_protected"),
    refused(29, "encrypted, as .xls", ole_of("EncryptionInfo", "EncryptedPackage"), "password_protected", "old.xls"),
    refused(30, "a page", b"<html><table><tr><td>Email</td></tr></table></html>", "unsupported_type", "customers.xls"),
    refused(33, "OpenDocument", zip_of(content_dot_xml=b"<x/>", mimetype=b"application/vnd.oasis"), "unsupported_type"),
    refused(33, "a packed .csv", zip_of(customers_dot_csv=b"Email\na@example.org\n"), "unsupported_type"),
    refused(34, "two sheets", xlsx(two_sheets), "several_sheets"),
    refused(69, "cut in the middle", xlsx_of([["Email"], *([f"a{n}@example.org"] for n in range(99))])[:3000],
            "unreadable"),
    refused(69, "nothing but a signature", b"PK\x03\x04", "unreadable"),
    refused(69, "an old one with nothing inside", ole_of("Workbook"), "empty_file", "old.xls"),
    refused(68, "no bytes", b"", "empty_file"),
]  # fmt: skip

READ = [
    Case(2, "wide text", table("First Name,Email", "Ann,ann@example.org", encoding="utf-16"), personas=READ_ANN),
    Case(4, "Windows-1252 is said", table("First Name,Email", "Ren\u00e9,r@example.org", encoding="cp1252"),
         code="read_as_windows_1252", personas=[{"first_name": "Ren\u00e9"}]),
    Case(6, "mixed encodings", "First Name,Email\nZo\u00eb,a@example.org\nZo\u00eb,b@example.org\n".encode()
         + b"Ren\xe9,c@example.org\n", rejects={4: "cell_not_text"}, personas=[{"first_name": "Zo\u00eb"}] * 2),
    Case(7, "NUL", table("First Name,Email", "A\0nn,a@example.org", "Bo,b@example.org"), rejects={2: "cell_not_text"},
         personas=[{"first_name": "Bo"}]),
    Case(8, "lone surrogate", b"First Name,Email\n\xed\xa0\x80,a@example.org\n"
         + "Zo\u00eb,b@example.org\n".encode() * 2,
         rejects={2: "cell_not_text"}, personas=[{"first_name": "Zo\u00eb"}]),
    Case(9, "too wide", table("First Name,Email", "Ann,a@example.org,more", "Bo,b@example.org,"),
         rejects={2: "row_too_wide"}, personas=[{"first_name": "Bo"}]),
    Case(12, "too long", table("First Name,Email", f"{'x' * 32_768},a@example.org", f"{'x' * 32_767},b@example.org"),
         rejects={2: "cell_too_long"}, personas=[{"email": "b@example.org"}]),
    Case(17, "two phones", table("Phone,Phone,Email", "4155552671,4155552672,a@example.org"),
         personas=[{"phone": "+14155552671", "attributes": {}}]),
    Case(24, "a dimension that lies", raw_xlsx(HEADER + ANN, before='<dimension ref="A1:XFD1048576"/>'), "a.xlsx",
         personas=READ_ANN),
    Case(31, ".xls that is text", table("First Name,Email", "Ann,ann@example.org"), "customers.xls", personas=READ_ANN),
    Case(32, ".csv that is a workbook", raw_xlsx(HEADER + ANN), "customers.csv", personas=READ_ANN),
    Case(34, "the sheet that is named", xlsx(two_sheets), "customers.xlsx", options={"sheet": "Other"},
         personas=[{"email": "bo@example.org"}]),
    Case(37, "formulas and errors", formulas(), "customers.xlsx", notices=frozenset({(3, "first_name", "cell_error")}),
         personas=[{"first_name": "Ann"}, {"first_name": None}]),
]  # fmt: skip


@pytest.mark.parametrize("case", READ, ids=lambda case: f"{case.number}-{case.name.replace(' ', '-')}")
def test_files_that_are_read(system: Running, case: Case) -> None:
    assert observe(system, case) == expect(case)


# 25, 26, 76
def test_hostile_files_end_only_themselves(worker: Running) -> None:
    home = worker.system.settings.home
    hostile, good = worker.make_account(), worker.make_account()
    worker.run(good, table("Phone", "4155552670"))
    before = {running.pid for running in list_processes(home, WORKER)}
    waiting = [(case, worker.submit(worker.put(hostile, case.data, case.file))) for case in HOSTILE]
    done = worker.run(good, table("Phone,Points", *(f"41555526{number:02},5" for number in range(71, 99))))
    ended = [worker.wait(import_id) for _, import_id in waiting]
    assert [(told["status"], told["code"]) for told in ended] == [(case.status, case.code) for case, _ in waiting]
    assert all(len(told["attempts"]) == 1 for told in ended), "nothing was tried again"
    assert (done["status"], done["rows"]["created"]) == ("completed", 28)
    assert worker.export(hostile) == []
    # The same main processes, none of which has anything left over from a file.
    assert {running.pid for running in list_processes(home, WORKER)} == before != set()
    assert not [child for pid in before for child in psutil.Process(pid).children(recursive=True) if _reads(child)]


def _reads(process: psutil.Process) -> bool:
    try:
        return "pipeline.files.child" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False
