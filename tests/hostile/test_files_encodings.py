"""Entries 1 to 8 of the catalogue of hostile files: in which encoding a text is read, and what can't be read in it."""

import pytest

from tests.hostile.readings import TEXT, Put, is_plain


# 1, 2
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-be"])
def test_byte_order_marks(put: Put, encoding: str) -> None:
    text = TEXT if encoding in ("utf-8-sig", "utf-16", "utf-32") else "\ufeff" + TEXT
    reading = put(text.encode(encoding))
    assert is_plain(reading)
    assert reading.marks == {}
    assert reading.profile.remarks == ()


# 3
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_without_mark(put: Put, encoding: str) -> None:
    assert is_plain(put(TEXT.encode(encoding)))


# 4
def test_windows_1252_is_taken_and_said(put: Put) -> None:
    reading = put("First Name,Email\nJosé,jose@example.org\nZoë,zoe@example.org\n".encode("cp1252"))
    assert [row[0] for row in reading.rows] == ["José", "Zoë"]
    assert reading.profile.remarks == ("read_as_windows_1252",)
    assert reading.marks == {}


def test_declared_encoding_is_taken(put: Put) -> None:
    reading = put("First Name,Email\nИван,ivan@example.org\n".encode("cp1251"), encoding="windows-1251")
    assert reading.rows == [["Иван", "ivan@example.org"]]
    assert reading.profile.remarks == ()


@pytest.mark.parametrize(
    ("encoding", "data", "code"),
    [
        ("klingon", TEXT.encode(), "bad_options"),
        ("base64", TEXT.encode(), "bad_options"),
        ("rot13", TEXT.encode(), "bad_options"),
        ("unicode_escape", TEXT.encode(), "bad_options"),
        ("utf-8", "First Name,Email\nJosé,jose@example.org\n".encode("cp1252"), "bad_encoding"),
        ("ascii", "First Name,Email\nJosé,jose@example.org\n".encode(), "bad_encoding"),
        ("utf-16", TEXT.encode(), "bad_encoding"),
        ("latin-1", TEXT.encode("utf-16-le"), "bad_encoding"),
    ],
)
def test_wrong_encodings_are_refused(put: Put, encoding: str, data: bytes, code: str) -> None:
    assert put.refused(data, encoding=encoding).code == code


# 5
def test_bytes_that_windows_1252_does_not_have(put: Put) -> None:
    reading = put(b"First Name,Email\nJos\xe9,a@example.org\nZo\x81,b@example.org\nAda,c@example.org\n")
    assert reading.rows[0][0] == "José"
    assert reading.rows[1] == ["Zo\ufffd", "b@example.org"]
    assert reading.marks == {3: "0:cell_not_text"}
    assert reading.profile.remarks == ("read_as_windows_1252",)


# 6
def test_mixed_encodings_cost_one_cell(put: Put) -> None:
    good = "".join(f"Zoë,z{number}@example.org\n" for number in range(9))
    reading = put(b"First Name,Email\n" + good.encode() + b"Jos\xe9,jose@example.org\n" + b"Ann,ann@example.org\n")
    assert reading.profile.remarks == ()
    assert reading.marks == {11: "0:cell_not_text"}
    assert reading.rows[9] == ["Jos\ufffd", "jose@example.org"]
    assert reading.profile.rows == 11


def test_a_tie_is_windows_1252(put: Put) -> None:
    reading = put("First Name,Email\nZoë,a@example.org\n".encode() + b"Jos\xe9,b@example.org\n")
    assert [row[0] for row in reading.rows] == ["ZoÃ«", "José"]
    assert reading.profile.remarks == ("read_as_windows_1252",)


# 7
def test_nul_marks_its_cell(put: Put) -> None:
    reading = put("First Name,Email\nAn\0n,ann@example.org\nBob,bob@example.org\n")
    assert reading.rows[0] == ["An\ufffdn", "ann@example.org"]
    assert reading.marks == {2: "0:cell_not_text"}


# 8
@pytest.mark.parametrize("data", [b"\xed\xa0\x80", b"\xed\xbf\xbf"])
def test_lone_surrogates_in_utf_8(put: Put, data: bytes) -> None:
    good = "".join(f"Zoë,z{number}@example.org\n" for number in range(3)).encode()
    reading = put(b"First Name,Email\n" + good + b"A" + data + b",ann@example.org\n")
    assert reading.marks == {5: "0:cell_not_text"}
    assert reading.rows[3][0] == "A\ufffd"


def test_lone_surrogates_in_utf_16(put: Put) -> None:
    rows = "".join(f"Zoë,z{number}@example.org\n" for number in range(3))
    text = "\ufeffFirst Name,Email\n" + rows + "A\ud800,ann@example.org\n"
    reading = put(text.encode("utf-16-le", "surrogatepass"))
    assert reading.marks == {5: "0:cell_not_text"}
