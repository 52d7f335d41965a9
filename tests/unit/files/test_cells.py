"""Cleaning of cells."""

import pytest

from pipeline.files.cells import clean, is_blank, is_too_long, replace_not_text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("", ""),
        ("  Ann  ", "Ann"),
        ("\u00a0\u3000Ann\u2003", "Ann"),
        ("a\t\r\n\nb", "a b"),
        ("a\u2028b\x85c\vd\fe", "a b c d e"),
        ("a\x00b\x1cc\x7fd\x9fe", "abcde"),
        ("a\u200bb\u2060c\ufeffd\u00ade\u200ef\u202eg\u2066h\u061ci", "abcdefghi"),
        ("a\u200db\u200cc", "a\u200db\u200cc"),
        ("e\u0301", "\u00e9"),
        ("'0123", "0123"),
        (" '0123", "0123"),
        ("''0123", "''0123"),
        ("'Ann", "'Ann"),
        ("'\u0661", "'\u0661"),
        ("\u200b '5", "5"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_blank() -> None:
    assert is_blank([None, "", " ", "\u200b\ufeff", "\r\n"])
    assert not is_blank([None, "'"])


def test_not_text() -> None:
    assert replace_not_text("a\0\udcff\ud800b") == "a\ufffdb"
    assert replace_not_text("plain") == "plain"


def test_too_long() -> None:
    assert not is_too_long(" " * 40_000)
    assert not is_too_long("x" * 32_767)
    assert is_too_long("x" * 32_768)
