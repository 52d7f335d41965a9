"""One part through the whole of normalising: staging, rejects, notices, points."""

import io
import json
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pytest

from pipeline.rows.normalise import NormalisedPart, normalise_part
from schemas.mapping import Mapping
from schemas.options import ImportOptions
from schemas.staging import COLUMNS

TODAY = date(2026, 3, 1)
HEADERS = ("Phone", "Email", "First Name", "Points", "Opt-in SMS", "Explicit SMS Opt-out", "Opt-in Email", "Junk")
FIELDS = {
    "Phone": "phone",
    "Email": "email",
    "First Name": "first_name",
    "Points": "points",
    "Opt-in SMS": "sms_opt_in",
    "Explicit SMS Opt-out": "sms_opt_out",
    "Opt-in Email": "email_opt_in",
    "Junk": None,
}
P = "4155552671"


def build_part(rows: list[list[str | None]], marks: dict[int, str] | None = None, width: int | None = None) -> pa.Table:
    """A part table; `marks` by row number from 0, lines from 2."""
    width = width if width is not None else len(rows[0])
    marked = [(marks or {}).get(number) for number in range(len(rows))]
    columns = {f"c{i}": pa.array([row[i] or None for row in rows], pa.string()) for i in range(width)}
    lines = pa.array(range(2, len(rows) + 2), pa.int32())
    return pa.table({"line": lines, "marks": pa.array(marked, pa.string()), **columns})


def run(rows: list[list[str | None]], marks: dict[int, str] | None = None, **options: Any) -> NormalisedPart:
    """Rows of HEADERS, short ones filled up."""
    full = [row + [None] * (len(HEADERS) - len(row)) for row in rows]
    return normalise_part(build_part(full, marks), HEADERS, Mapping(FIELDS), "US", ImportOptions(**options), TODAY)


def listed(table: pa.Table) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in table.to_pylist()]


def test_a_good_row() -> None:
    part = run([[" (415) 555-2671 ", "Bob@X.com", "Bob", "5", "Yes", "no", "Y", "x"]])
    assert part.staging.to_pylist() == [
        {
            "line": 2, "phone": "+14155552671", "email": "bob@x.com", "phone_unusable": None, "email_unusable": None,
            "first_name": "Bob", "points": 5, "sms_wish": "i", "sms_raw": "Yes", "email_wish": "i", "email_raw": "Y",
        }
    ]  # fmt: skip
    assert part.rejects.num_rows == part.notices.num_rows == 0
    assert (part.points_readable, part.points_rejected) == (5, 0)


def test_columns_are_in_the_order_of_copy_and_only_those_that_can_be_filled() -> None:
    names = run([[P]]).staging.column_names
    assert names == [name for name in COLUMNS if name in names]
    assert "birthday" not in names
    assert "attributes" not in names
    only_email = normalise_part(build_part([["a@b.co"]]), ["E"], Mapping({"E": "email"}), "US", ImportOptions(), TODAY)
    assert only_email.staging.column_names == ["line", "email", "email_unusable"]
    with_option = normalise_part(
        build_part([["a@b.co"]]), ["E"], Mapping({"E": "email"}), "US", ImportOptions(opt_in=["sms"]), TODAY
    )
    assert with_option.staging.column_names == ["line", "email", "email_unusable", "sms_wish", "sms_raw"]
    assert with_option.staging["sms_wish"].to_pylist() == ["d"]


def test_a_row_without_keys_is_rejected_and_keeps_its_notices() -> None:
    part = run([["123", "nope", "Bob", "50"], [None, None, "Ann", "x"], [P, None, "Eve", "-7"]])
    assert listed(part.rejects) == [(2, None, "no_phone_or_email"), (3, None, "no_phone_or_email")]
    assert sorted(listed(part.notices)) == [
        (2, "email", "email_invalid"),
        (2, "phone", "phone_invalid"),
        (3, "points", "points_invalid"),
    ]
    assert part.staging["line"].to_pylist() == [4]
    assert (part.points_readable, part.points_rejected) == (43, 50)


def test_rejects_take_the_first_code_and_lose_their_notices() -> None:
    rows = [
        ["123", None, "Bob", "5"],
        ["123", None, "y" * 32_768, "6"],
        ["123", None, "Bob", "7"],
        [P, None, "Bob", "8"],
        [P, None, "Bob", "9"],
        [P, None, "Bob", "10"],
    ]
    marks = {
        0: "row:row_too_wide 2:cell_too_long 3:cell_not_text",
        2: "row:row_too_wide",
        3: "1:cell_too_long",
        4: "7:cell_not_text 7:cell_too_long 7:cell_error",
        5: "0:cell_not_text",
    }
    part = run(rows, marks)
    assert listed(part.rejects) == [
        (2, "points", "cell_not_text"),
        (3, "first_name", "cell_too_long"),
        (4, None, "row_too_wide"),
        (5, "email", "cell_too_long"),
        (7, "phone", "cell_not_text"),
    ]
    assert part.notices.num_rows == 0
    assert part.staging["line"].to_pylist() == [6]
    # The cell of line 2 that is not text holds no readable points.
    assert (part.points_readable, part.points_rejected) == (6 + 7 + 8 + 9 + 10, 6 + 7 + 8 + 10)


def test_cells_of_a_workbook_that_could_not_be_read_draw_one_notice_each() -> None:
    rows: list[list[str | None]] = [
        [None, "a@b.co", None, None, None, None, None],
        ["12345678901234567890", "a@b.co", None, "1234567890123456", None, None, None],
        [P, None, "x", None, None, None, None],
    ]
    marks = {
        0: "0:cell_error 4:cell_error 3:cell_error",
        1: "0:number_shortened 3:number_shortened",
        2: "1:cell_error 2:cell_error",
    }
    part = run(rows, marks, opt_in=["sms"])
    assert sorted(listed(part.notices)) == [
        (2, "phone", "cell_error"),
        (2, "points", "cell_error"),
        (2, "sms_opt_in", "cell_error"),
        (3, "phone", "number_shortened"),
        (3, "points", "number_shortened"),
        (4, "email", "cell_error"),
        (4, "first_name", "cell_error"),
    ]
    assert part.staging["phone_unusable"].to_pylist() == [True, True, None]
    assert part.staging["email_unusable"].to_pylist() == [None, None, True]
    assert part.staging["first_name"].to_pylist() == [None, None, None]
    # An error in the opt-in column says something, so the option says nothing for that row.
    assert part.staging["sms_wish"].to_pylist() == [None, "d", "d"]


def test_a_marked_cell_is_not_read_even_if_it_holds_a_good_value() -> None:
    headers = ["Email", "Joined", "Points", "Phone"]
    fields = ["email", "loyalty_signup_date", "points", "phone"]
    mapping = Mapping(dict(zip(headers, fields, strict=True)), {"Joined": "mdy"})
    rows: list[list[str | None]] = [["a@b.co", "2024-01-31", "5", P]] * 2
    marked = build_part(rows, {0: "1:cell_error 2:number_shortened 3:cell_error"})
    part = normalise_part(marked, headers, mapping, "US", ImportOptions(), TODAY)
    assert part.staging["loyalty_signup_date"].to_pylist() == [None, date(2024, 1, 31)]
    assert part.staging["points"].to_pylist() == [None, 5]
    assert part.staging["phone"].to_pylist() == [None, "+14155552671"]
    assert part.points_readable == 5


def test_the_option_does_not_speak_where_an_unreadable_cell_does() -> None:
    ins = [None, "maybe", "no", None, None, "yes", " \u200b"]
    outs = [None, None, None, "no", "ja", "yes", "\t"]
    rows = [[P, None, None, None, word, out, None] for word, out in zip(ins, outs, strict=True)]
    part = run(rows, opt_in=["sms", "email"])
    assert part.staging["sms_wish"].to_pylist() == ["d", None, None, None, None, "o", "d"]
    assert part.staging["sms_raw"].to_pylist() == [None, None, None, None, None, "yes", None]
    assert part.staging["email_wish"].to_pylist() == ["d"] * 7


def test_zero_points_are_no_delta() -> None:
    part = run([[P, None, None, cell] for cell in ("0", "-0.0", "(0)", "3", None)])
    assert part.staging["points"].to_pylist() == [None, None, None, 3, None]
    assert part.points_readable == 3


def test_everything_else() -> None:
    headers = ["Mail", "Born", "Joined", "Type", "Member", "Store", "Zip", "Shoe", "Veteran"]
    fields = ["email", "birthday", "loyalty_signup_date", "customer_type", "loyalty", "favorite_store", "postal_code"]
    mapping = Mapping(
        dict(zip(headers, [*fields, "attribute:Shoe Size", "attribute:Veteran"], strict=True)),
        {"Born": "dmy", "Joined": "mdy"},
    )
    rows: list[list[str | None]] = [
        ["a@b.co", "31/01/1980", "1/31/2099", "Rec", "Y", "Main", "01234", '9"', "TRUE"],
        ["b@b.co", "01/31/1980", "31/1/2020", "VIP", "no", "'007", "1.0", "no", "maybe"],
        ["c@b.co", "1899-12-31", None, None, "?", None, None, None, None],
    ]
    part = normalise_part(build_part(rows), headers, mapping, "US", ImportOptions(), TODAY)
    first, second, third = part.staging.to_pylist()
    assert (first["birthday"], first["loyalty_signup_date"]) == (date(1980, 1, 31), date(2099, 1, 31))
    assert (first["customer_type"], first["loyalty"], first["favorite_store"]) == ("recreational", True, "Main")
    assert json.loads(first["attributes"]) == {"shoesize": '9"', "veteran": True}
    assert second["birthday"] is second["loyalty_signup_date"] is second["loyalty"] is None
    assert (second["favorite_store"], second["postal_code"]) == ("007", "1.0")
    assert json.loads(second["attributes"]) == {"veteran": "maybe"}
    assert third["attributes"] is None
    assert sorted(listed(part.notices)) == [
        (3, "birthday", "date_invalid"),
        (3, "customer_type", "customer_type_unknown"),
        (3, "loyalty_signup_date", "date_invalid"),
        (4, "birthday", "date_invalid"),
        (4, "loyalty", "not_yes_or_no"),
    ]


def test_csv_is_what_copy_reads() -> None:
    """Nothing is empty without quotes, texts keep their quotes and commas, dates are ISO, yes is a boolean."""
    headers = ["E", "N", "B", "L", "A", "P"]
    mapping = Mapping(
        {"E": "email", "N": "full_name", "B": "birthday", "L": "loyalty", "A": "attribute:A", "P": "points"},
        {"B": "mdy"},
    )
    rows: list[list[str | None]] = [
        ["a@b.co", 'O"Neil, Jr', "1/2/1990", "yes", 'a "b"', "-5"],
        ["b@b.co", None, None, None, None, None],
        ["c@b.co", "NULL", None, None, "\\.", "0"],
    ]
    part = normalise_part(build_part(rows), headers, mapping, "US", ImportOptions(), TODAY)
    sink = io.BytesIO()
    pyarrow.csv.write_csv(part.staging, sink, pyarrow.csv.WriteOptions(include_header=False))
    assert sink.getvalue().decode().splitlines() == [
        '2,"a@b.co",,"O""Neil, Jr",1990-01-02,true,-5,"{""a"":""a \\""b\\""""}"',
        '3,"b@b.co",,,,,,',
        '4,"c@b.co",,"NULL",,,,"{""a"":""\\\\.""}"',
    ]


def test_chunked_and_sliced_parts() -> None:
    full = [[f"415555{n:04d}", None, f" n{n}", str(n), None, None, None, None] for n in range(1000, 1030)]
    whole = build_part(full, {5: "0:cell_error"})
    chunked = pa.concat_tables([whole.slice(0, 7), whole.slice(7, 1), whole.slice(8)])
    expected = normalise_part(whole, HEADERS, Mapping(FIELDS), "US", ImportOptions(), TODAY)
    found = normalise_part(chunked, HEADERS, Mapping(FIELDS), "US", ImportOptions(), TODAY)
    assert found.staging.equals(expected.staging)
    assert found.notices.equals(expected.notices)
    assert expected.notices.num_rows == 1
    middle = normalise_part(whole.slice(3, 5), HEADERS, Mapping(FIELDS), "US", ImportOptions(), TODAY)
    assert middle.staging["line"].to_pylist() == [5, 6, 8, 9]
    assert listed(middle.rejects) == [(7, None, "no_phone_or_email")]


@pytest.mark.parametrize("fields", [{}, {"Phone": None}])
def test_nothing_mapped_rejects_every_row(fields: dict[str, str | None]) -> None:
    part = normalise_part(build_part([[P], [P]]), ["Phone"], Mapping(fields), "US", ImportOptions(), TODAY)
    assert part.staging.num_rows == 0
    assert listed(part.rejects) == [(2, None, "no_phone_or_email"), (3, None, "no_phone_or_email")]


def test_an_empty_part() -> None:
    part = normalise_part(build_part([], width=8), HEADERS, Mapping(FIELDS), "US", ImportOptions(), TODAY)
    assert part.staging.num_rows == part.rejects.num_rows == part.notices.num_rows == 0
    assert part.points_readable == 0
    assert part.rejects.schema.names == part.notices.schema.names == ["line", "field", "code"]
