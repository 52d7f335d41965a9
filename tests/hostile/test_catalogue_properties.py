"""Anything at all put to the sniffers, the readers and the values: they answer or refuse, and agree with themselves."""

import csv
import gc
import io
import json
import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.files.delimiters import declared_delimiter, find_delimiter
from pipeline.files.encodings import TextStream, decode_marked, find_encoding
from pipeline.files.headers import count_known, find_header, unique_headers
from pipeline.files.kinds import Kind, find_kind
from pipeline.report_files import escape_formula
from pipeline.rows.points import read_delta
from schemas.errors import ImportRefused
from tests.hostile.fuzz_targets import read_csv_twice, read_event, read_sheet, read_values

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BEGINNINGS = st.sampled_from([
    b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x08\x10\x00", b"<html", b"%PDF",
    b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xff\xfe\0\0", b"sep=;", b"\0", b"a\0", b"\0a",
])  # fmt: skip
WORDS = st.sampled_from(["Zoë", "O'Neil", "415 555 2671", "a@example.org", "1,5", "x y", "日本", "", "-", "2024-01-31"])
TAGS = st.sampled_from([
    "<row>", '<row r="1">', '<row r="1048576">', "</row>", "<c>", '<c r="A1">', '<c r="XFD2" t="s">', '<c t="e">',
    "</c>", "<v>", "</v>", "<v>1</v>", "<is><t>a</t></is>", "<f>A1</f>", '<x:c r="B2"><x:v>1</x:v></x:c>',
    "<!DOCTYPE a>", "<!--", "-->", "<![CDATA[", "]]>", "&amp;", "&l;", '"', "'", ">", "1e308", "\u00e9", '<c r="é1">',
])  # fmt: skip
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Records", "s3", "object", "key", "bucket", "name", "detail", "event_type", "message", "Event"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.fixture(autouse=True)
def _no_leftovers() -> Iterator[None]:
    """A process that reads one workbook leaves its files to its own end; here they go with the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@QUICK
@given(BEGINNINGS, st.binary(max_size=300))
def test_any_bytes_are_of_a_kind_or_refused(beginning: bytes, rest: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.csv"
        path.write_bytes(beginning + rest)
        try:
            found: str = find_kind(path)
        except ImportRefused as refused:
            found = refused.code
    assert found in (*Kind, "unsupported_type", "password_protected", "unreadable")
    assert beginning[:2] != b"PK" or found not in (Kind.CSV, Kind.XLS)


@QUICK
@given(
    st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=1, max_size=8),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le"]),
)
def test_unicode_text_comes_back_whatever_its_width(rows: list[list[str]], encoding: str) -> None:
    # Without a mark wide text is known by its ASCII, of which a table has enough in its header.
    text = "First Name,Phone Number,Email Address\r\n" + "".join(",".join(row) + "\r\n" for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.csv"
        path.write_bytes(text.encode(encoding))
        found = find_encoding(path, None)
        with closing(TextStream(path, found)) as stream:
            assert decode_marked(b"".join(iter(lambda: stream.read(7), b""))) == text
    assert found.remark is None


@QUICK
@given(
    st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from([",", ";", "\t", "|"])
)
def test_a_known_header_decides_the_delimiter(rows: list[list[str]], delimiter: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([["First Name", "Phone", "Email"], *rows])
    assert find_delimiter(text.getvalue().splitlines(keepends=True), count_known) == delimiter


@QUICK
@given(st.text(max_size=40))
def test_a_declared_delimiter_is_one_character(text: str) -> None:
    for beginning in ("", "sep=", '"sep='):
        declared = declared_delimiter(beginning + text)
        assert declared is None or (len(declared) == 1 and declared not in '"\r\n')


@QUICK
@given(st.lists(st.lists(WORDS | st.text(max_size=9), max_size=4), max_size=25))
def test_a_header_is_one_of_the_first_records(records: list[list[str]]) -> None:
    try:
        header = find_header(records)
    except ImportRefused:
        return
    assert header < min(20, len(records))
    names = unique_headers(records[header], len(records[header]))
    assert len(set(names)) == len(names)
    assert all(names)


@QUICK
@given(st.lists(TAGS, max_size=25).map("".join))
def test_any_sheet_is_read_or_refused(xml: str) -> None:
    read_sheet(xml.encode())


@QUICK
@given(
    st.lists(
        st.sampled_from([b"sep=,\n", b"\r", b"\n", b'"', b",", b";", b"Email", b"a@b.co", b"\xe9", b"\0"]), max_size=30
    )
)
def test_any_table_is_the_same_to_both_parsers(pieces: list[bytes]) -> None:
    read_csv_twice(b"".join(pieces))


@QUICK
@given(JSON)
@example({"Records": [[]]})
def test_any_json_is_an_event_or_unreadable(body: object) -> None:
    read_event(json.dumps(body).encode())


@QUICK
@given(st.text(max_size=40) | st.text(st.sampled_from("0123456789+-(). ,xX/e\u2212\u0661@a\u200d"), max_size=20))
def test_any_cell_is_read_alike_alone_and_in_a_column(text: str) -> None:
    read_values(text.encode("utf-8", "replace"))


@QUICK
@given(st.integers(-999_999_999, 999_999_999))
def test_every_spelling_of_points_is_the_same_delta(amount: int) -> None:
    spelled = {str(amount), f"{amount:,}", f"{amount}.00", f"{amount:+}", str(amount).replace("-", "\u2212")}
    if amount < 0:
        spelled |= {f"({-amount})", f"({-amount:,}.0)"}
    assert {read_delta(text) for text in spelled} == {(amount, None)}


@QUICK
@given(st.sampled_from(["", " ", "\t", "\u00a0"]), st.sampled_from("=+-@\t\r\n"), st.text(max_size=12))
def test_no_cell_that_is_given_out_is_a_formula(before: str, sign: str, rest: str) -> None:
    escaped = escape_formula(before + sign + rest)
    harmless = re.fullmatch(r"\s*[+-]?[0-9.,() -]*\s*", before + sign + rest)
    assert harmless or not re.match(r"\s*[=+\-@]", escaped)
