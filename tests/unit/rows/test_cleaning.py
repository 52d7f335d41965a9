"""Cleaning of cells, one at a time and by columns."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rows.cleaning import LONGEST, clean, clean_column, clean_key, find_too_long
from tests.oracle import text as oracle

CASES = [
    ("", ""),
    ("plain", "plain"),
    ("  two  words  ", "two  words"),
    ("Jose\u0301", "Jos\u00e9"),
    ("a\t\r\n\tb", "a b"),
    ("a\n \nb", "a   b"),
    ("a\u2028b\u2029c\x0bd\x0ce\x85f", "a b c d e f"),
    ("a\x1cb\x1fc\x7fd\x9fe\x01f", "abcdef"),
    ("\ufeffa\u200bb\u2060c\u00add\u200ee\u200ff\u061cg\u202eh\u2066i", "abcdefghi"),
    (
        "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    ),
    ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),
    ("\u00a0\u2003\u3000\u202fx\u205f\u1680", "x"),
    ("'5551234", "5551234"),
    ("''5", "''5"),
    ("'tis", "'tis"),
    ("'", "'"),
    (" '5 ", "5"),
    ("'\u0665", "\u0665"),
    ("\t\u200b ", ""),
    ("O'Brien '5", "O'Brien '5"),
]


@pytest.mark.parametrize(("raw", "expected"), CASES)
def test_cell(raw: str, expected: str) -> None:
    assert clean(raw) == expected
    assert clean(expected) == expected


def test_joiners_vanish_from_keys_alone() -> None:
    assert clean("a\u200db") == "a\u200db"
    assert clean_key(" \u200da@b\u200c.com \u200d") == "a@b.com"


def test_column_is_cleaned_like_its_cells() -> None:
    raw = [text for text, _ in CASES] + [None, "\u200d5"]
    expected = [cleaned or None for _, cleaned in CASES] + [None, "\u200d5"]
    assert clean_column(pa.array(raw, pa.string())).to_pylist() == expected


def test_untouched_column_is_not_copied() -> None:
    column = pa.array(["a", None, "b c"], pa.string())
    assert clean_column(column) is column


def test_column_that_is_a_slice_of_another() -> None:
    column = pa.array(["x", " a ", None, "\u00e9\u200b", "b", " z"], pa.string()).slice(1, 4)
    assert clean_column(column).to_pylist() == ["a", None, "\u00e9", "b"]


def test_bytes_behind_a_null_stay_unread() -> None:
    text = pa.array([" a", "\u00e9 "])
    blanked = pa.Array.from_buffers(pa.string(), 2, [pa.array([False, True]).buffers()[1], *text.buffers()[1:]])
    assert clean_column(blanked).to_pylist() == [None, "\u00e9"]


@pytest.mark.parametrize("cells", [[], [None, None], [""], ["", None, " "]])
def test_columns_of_nothing(cells: list[str | None]) -> None:
    assert clean_column(pa.array(cells, pa.string())).to_pylist() == [None] * len(cells)


def test_length_is_counted_in_code_points() -> None:
    cells = ["\u00e9" * LONGEST, "\u00e9" * (LONGEST + 1), None, "a"]
    found = find_too_long(pa.array(cells, pa.string()))
    assert found is not None
    assert found.tolist() == [False, True, False, False]
    assert find_too_long(pa.array(["a" * LONGEST, None], pa.string())) is None
    assert find_too_long(pa.array([None], pa.string())) is None


@given(
    st.lists(st.none() | st.text(alphabet="a5 '\t\n\x00\x1c\u00e9e\u0301\u200b\u200d\u00a0\u2028\ufeff", max_size=6))
)
def test_columns_agree_with_the_oracle(cells: list[str | None]) -> None:
    expected = [None if cell is None else oracle.clean(cell) or None for cell in cells]
    assert clean_column(pa.array(cells, pa.string())).to_pylist() == expected
