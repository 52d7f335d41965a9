"""Entries 9 to 22 of the catalogue of hostile files, and those about the end of a file, as far as they are text."""

import csv
import io

import pytest

from tests.hostile.readings import HEADER, ROWS, TEXT, Put, is_plain


# 9
def test_short_and_long_rows(put: Put) -> None:
    reading = put("id,First Name,Email\n1\n2,Bob,bob@example.org,extra\n3,Cy,cy@example.org, ,\n,,,4\n")
    assert reading.rows == [
        ["1", None, None],
        ["2", "Bob", "bob@example.org"],
        ["3", "Cy", "cy@example.org"],
        [None] * 3,
    ]
    assert reading.marks == {3: "row:row_too_wide", 5: "row:row_too_wide"}


# 10
def test_unterminated_quote_names_its_line(put: Put) -> None:
    rows = [f"{number},Ann,a{number}@example.org" for number in range(1000)]
    rows[500] = '500,"Ann,a500@example.org'
    refused = put.refused("id,First Name,Email\n" + "\n".join(rows) + "\n")
    assert refused.code == "unreadable"
    assert "line 502" in refused.message


def test_unterminated_quote_among_quoted_cells(put: Put) -> None:
    rows = [f'"{number}","Ann","a{number}@example.org"' for number in range(1000)]
    rows[500] = '"500","Ann,"a500@example.org"'
    rows[501] = '"501","Ann\n","a501@example.org"'
    rows[700] = '"700","Ann,a700@example.org'
    refused = put.refused("id,First Name,Email\n" + "\n".join(rows) + "\n")
    assert refused.code == "unreadable"


@pytest.mark.parametrize("swallowed", [3, 20, 3999])
def test_stray_quote_must_not_swallow_rows_quietly(put: Put, swallowed: int) -> None:
    # One quote opens in line 3; the next one in the file happens to close it as if it were well formed.
    rows = [f"{number},Ann,a{number}@example.org" for number in range(5000)]
    rows[1] = '1,"Ann,a1@example.org'
    rows[1 + swallowed] = '9,Ann",b@example.org'
    refused = put.refused("id,First Name,Email\n" + "\n".join(rows) + "\n")
    assert refused.code == "unreadable"
    assert "line 3" in refused.message


def test_notes_of_several_lines_are_cells(put: Put) -> None:
    note = "Dear Ann,\nthanks, and see you, soon\n\nYours,\nBob"
    reading = put(f'First Name,Note,Email\nAnn,"{note}",ann@example.org\n"{note}",,\n')
    assert reading.rows == [["Ann", note, "ann@example.org"], [note, None, None]]


def test_unterminated_quote_in_a_big_file(put: Put) -> None:
    rows = "".join(f"{number},Ann,a{number}@example.org\n" for number in range(200_000))
    refused = put.refused('id,First Name,Email\n1,"Ann,a@example.org\n' + rows, apart=True)
    assert refused.code == "unreadable"
    assert "line 2" in refused.message


# 11
def test_quotes_inside_cells_are_text(put: Put) -> None:
    reading = put(
        'First Name,Email,Note\nAnn "Annie" Lee,ann@example.org,5\'10" tall\nBob,bob@example.org,"a ""b"" c"\n'
    )
    assert reading.rows == [
        ['Ann "Annie" Lee', "ann@example.org", "5'10\" tall"],
        ["Bob", "bob@example.org", 'a "b" c'],
    ]
    assert reading.marks == {}


def test_backslash_is_no_escape(put: Put) -> None:
    reading = put('First Name,Email\nAnn\\, Lee,ann@example.org\n"say \\"hi\\"",b@example.org\n')
    assert reading.marks == {2: "row:row_too_wide"}
    assert reading.rows[1] == ['say \\hi\\""', "b@example.org"]


# 12
@pytest.mark.parametrize(
    ("size", "marks"), [(32_767, {}), (32_768, {2: "1:cell_too_long"}), (10_000_000, {2: "1:cell_too_long"})]
)
def test_long_cells(put: Put, size: int, marks: dict[int, str]) -> None:
    reading = put(f"First Name,Note\nAnn,{'x' * size}\nBob,ok\n", apart=True)
    assert reading.marks == marks
    assert len(reading.rows[0][1] or "") == size
    assert reading.rows[1] == ["Bob", "ok"]


def test_length_counts_after_cleaning(put: Put) -> None:
    reading = put(f"First Name,Note\nAnn,é{'x' * 32_766}{' ' * 500}\nBob,{'é' * 32_768}\n")
    assert reading.marks == {3: "1:cell_too_long"}


# 13
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(put: Put, delimiter: str) -> None:
    assert is_plain(put(TEXT.replace(",", delimiter)))


def test_semicolons_with_decimal_commas(put: Put) -> None:
    reading = put("Kunde;Umsatz;Rabatt\nAnn;1,50;2,50\nBob;3,50;4,50\nCy;5,50;6,50\n")
    assert reading.rows[0] == ["Ann", "1,50", "2,50"]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Email", ["ann@example.org", "bob@example.org"]),
        ("Phone", ["(415) 555-0101", "415-555-0102"]),
        ("val", ["l1", "l2"]),
    ],
)
def test_one_column(put: Put, header: str, cells: list[str]) -> None:
    reading = put("\n".join([header, *cells]) + "\n")
    assert reading.headers == (header,)
    assert reading.rows == [[cell] for cell in cells]


# 14
@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"'])
def test_declared_delimiter_is_a_line_of_its_own(put: Put, line: str) -> None:
    reading = put(f"{line}\r\nFirst Name;Email\r\nAnn;ann@example.org\r\n")
    assert reading.headers == ("First Name", "Email")
    assert reading.lines == [3]


# 15
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_line_ends(put: Put, end: str) -> None:
    assert is_plain(put(TEXT.replace("\r\n", end)))
    assert is_plain(put(TEXT.replace("\r\n", end).removesuffix(end)))


def test_bare_cr_in_a_big_file(put: Put) -> None:
    reading = put("First Name,Email\r" + "".join(f"Ann,a{number}@example.org\r" for number in range(60_000)))
    assert reading.profile.part_rows == (50_000, 10_000)
    assert reading.lines == list(range(2, 60_002))


# 16
@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\v", "\f", "\x1c", "\x1d", "\x85"])
def test_other_line_ends_do_not_end_rows(put: Put, mark: str) -> None:
    reading = put(f"First Name,Email\nAnn{mark}Lee,ann@example.org\n")
    assert reading.rows == [[f"Ann{mark}Lee", "ann@example.org"]]


def test_line_ends_inside_quotes_belong_to_the_cell(put: Put) -> None:
    reading = put('First Name,Email\r\n"Ann\r\nLee",ann@example.org\r\nBob,bob@example.org\r\n')
    assert reading.rows == [["Ann\r\nLee", "ann@example.org"], ["Bob", "bob@example.org"]]
    assert reading.lines == [2, 3]


# 17, 18
def test_repeated_and_blank_headers(put: Put) -> None:
    reading = put("Email,Phone,,Phone,Phone (2),Phone, \nann@example.org,1,2,3,4,5,6\n")
    assert reading.headers == ("Email", "Phone", "Column 3", "Phone (3)", "Phone (2)", "Phone (4)", "Column 7")
    assert reading.rows == [["ann@example.org", "1", "2", "3", "4", "5", "6"]]


# 19
def test_header_below_title_lines(put: Put) -> None:
    reading = put("Customers of Main Street\n\nExported,2024-01-31\n" + TEXT)
    assert reading.headers == tuple(HEADER.split(","))
    assert reading.lines == [5, 6]
    assert reading.rows == ROWS


def test_unknown_header_below_title_lines(put: Put) -> None:
    reading = put("Bericht\nStand:,31.01.2024\nKundin,Ort,Umsatz\nAnn,Bonn,5\nBea,Köln,7\n")
    assert reading.headers == ("Kundin", "Ort", "Umsatz")
    assert reading.lines == [4, 5]


def test_header_as_line_20_but_not_as_line_21(put: Put) -> None:
    assert put("note\n" * 19 + TEXT).lines == [21, 22]
    assert put.refused("note\n" * 20 + TEXT).code == "no_header"


# 20
@pytest.mark.parametrize(
    "rows",
    [
        "Ann,4155550101,ann@example.org\nBob,4155550102,bob@example.org\n",
        "ann@example.org\nbob@example.org\n",
        "+1 (415) 555-0101\n415.555.0102\n",
        # The first rows lack their phone and e-mail; they are no header for the others.
        "Ann,,\nBob,4155550102,bob@example.org\nCy,4155550103,cy@example.org\n",
        "Bob,4155550102,bob@example.org\nAnn,,\nCy,4155550103,cy@example.org\n",
    ],
)
def test_no_header(put: Put, rows: str) -> None:
    assert put.refused(rows).code == "no_header"


# 21
def test_headers_are_cleaned(put: Put) -> None:
    reading = put("\ufeff\u00a0 First\tName ,PHONE\u200b,e\u0301mail\nAnn,4155550101,ann@example.org\n")
    assert reading.headers == ("First Name", "PHONE", "émail")


# 22
def test_as_many_columns_as_excel_has(put: Put) -> None:
    reading = put(",".join(f"h{number}" for number in range(16_384)) + "\n" + "1," * 16_383 + "2\n", apart=True)
    assert len(reading.headers) == 16_384
    assert reading.rows[0][-2:] == ["1", "2"]


@pytest.mark.parametrize("columns", [16_385, 1_200_000])
def test_more_columns_than_excel_has(put: Put, columns: int) -> None:
    assert put.refused("h," * (columns - 1) + "h\n" + "1," * 9 + "\n", apart=True).code == "file_too_large"


def test_one_row_of_a_million_cells(put: Put) -> None:
    reading = put(HEADER + "\n" + "x," * 1_000_000 + "\nAnn,1,2\n", apart=True)
    assert reading.marks == {2: "row:row_too_wide"}
    assert reading.rows == [["x", "x", "x"], ["Ann", "1", "2"]]


# 31
@pytest.mark.parametrize("name", ["customers.xls", "customers.xlsx", "customers"])
def test_csv_of_another_name(put: Put, name: str) -> None:
    assert is_plain(put(TEXT, name))
    assert is_plain(put(TEXT.replace(",", "\t"), name))


# 66
def test_blank_rows_count_as_lines_only(put: Put) -> None:
    reading = put(
        'First Name,Email\n\nAnn,ann@example.org\n,\n" \u200b",\u00a0\n""\nBob,\n\n' + ",\n" * 20_000 + "Cy,\n,,\n"
    )
    assert [(line, row[0]) for line, row in zip(reading.lines, reading.rows, strict=True)] == [
        (3, "Ann"),
        (7, "Bob"),
        (20_009, "Cy"),
    ]


# 67
def test_total_row_is_a_row(put: Put) -> None:
    # That it has no key, and so no effect, is for the rows to judge.
    assert put("Email,Points\nann@example.org,5\nTotal,5\n").rows[-1] == ["Total", "5"]


# 68
@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\t\n", b"\xff\xfe", b"\n" * 50, b",,\n,,\n"])
def test_empty_files(put: Put, data: bytes) -> None:
    assert put.refused(data).code == "empty_file"


@pytest.mark.parametrize("data", [HEADER, HEADER + "\n", HEADER + "\r\n,,\r\n \r\n", "sep=,\n" + HEADER])
def test_header_alone(put: Put, data: str) -> None:
    assert put.refused(data).code == "no_rows"


# 69
def test_truncated_last_line_is_a_short_row(put: Put) -> None:
    # That a file was cut can't be told from a last line without a line end, which many programs write; what is missing
    # is blank as in any short row, so a row that lost its keys is rejected for that.
    reading = put("id,First Name,Email\n1,Ann,ann@example.org\n2,Bo")
    assert reading.rows == [["1", "Ann", "ann@example.org"], ["2", "Bo", None]]


def test_truncated_inside_a_quote(put: Put) -> None:
    assert put.refused('id,First Name,Email\n1,Ann,ann@example.org\n2,"Bo').code == "unreadable"


def test_parts_keep_order_and_lines(put: Put) -> None:
    data = io.StringIO()
    csv.writer(data).writerows([["First Name", "Email"], *([f"a{n}", f"a{n}@example.org"] for n in range(120_000))])
    reading = put(data.getvalue())
    assert reading.profile.part_rows == (50_000, 50_000, 20_000)
    assert reading.lines == list(range(2, 120_002))
    assert reading.rows[119_999] == ["a119999", "a119999@example.org"]
