"""How a cell is cleaned before it is judged: blank, too long, a header? Part files keep the text as it came."""

import re
import unicodedata
from collections.abc import Iterable

#: What Excel allows in one cell, in code points after cleaning.
CELL_LIMIT = 32_767
#: Stands for bytes that are not text while a file is read; never part of decoded text, since strict decoders refuse it.
UNDECODABLE = "\udcff"
REPLACEMENT = "\ufffd"

_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
# Control characters, zero-width space, word joiner, BOM, soft hyphen, direction marks. ZWJ and ZWNJ belong to names.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+"
)
_QUOTED_DIGIT = re.compile("'(?=[0-9])")
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]+")


def clean(text: str) -> str:
    """The cell as it is judged: composed, on one line, without invisible characters, trimmed."""
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", _UNSEEN.sub("", _BREAKS.sub(" ", text)))
    text = text.strip()
    return text[1:] if _QUOTED_DIGIT.match(text) else text


def is_blank(cells: Iterable[str | None]) -> bool:
    """Whether nothing is left of any of these cells after cleaning."""
    return not any(cell and clean(cell) for cell in cells)


def replace_not_text(text: str) -> str:
    """The cell with each run of NULs, lone surrogates and undecodable bytes as one U+FFFD, if it has any."""
    return _NOT_TEXT.sub(REPLACEMENT, text)


def is_too_long(text: str) -> bool:
    """Whether more than CELL_LIMIT code points are left after cleaning."""
    return len(text) > CELL_LIMIT and len(clean(text)) > CELL_LIMIT
