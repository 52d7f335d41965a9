"""Random parts: reading by columns agrees with the oracle's reading row by row."""

import json
from datetime import date
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rows.attributes import attribute_key
from pipeline.rows.normalise import NormalisedPart, normalise_part
from schemas.fields import FIELDS
from schemas.mapping import DateOrder, Mapping
from schemas.options import Channel, ImportOptions
from schemas.staging import COLUMNS
from tests.oracle import reading
from tests.oracle.model import CellFault

TODAY = date(2026, 3, 1)
ATTRIBUTES = ("attribute:Shoe Size", "attribute:Veteran")
NAMES = (*FIELDS, *ATTRIBUTES, None)

PHONES = ["(415) 555-2671", "4155552671", "+44 7400 123456", "020 7946 0958", "4155552671.0", "1.5E+10",
          "4155552671 x3", "1-800-FLOWERS", "4155552671/4155552672", "123", " 415.555.2672\u200d", "N/A"]  # fmt: skip
EMAILS = [
    "a@b.co",
    "BOB@Gmail.com ",
    "none",
    "x@b\u00fccher.de",
    "a@x.test",
    "Bob <a@b.co>",
    "a@b.co\u200b",
    "mailto:a@b.co",
]
POINTS = ["5", "-7", "(3)", "1,000", "0", "5.5", "1e3", "\u22124", "NaN", " 8 "]
WORDS = ["yes", "No", "x", "off", "1", "0", "maybe", "TRUE", " y", "f", "n"]
DATES = ["2024-01-31", "01/31/1990", "31/01/1990", "1990.2.3", "1850-01-01", "2030-01-01", "2/30/2000", "45000",
         "2024-01-31 10:00", "3-4-2001"]  # fmt: skip
TEXTS = [
    "Bob",
    " Jos\u0065\u0301 ",
    "a\tb\nc",
    "'007",
    "med",
    "Adult-Use",
    "VIP",
    "\u200b",
    " ",
    'O\'Neil, "Jr"',
    "\U0001f600",
]
CELLS = st.sampled_from([*PHONES, *EMAILS, *POINTS, *WORDS, *DATES, *TEXTS])
LIKELY = {
    "phone": PHONES, "email": EMAILS, "points": POINTS, "birthday": DATES, "loyalty_signup_date": DATES,
    "loyalty": WORDS, "sms_opt_in": WORDS, "sms_opt_out": WORDS, "email_opt_in": WORDS, "email_opt_out": WORDS,
    "attribute:Veteran": WORDS,
}  # fmt: skip
FAULTS = st.sampled_from(["cell_error", "number_shortened", "cell_not_text", "cell_too_long"])


@st.composite
def parts(draw: st.DrawFn) -> tuple[list[str | None], list[list[str | None]], list[dict[int, str]], list[bool]]:
    """Fields of the columns, cells, marks of cells, and which rows are too wide."""
    fields = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=9, unique=True))
    cells = [st.none() | st.sampled_from(LIKELY.get(name or "", TEXTS)) | CELLS for name in fields]
    rows = draw(st.lists(st.tuples(*cells).map(list), max_size=12))
    marks = draw(st.lists(
        st.just({}) | st.dictionaries(st.integers(0, len(fields) - 1), FAULTS, max_size=2),
        min_size=len(rows), max_size=len(rows),
    ))  # fmt: skip
    wide = draw(st.lists(st.sampled_from([False, False, False, True]), min_size=len(rows), max_size=len(rows)))
    return fields, rows, marks, wide


@settings(max_examples=400, deadline=None)
@given(
    parts(),
    st.sampled_from(["US", "GB", "DE"]),
    st.sampled_from(["mdy", "dmy", "ymd"]),
    st.sampled_from([[], ["sms"], ["sms", "email"]]),
)
def test_columns_and_rows_agree(
    part: tuple[list[str | None], list[list[str | None]], list[dict[int, str]], list[bool]],
    region: str,
    order: DateOrder,
    opt_in: list[Channel],
) -> None:
    fields, rows, marks, wide = part
    headers = [f"H{number}" for number in range(len(fields))]
    mapping = Mapping(dict(zip(headers, fields, strict=True)), dict.fromkeys(headers, order))
    table = _build(rows, marks, wide, len(fields))
    found = normalise_part(table, headers, mapping, region, ImportOptions(opt_in=opt_in), TODAY)
    sheet = reading.Sheet(tuple(fields), dict.fromkeys(reading.DATES, order), region, TODAY, workbook=False)
    expected = [
        _Judged(line, _judge(line, cells, marked, too_wide, sheet), marked)
        for line, (cells, marked, too_wide) in enumerate(zip(rows, marks, wide, strict=True), start=2)
    ]
    _compare(found, expected, opt_in)


class _Judged:
    """A row as the oracle reads it."""

    def __init__(self, line: int, row: reading.Row, marks: dict[int, str]) -> None:
        self.line, self.row, self.marks = line, row, marks

    def stage(self, opt_in: list[Channel]) -> dict[str, Any]:
        """The staging row that it should become."""
        row = self.row
        staged: dict[str, Any] = {"line": self.line, "phone": row.phone, "email": row.email, **row.text}
        for key in ("phone", "email"):
            staged[f"{key}_unusable"] = (key in row.said and getattr(row, key) is None) or None
        staged["loyalty"] = row.answers.get("loyalty") or None
        staged["points"] = row.points or None
        staged["attributes"] = {attribute_key(name): value for name, value in row.attributes} or None
        for channel in ("sms", "email"):
            wish = None
            if row.answers.get(f"{channel}_opt_out"):
                wish = "o"
            elif row.answers.get(f"{channel}_opt_in"):
                wish = "i"
            elif channel in opt_in and not row.said & {f"{channel}_opt_in", f"{channel}_opt_out"}:
                wish = "d"
            staged[f"{channel}_wish"] = wish
        return {name: staged.get(name) for name in COLUMNS if not name.endswith("_raw")}


def _judge(
    line: int, cells: list[str | None], marks: dict[int, str], too_wide: bool, sheet: reading.Sheet
) -> reading.Row:
    """The oracle's row; it knows marks as cells, so what parse marked is put into the cells."""
    faults: dict[str, Any] = {"cell_not_text": "\x00", "cell_too_long": "y" * 32_768}
    given: list[Any] = [cell or "" for cell in cells]
    for index, code in marks.items():
        given[index] = faults[code] if code in faults else CellFault(code)
    row = reading.read_row(line, [*given, "extra" if too_wide else ""], sheet)
    # A row of nothing is left out by parse; whatever arrives here is a row.
    return row or reading.Row(line, reject="no_phone_or_email")


def _build(rows: list[list[str | None]], marks: list[dict[int, str]], wide: list[bool], width: int) -> pa.Table:
    texts = [
        " ".join([*(f"{index}:{code}" for index, code in row.items()), *(["row:row_too_wide"] if too_wide else [])])
        or None
        for row, too_wide in zip(marks, wide, strict=True)
    ]
    columns = {f"c{i}": pa.array([row[i] for row in rows], pa.string()) for i in range(width)}
    lines = pa.array(range(2, len(rows) + 2), pa.int32())
    return pa.table({"line": lines, "marks": pa.array(texts, pa.string()), **columns})


def _compare(found: NormalisedPart, expected: list[_Judged], opt_in: list[Channel]) -> None:
    codes = {row["line"]: row["code"] for row in found.rejects.to_pylist()}
    assert codes == {judged.line: judged.row.reject for judged in expected if judged.row.reject}
    notices = {(row["line"], row["field"], row["code"]) for row in found.notices.to_pylist()}
    assert len(notices) == found.notices.num_rows
    assert notices == {(judged.line, field, code) for judged in expected for field, code in judged.row.notices.items()}
    staged = found.staging.to_pylist()
    for row in staged:
        row["attributes"] = json.loads(row["attributes"]) if row.get("attributes") else None
        for name in ("birthday", "loyalty_signup_date"):
            row[name] = row[name].isoformat() if row.get(name) else None
    kept = [judged.stage(opt_in) for judged in expected if not judged.row.reject]
    assert [{name: row.get(name) for name in COLUMNS if not name.endswith("_raw")} for row in staged] == kept
    assert found.points_readable == sum(judged.row.points for judged in expected)
    assert found.points_rejected == sum(judged.row.points for judged in expected if judged.row.reject)
