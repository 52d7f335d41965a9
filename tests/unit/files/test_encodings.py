"""Which encoding a file is read in."""

from contextlib import closing
from pathlib import Path

import pytest

from pipeline.files.encodings import Encoding, TextStream, decode_marked, find_encoding

TEXT = "First Name,Email\r\nJosé,jose@example.org\r\nΓιώργος,g@example.org\r\n"


def read_all(path: Path, encoding: Encoding, size: int = 7) -> str:
    with closing(TextStream(path, encoding)) as stream:
        return decode_marked(b"".join(iter(lambda: stream.read(size), b"")))


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_unicode_is_found_and_streamed(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(TEXT.encode(codec))
    encoding = find_encoding(path, None)
    assert encoding == Encoding(codec)
    assert read_all(path, encoding) == TEXT


@pytest.mark.parametrize("declared", ["gb18030", "shift_jis", "iso-8859-7", "CP1253"])
def test_declared_encodings_are_streamed(tmp_path: Path, declared: str) -> None:
    text = "名前" if declared in ("gb18030", "shift_jis") else "Γιώργος"
    path = tmp_path / "a"
    path.write_bytes(f"Name\n{text}\n".encode(declared))
    assert read_all(path, find_encoding(path, declared), 1) == f"Name\n{text}\n"


@pytest.mark.parametrize("declared", ["utf8", "UTF-8-SIG", "utf_8"])
def test_a_mark_beats_the_declared_encoding(tmp_path: Path, declared: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(TEXT.encode("utf-16"))
    assert find_encoding(path, declared).name == "utf-16-le"
    assert find_encoding(path, declared).skip == 2


def test_character_cut_by_a_block_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"a" * ((1 << 20) - 1) + "é\n".encode() + b"b" * (1 << 20))
    assert find_encoding(path, None) == Encoding("utf-8")


def test_truncated_last_character(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes("é\né\nabc\né".encode()[:-1])
    assert find_encoding(path, None) == Encoding("utf-8")
    assert read_all(path, Encoding("utf-8")).endswith("abc\n\udcff")
