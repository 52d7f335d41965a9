"""A report is a file that can be mended and imported: its columns, its cells, and what a spreadsheet must not run."""

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipeline.report_files import escape_formula, write_report
from pipeline.reports import Finding, FoundRow, Source
from schemas.errors import WrongCommand

SOURCE = Source(
    "customers.csv",
    ("Phone", "Name", "Points", "Phone (2)"),
    {"Phone": "phone", "Name": "first_name", "Points": "points", "Phone (2)": None},
    None,
    0,
)
REJECTED = FoundRow(
    4,
    ("12", "=cmd()", "-5", None),
    (
        Finding(4, None, None, None, "no_phone_or_email", "Add one.", True),
        Finding(4, "phone", "Phone", "12", "phone_invalid", "Correct it.", False),
    ),
    is_left_out=True,
)
APPLIED = FoundRow(
    6,
    ("+1 415 555 2671", "Ann", "50", "x"),
    (Finding(6, "birthday", "Born", "?", "date_invalid", "Write it.", False),),
    False,
)
REFUSED = FoundRow(
    7,
    ("+1 415 555 2672", "Bo", "-50", None),
    (Finding(7, "points", "Points", "-50", "points_below_zero", "No.", False),),
    False,
)


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "@sum",
        "+cmd|'/c calc'!A0",
        "-2+cmd()",
        "\t=1",
        "\r=1",
        "\n=1",
        " =HYPERLINK()",
        "\xa0=1",
        "＝1",
        "-",
        "+",
    ],
)
def test_what_a_spreadsheet_might_run_gets_an_apostrophe(cell: str) -> None:
    assert escape_formula(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["-50", "+1 (415) 555-2671", "-1,000.00", "+49 30/123456", "Ann-Marie", "a=b", "", "50"]
)
def test_numbers_phones_and_other_text_come_back_as_they_were(cell: str) -> None:
    assert escape_formula(cell) == cell


def test_a_row_left_out_is_whole_and_one_applied_has_no_points_to_give_twice(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    assert write_report(path, SOURCE, [REJECTED, APPLIED, REFUSED]) == 3
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == [*SOURCE.headers, "line", "column", "code", "sentence"]
    assert rows == [
        ["12", "'=cmd()", "-5", "", "4", "Phone", "no_phone_or_email; phone_invalid", "Add one. Correct it."],
        ["+1 415 555 2671", "Ann", "", "x", "6", "Born", "date_invalid", "Write it."],
        ["+1 415 555 2672", "Bo", "-50", "", "7", "Points", "points_below_zero", "No."],
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["report.csv"]


def test_a_workbook_holds_text_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    odd = FoundRow(9, ("\x01", "A" * 40_000, None, None), REJECTED.findings, is_left_out=True)
    assert write_report(path, SOURCE, [REJECTED, odd]) == 2
    rows = list(load_workbook(path)["Report"].iter_rows())
    assert [cell.value for cell in rows[0]] == [*SOURCE.headers, "line", "column", "code", "sentence"]
    assert [cell.value for cell in rows[1][:4]] == ["12", "'=cmd()", "-5", None]
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}


@pytest.mark.parametrize(("name", "marked"), [("Ann", False), ("Zoë", True)])
def test_a_byte_order_mark_stands_where_it_has_something_to_mark(tmp_path: Path, name: str, marked: bool) -> None:
    path = tmp_path / "report.csv"
    write_report(path, SOURCE, [FoundRow(2, ("1", name, None, None), REJECTED.findings, is_left_out=True)])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") is marked


def test_the_columns_of_an_earlier_report_are_replaced(tmp_path: Path) -> None:
    extra = ("line", "column", "code", "sentence")
    source = Source("report.csv", ("Phone", *extra), {"Phone": "phone"}, None, 0)
    row = FoundRow(2, ("12", "4", "Phone", "phone_invalid", "Old."), REJECTED.findings[1:], is_left_out=True)
    path = tmp_path / "report.csv"
    write_report(path, source, [row])
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["Phone", *extra], ["12", "2", "Phone", "phone_invalid", "Correct it."]]


def test_other_kinds_of_file_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(WrongCommand, match=r"\.csv or \.xlsx"):
        write_report(tmp_path / "report.ods", SOURCE, [REJECTED])
    assert list(tmp_path.iterdir()) == []
