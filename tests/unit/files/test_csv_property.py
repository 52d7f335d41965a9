"""What is written comes back, and the fast parser and the careful one say the same about any bytes."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.files import csv_files
from pipeline.files.cells import is_blank
from pipeline.files.contents import Asked, read_parts
from pipeline.files.limits import ReadLimits
from pipeline.files.parts import open_part
from schemas.errors import ImportRefused

HEADER = ["First Name", "Email", "Note"]
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | st.sampled_from(
    ['"', '""', "a,b", ";", "\r", "\n", "\r\n", "x\ny", " ", "", "\u2028", "\x1c", "'1", "\ufeff", "sep=;"]
)
TRICKY = st.lists(
    st.sampled_from(
        [b'"', b'""', b",", b"\n", b"\r", b"\r\n", b"a", b"b c", b"\0", b"\xff", b"\xc3\xa9", b'\n"', b'",', b"x\n"]
    ),
    max_size=60,
).map(b"".join)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks so small that records, quotes and line ends are cut everywhere."""
    monkeypatch.setattr(csv_files, "BLOCK", 24)
    monkeypatch.setattr(csv_files, "_WORTHWHILE", 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all examples: making and removing one takes longer than the reading."""
    return tmp_path_factory.mktemp("parts")


def parse(folder: Path, data: bytes, careful: bool = False) -> Any:
    """The rows with their lines and marks, or the sentence of the refusal."""
    path = folder / "file"
    path.write_bytes(data)
    rows: list[dict[str, Any]] = []
    asked = Asked(path, None, None, ReadLimits(), careful)
    try:
        read_parts(asked, folder, lambda index, part: rows.extend(open_part(part).to_pylist()))
    except ImportRefused as refused:
        return refused.message
    return [tuple(row.values()) for row in rows]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=12),
    dialect=st.sampled_from([(",", "\r\n"), (";", "\n"), (";", "\r\n"), ("\t", "\r"), ("|", "\n")]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_comes_back(
    folder: Path, rows: list[list[str]], dialect: tuple[str, str], encoding: str
) -> None:
    # The writer of Python 3.11 leaves line ends unquoted that are not its own.
    quoting: Any = csv.QUOTE_MINIMAL if dialect[1] == "\r\n" else csv.QUOTE_ALL
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=dialect[0], lineterminator=dialect[1], quoting=quoting)
    writer.writerows([HEADER, *rows])
    expected = [(line, None, *(cell or None for cell in row)) for line, row in enumerate(rows, 2) if not is_blank(row)]
    parsed = parse(folder, text.getvalue().encode(encoding))
    if expected:
        assert parsed == expected
    else:
        assert parsed == "The file has a header but no rows; export it again."


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=TRICKY)
def test_fast_and_careful_agree(folder: Path, data: bytes) -> None:
    whole = b"First Name,Email\nAnn,a@example.org\n" + data
    assert parse(folder, whole) == parse(folder, whole, careful=True)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(folder: Path, data: bytes) -> None:
    assert isinstance(parse(folder, data), list | str)
    assert isinstance(parse(folder, b"First Name,Email\n" + data), list | str)
