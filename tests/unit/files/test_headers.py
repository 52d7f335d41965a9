"""Finding and naming the header."""

import pytest

from pipeline.files.headers import find_header, unique_headers
from schemas.errors import ImportRefused
from schemas.fields import TEMPLATE_HEADERS

TEMPLATE = list(TEMPLATE_HEADERS)
ROW = ["Ann", "Lee", "4155550101", "ann@example.org", "01/31/1990", "1 Main St", "Oakland", "CA", "94601", "5"]


@pytest.mark.parametrize(
    ("records", "header"),
    [
        ([TEMPLATE, ROW], 0),
        ([["Main Street Store"], [], ["Region:", "West"], TEMPLATE, ROW], 3),
        # A row may hold the name of a column as its value.
        ([["Kundin", "Kontakt", "Über"], ["Ann", "Phone", "Email"], ["Bea", "Phone", "Email"]], 0),
        ([["Kundin", "Kontakt"], ["Ann", "Phone"], ["Bea", "Mail"]], 0),
        # A title with an address does not make the data begin.
        ([["Questions?", "help@example.org"], TEMPLATE, ROW], 1),
        ([["Summe", ""], ["2011-09-14", "3.81"], ["2011-09-15", "4.06"]], 0),
        ([["As of", "31.01.2024"], ["Kundin", "Ort", "Umsatz"], ["Ann", "Bonn", "5"]], 1),
        ([["a", "b", "c"], *[["1", "2", "3"]] * 10, ["1"] * 500], 0),
        ([["1985", "1993"], ["379", "575"]], 0),
    ],
)
def test_find_header(records: list[list[str]], header: int) -> None:
    assert find_header(records) == header


@pytest.mark.parametrize(
    "records",
    [
        [ROW, ROW],
        [["4155550101"], ["4155550102"]],
        [["Ann", ""], ["Bob", "bob@example.org"]],
        [[], [""]],
        [],
    ],
)
def test_no_header(records: list[list[str]]) -> None:
    with pytest.raises(ImportRefused) as refused:
        find_header(records)
    assert refused.value.code == "no_header"


@pytest.mark.parametrize(
    ("cells", "headers"),
    [
        (["a", "b", "a", "a_1"], ("a", "b", "a (2)", "a_1")),
        (["a", "a", "a", "a (2)"], ("a", "a (3)", "a (4)", "a (2)")),
        (["", "Column 1", ""], ("Column 1 (2)", "Column 1", "Column 3")),
        ([" Phone\n1 ", "Phone 1"], ("Phone 1", "Phone 1 (2)")),
        (["\udcff", "\0"], ("\ufffd", "\ufffd (2)")),
        (["a", "A"], ("a", "A")),
    ],
)
def test_unique_headers(cells: list[str], headers: tuple[str, ...]) -> None:
    assert unique_headers(cells, len(cells)) == headers


def test_columns_beyond_the_header_have_the_sheet_s_numbers() -> None:
    assert unique_headers(["a"], 3, first_column=3) == ("a", "Column 4", "Column 5")
    assert len(set(unique_headers(["x"] * 16_384, 16_384))) == 16_384
