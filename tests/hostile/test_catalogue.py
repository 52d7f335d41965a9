"""The catalogue of hostile files, all 76, and which test holds each. Fails where one has no test, or a test is gone."""

import ast
from pathlib import Path

import pytest

from tests.hostile import test_catalogue_files, test_catalogue_rows, test_catalogue_values
from tests.hostile.catalogue import Case

HERE = Path(__file__).parent
#: Cases by number, each a file that goes through the whole pipeline.
CASES: list[Case] = [
    *test_catalogue_files.HOSTILE,
    *test_catalogue_files.READ,
    *test_catalogue_values.CASES,
    *test_catalogue_rows.CASES,
]

#: Entry → tests that hold it beside its cases, or where a case can't.
TESTS: dict[int, tuple[str, ...]] = {
    1: ("test_byte_order_marks",),
    2: ("test_byte_order_marks",),
    3: ("test_wide_text_without_mark",),
    4: ("test_windows_1252_is_taken_and_said", "test_declared_encoding_is_taken"),
    5: ("test_bytes_that_windows_1252_does_not_have",),
    6: ("test_mixed_encodings_cost_one_cell", "test_a_tie_is_windows_1252"),
    7: ("test_nul_marks_its_cell",),
    8: ("test_lone_surrogates_in_utf_8", "test_lone_surrogates_in_utf_16"),
    9: ("test_short_and_long_rows",),
    10: ("test_unterminated_quote_names_its_line", "test_stray_quote_must_not_swallow_rows_quietly"),
    11: ("test_quotes_inside_cells_are_text", "test_backslash_is_no_escape"),
    12: ("test_long_cells", "test_length_counts_after_cleaning"),
    13: ("test_delimiters", "test_semicolons_with_decimal_commas", "test_one_column"),
    14: ("test_declared_delimiter_is_a_line_of_its_own",),
    15: ("test_line_ends", "test_bare_cr_in_a_big_file"),
    16: ("test_other_line_ends_do_not_end_rows",),
    17: ("test_repeated_and_blank_headers",),
    18: ("test_repeated_and_blank_headers",),
    19: ("test_header_below_title_lines", "test_header_as_line_20_but_not_as_line_21"),
    20: ("test_no_header", "test_no_header_in_a_workbook"),
    21: ("test_headers_are_cleaned",),
    22: ("test_as_many_columns_as_excel_has", "test_more_columns_than_excel_has"),
    23: ("test_sparse_sheet_is_refused_before_the_parser", "test_sparse_sheet_in_other_spellings"),
    24: ("test_declared_dimension_is_ignored",),
    25: ("test_zip_bomb", "test_zip_bomb_that_lies_about_its_size", "test_too_many_entries"),
    26: ("test_document_types_are_refused",),
    27: ("test_document_types_are_refused",),
    28: ("test_encrypted_workbook",),
    29: ("test_encrypted_workbook", "test_encrypted_files_of_others"),
    30: ("test_other_kinds_of_files",),
    31: ("test_csv_of_another_name",),
    33: ("test_other_kinds_of_files", "test_xlsm_is_read"),
    34: ("test_hidden_sheets_do_not_count", "test_several_sheets_of_an_old_workbook"),
    35: ("test_merged_cells_keep_one_value",),
    36: ("test_formula_without_stored_value", "test_row_of_lost_formulas_is_a_row"),
    37: ("test_error_cells", "test_error_cells_of_an_old_workbook"),
    38: ("test_date_systems",),
    39: ("test_date_systems",),
    43: ("test_numbers_that_lost_digits",),
    65: ("test_a_forgotten_shopper_stays_away_and_is_not_shown",),
    66: ("test_blank_rows_count_as_lines_only", "test_a_million_formatted_blank_rows"),
    67: ("test_total_row_is_a_row",),
    68: ("test_empty_files", "test_header_alone", "test_empty_workbooks"),
    69: ("test_truncated_last_line_is_a_short_row", "test_truncated_workbooks"),
    70: (
        "test_a_file_that_changes_while_it_is_imported",
        "test_a_file_that_changes_after_it_was_read",
    ),
    71: ("test_the_same_file_twice",),
    72: ("test_sharp_names_are_kept_and_given_out_blunt",),
    73: ("test_sharp_names_are_kept_and_given_out_blunt",),
    76: ("test_a_file_above_the_limit_is_not_read", "test_hostile_files_end_only_themselves"),
}  # fmt: skip


def list_tests() -> set[str]:
    """Names of all tests beside this one, wherever they have been moved."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in HERE.glob("test_*.py")]
    return {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}


KNOWN = list_tests()


@pytest.mark.parametrize("number", range(1, 77))
def test_every_entry_is_held(number: int) -> None:
    named = TESTS.get(number, ())
    assert named or any(case.number == number for case in CASES), f"nothing holds entry {number}"
    assert set(named) <= KNOWN


def test_no_entry_beyond_the_catalogue() -> None:
    assert {*TESTS, *(case.number for case in CASES)} == set(range(1, 77))


def test_twenty_hostile_files_are_twenty() -> None:
    assert len(test_catalogue_files.HOSTILE) == 20
    assert len({case.data for case in test_catalogue_files.HOSTILE}) >= 19
