"""Cell and header texts of the oracle: cleaning, comparing names, unique headers. Knows no field."""

import re
import unicodedata
from collections.abc import Sequence

MAX_CELL = 32_767

# Line breaks are the mandatory ones of Unicode's line breaking: LF VT FF CR NEL LS PS. The separators 1C to 1F
# are no line breaks there, so they fall under "other control characters".
_TABS_AND_BREAKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
_VANISHING = frozenset(
    "\u200b\u2060\ufeff\u00ad"  # zero-width space, word joiner, BOM, soft hyphen
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # direction marks
)
_JOINERS = str.maketrans("", "", "\u200c\u200d")


def is_not_text(raw: str) -> bool:
    """NUL and lone surrogates (which is also how an undecodable byte arrives here)."""
    return any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in raw)


def clean(raw: str) -> str:
    """Return the cell as it is judged; the steps are in the order in which the rules list them."""
    text = unicodedata.normalize("NFC", raw)
    text = _TABS_AND_BREAKS.sub(" ", text)
    text = "".join(c for c in text if c not in _VANISHING and unicodedata.category(c) != "Cc")
    text = text.strip()
    if len(text) > 1 and text[0] == "'" and text[1].isdecimal():
        text = text[1:]
    return text


def without_joiners(text: str) -> str:
    """Keys (phones, e-mails) lose ZWJ and ZWNJ too; names keep them."""
    return text.translate(_JOINERS).strip()


def header_key(name: str) -> str:
    """How headers and attribute names compare: NFKC and case folding, letters and digits alone."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    letters = "".join(c for c in folded if c.isalnum())
    # A name of symbols alone would be equal to every other one; it is compared as it stands.
    return letters or folded.strip()


def unique_headers(headers: Sequence[str]) -> list[str]:
    """Duplicate headers become `Phone (2)`, blank ones `Column 7` (counted from 1)."""
    seen: set[str] = set()
    names = []
    for position, raw in enumerate(headers, start=1):
        base = clean(raw) or f"Column {position}"
        name, count = base, 1
        while name in seen:
            count += 1
            name = f"{base} ({count})"
        seen.add(name)
        names.append(name)
    return names
