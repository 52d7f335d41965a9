"""Which encoding a text file has, and its text as a stream of UTF-8 whatever the encoding was. Knows no records."""

import codecs
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipeline.files.cells import UNDECODABLE
from schemas.errors import ImportRefused

BLOCK = 1 << 20
_HEAD = 4096
_MARK = "persona-import-mark"
# Some decoders let these through; a lone surrogate is no text. The others stand for bytes already.
_SURROGATES = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_BOMS = (
    # UTF-32 before UTF-16, whose mark is its beginning.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Only a mark says in which order their bytes come.
_UNORDERED = ("utf-16", "utf-32")
_WIDE = (*_UNORDERED, "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
# Codecs of Python that turn text into text, or need more than the bytes.
_NOT_FOR_FILES = ("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem")


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNDECODABLE, error.end


codecs.register_error(_MARK, _mark)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to read the bytes of a text file."""

    name: str
    #: Bytes of the byte order mark, which are no text.
    skip: int = 0
    remark: str | None = None


def find_encoding(path: Path, declared: str | None) -> Encoding:
    """The encoding of a file: its byte order mark, else the declared one, else UTF-8 or Windows-1252, as its bytes fit.

    Raises ImportRefused: bad_options for an encoding that does not exist, bad_encoding for one that does not fit.
    """
    chosen = _look_up(declared) if declared else None
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if bom := find_bom(head):
        return bom
    wide = wide_by_nuls(head)
    if chosen:
        name = wide if wide and chosen in _UNORDERED else chosen
        _check(path, name, head, wide)
        return Encoding(name)
    if wide:
        return Encoding(wide)
    good, bad = _count_records(path, "utf-8")
    if bad and bad >= good:
        return Encoding("cp1252", remark="read_as_windows_1252")
    return Encoding("utf-8")


def find_bom(head: bytes) -> Encoding | None:
    """The encoding that the first bytes of a file declare themselves, or None."""
    return next((Encoding(name, len(bom)) for bom, name in _BOMS if head.startswith(bom)), None)


def _look_up(declared: str) -> str:
    try:
        codec = codecs.lookup(declared.strip())
        codec.incrementaldecoder(_MARK)
    except (LookupError, ValueError, TypeError):
        raise ImportRefused("bad_options", "There is no such encoding.") from None
    name = codec.name.replace("_", "-")
    # The flag is how Python itself tells character encodings from the rest, such as base64.
    if not codec._is_text_encoding or name in _NOT_FOR_FILES:
        raise ImportRefused("bad_options", "There is no such encoding.")
    return name.removesuffix("-sig")


def _check(path: Path, name: str, head: bytes, wide: str | None) -> None:
    # Plain text read two bytes at a time decodes into nonsense without any error, and the other way round.
    if (b"\0" not in head or name in _UNORDERED) if name in _WIDE else wide:
        raise ImportRefused("bad_encoding")
    good, bad = _count_records(path, name)
    if bad and bad >= good:
        raise ImportRefused("bad_encoding")


def wide_by_nuls(head: bytes) -> str | None:
    """UTF-16 and UTF-32 without a mark: half or more of the bytes of plain text are NUL, always at the same places."""
    quarter = len(head) // 4
    if not quarter:
        return None
    nuls = [head[place::4].count(0) for place in range(4)]
    if min(nuls[2:]) > quarter // 2 and nuls[0] <= quarter // 8:
        return "utf-32-le"
    if min(nuls[:2]) > quarter // 2 and nuls[3] <= quarter // 8:
        return "utf-32-be"
    even, odd = nuls[0] + nuls[2], nuls[1] + nuls[3]
    least = max(2, quarter // 5)
    if odd >= least and even * 10 <= odd:
        return "utf-16-le"
    if even >= least and odd * 10 <= even:
        return "utf-16-be"
    return None


def _count_records(path: Path, name: str) -> tuple[int, int]:
    """Lines with characters beyond ASCII that decode, and that don't; (0, 0) if all do, which is usual and cheap."""
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as file:
            for block in _blocks(file):
                # A decoder that holds half a character must see the next block, ASCII or not.
                if name != "utf-8" or not block.isascii() or decoder.getstate()[0]:
                    decoder.decode(block)
        decoder.decode(b"", True)
    except UnicodeError:
        with closing(TextStream(path, Encoding(name))) as stream:
            return _count_lines(stream)
    return 0, 0


def _count_lines(stream: "TextStream") -> tuple[int, int]:
    # Lines, not records: a record of several lines is rare, and where quotes are broken too only lines can be told.
    good = bad = 0
    rest = b""
    while block := stream.read(BLOCK):
        lines = (rest + block).split(b"\n" if b"\n" in rest + block else b"\r")
        rest = lines.pop()
        for line in lines:
            good, bad = _count_line(line, good, bad)
    return _count_line(rest, good, bad)


def _count_line(line: bytes, good: int, bad: int) -> tuple[int, int]:
    if line.isascii():
        return good, bad
    try:
        line.decode()
    except UnicodeDecodeError:
        return good, bad + 1
    return good + 1, bad


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


class TextStream:
    """The text of a file as UTF-8; what could not be decoded is there as bytes that are no UTF-8, to be found."""

    def __init__(self, path: Path, encoding: Encoding) -> None:
        self._file = path.open("rb")
        self._file.seek(encoding.skip)
        plain = encoding.name == "utf-8"
        self._decoder = None if plain else codecs.getincrementaldecoder(encoding.name)(_MARK)

    def read(self, size: int) -> bytes:
        """The next bytes, about `size` of them; empty at the end only."""
        if self._decoder is None:
            return self._file.read(size)
        while block := self._file.read(size):
            if text := self._decoder.decode(block):
                return _encode(text)
        text, self._decoder = self._decoder.decode(b"", True), None
        return _encode(text)

    def close(self) -> None:
        """Give the file back."""
        self._file.close()


def _encode(text: str) -> bytes:
    return _SURROGATES.sub(UNDECODABLE, text).encode("utf-8", "surrogateescape")


def decode_marked(block: bytes) -> str:
    """The text of a piece of a TextStream, with UNDECODABLE for what is none."""
    return block.decode("utf-8", _MARK)
