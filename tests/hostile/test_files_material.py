"""The messy files of other projects: what is readable is read as independent readers saw it, the rest has a code."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import ImportRefused
from tests.hostile.files import read

MATERIAL = Path(__file__).resolve().parents[3] / "shared" / "material"
LIST: list[dict[str, Any]] = json.loads((MATERIAL / "files.json").read_text()) if MATERIAL.is_dir() else []

pytestmark = pytest.mark.skipif(not LIST, reason="the material is not there")

REFUSED = {
    "messytables__horror_encrypted_no_password.xls": "password_protected",
    "test_files__password_2002_40_xor.xls": "password_protected",
    "calamine__tests_empty_sheet.xlsx": "empty_file",
    "calamine__tests_pass_protected.xlsx": "password_protected",
    # One word is a header of one column, without rows.
    "django-import-export__tests_core_exports_books-no-headers.csv": "no_rows",
    "poi__test-data_spreadsheet_password.xls": "password_protected",
    "poi__test-data_spreadsheet_poc-xmlbomb.xlsx": "unreadable",
    "poi__test-data_spreadsheet_clusterfuzz-testcase-minimized-POIHSSFFuzzer-5816431116615680.xls": "unreadable",
    "duckdb__data_csv_header_only.csv": "no_rows",
    "duckdb__data_csv_test_unterminated.csv": "unreadable",
    # Readable for others, but every cell is an error: there is no text that could name a column.
    "calamine__tests_errors.xlsx": "no_header",
}

#: Several visible sheets have data, so one must be chosen; the list is about this one.
SHEETS = {
    "test_files__large_strings.xlsx": "Large Strings",
    "calamine__tests_whitespace_trim.xlsx": "inlineStr",
    "csvkit__examples_sheets.xlsx": "data",
}

ENCODINGS = {"messytables__horror_characters.csv": "big5"}

#: Rows that we see where the list (which counts the header, titles and blank rows of some) gives no such number.
ROWS = {
    "calamine__tests_header-row.xlsx": 1,  # notes above the header are no rows
    "calamine__tests_issue_271.xls": 1,  # and so are blank rows
    "calamine__tests_issue_530.xlsx": 1,  # two lines of metadata and a period stand above the real header
    "frictionless-py__data_issue-312.xlsx": 4,
    "messytables__horror_weird_head_padding.csv": 76,  # six title lines and a blank record stand above the years
    "CleverCSV__example_imdb.csv": 100,
}

#: Headers where ours differ from the list for a reason.
HEADERS: dict[str, list[str]] = {
    # Undecodable as UTF-8 throughout, so Windows-1252 by the rule, where the list's reader guessed a code page.
    "duckdb__data_csv_test_invalid_utf_header.csv": ["valid", "invalid_ÿÿ_part", "valid"],
    # The header is the record of years, not the title.
    "messytables__horror_weird_head_padding.csv": [
        "", "1985", "1993", "2000", "2005", "2006", "2007", "2008", "2009", "2010", "",
    ],
    "calamine__tests_header-row.xlsx": ["Columns", "Column A", "Column B", "Column C"],
    "calamine__tests_issue_530.xlsx": ["", "", "领域", "平台", "小微", "节点组织", "人事范围", "总人数"],
    # Trimmed on the way, as everywhere.
    "calamine__tests_whitespace_trim.xlsx": ["trimmed value", "value with tabs", "", "clean text"],
}  # fmt: skip


def _name(entry: dict[str, Any]) -> str:
    return Path(entry["file"]).name


@pytest.mark.parametrize("entry", LIST, ids=_name)
def test_file_of_the_list(entry: dict[str, Any]) -> None:
    name, path = _name(entry), MATERIAL / entry["file"]
    if name in REFUSED:
        with pytest.raises(ImportRefused) as refused:
            read(path)
        assert refused.value.code == REFUSED[name]
        return
    assert entry["expected"] == "readable"
    reading = read(path, sheet=SHEETS.get(name), encoding=ENCODINGS.get(name))
    expected = ROWS.get(name, (entry["rows_if_known"] or 0) - 1)
    assert reading.profile.rows == expected
    _check_headers(reading.headers, HEADERS.get(name, entry["header_if_known"]))


def _check_headers(headers: tuple[str, ...], expected: list[str]) -> None:
    """Ours are unique, and blank ones named; the list may be cut off, or end in blank ones that no cell is under."""
    while len(expected) > len(headers):
        assert expected.pop() == ""
    seen: set[str] = set()
    trimmed = [" ".join(name.split()) for name in expected]
    for number, (ours, theirs) in enumerate(zip(headers, trimmed, strict=False), 1):
        if not theirs:
            assert ours == f"Column {number}"
        elif theirs in seen:
            assert ours.startswith(f"{theirs} (")
        else:
            assert ours == theirs
        seen.add(theirs)
    assert len(set(headers)) == len(headers)
