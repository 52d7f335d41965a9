"""What single values look like: phone, e-mail, number, yes or no, date. Whether one is valid is not judged here."""

import re
from datetime import date

_PHONE = re.compile(r"\+?[0-9 ().\-/\u00a0\u2010-\u2015]{7,}(?:\s*(?:x|ext\.?|extension)\s*[0-9]{1,6})?", re.IGNORECASE)
_POSTCODE = re.compile(r"[0-9]{5}-[0-9]{4}")
_EMAIL = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:.\"]{2,}")
_NUMBER = re.compile(r"[+\-\u2212]?\(?[$€£]?[0-9][0-9.,]*\)?%?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ][0-9]{2}:[0-9]{2}.*)?", re.DOTALL)
_NUMERIC = re.compile(r"([0-9]{1,4})([/.\-])([0-9]{1,2})\2([0-9]{1,4})")
_YES_NO = frozenset(["true", "false", "yes", "no", "y", "n", "t", "f", "1", "0", "x", "on", "off"])

MDY, DMY, YMD = 1, 2, 4


def is_phone(text: str) -> bool:
    """7 to 15 digits with nothing but phone punctuation, and an extension perhaps; dates and ZIP+4 don't count."""
    if not _PHONE.fullmatch(text) or _POSTCODE.fullmatch(text) or date_orders(text):
        return False
    digits = sum(map(str.isdigit, re.split("[xeXE]", text, maxsplit=1)[0]))
    return 7 <= digits <= 15


def is_email(text: str) -> bool:
    """One address, by its look."""
    return _EMAIL.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Digits with a sign, separators, currency or percent."""
    return _NUMBER.fullmatch(text) is not None


def is_yes_no(text: str) -> bool:
    """One of the words that a yes/no field accepts."""
    return text.casefold() in _YES_NO


def date_orders(text: str) -> int:
    """The orders (MDY, DMY, YMD, added up) in which a numeric date is a day that exists; 0: no date at all.

    ISO dates fit every order, since no order is needed to read them.
    """
    if iso := _ISO.fullmatch(text):
        return MDY | DMY | YMD if _exists(iso[1], iso[2], iso[3]) else 0
    found = _NUMERIC.fullmatch(text)
    if not found:
        return 0
    first, _, second, third = found.groups()
    if len(first) == 4:
        return YMD if len(third) <= 2 and _exists(first, second, third) else 0
    if len(third) != 4 or len(first) > 2:
        return 0
    return (MDY if _exists(third, first, second) else 0) | (DMY if _exists(third, second, first) else 0)


def _exists(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True
