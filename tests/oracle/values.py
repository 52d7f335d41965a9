"""What one clean, non-blank cell says: a stored value, or the code of the notice it draws. No dates (see dates.py)."""

import re
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from tests.oracle.text import without_joiners

YES = frozenset({"true", "yes", "y", "t", "1", "x", "on"})
NO = frozenset({"false", "no", "n", "f", "0", "off"})
CUSTOMER_TYPES = {
    "medical": "medical",
    "med": "medical",
    "recreational": "recreational",
    "rec": "recreational",
    "adult use": "recreational",
    "adult-use": "recreational",
    "adultuse": "recreational",
}

_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d*)?\s*[eE]\s*[+-]?\d+")
_WHOLE_FLOAT = re.compile(r"(\+?\d+)\.0+")
# What stands between two numbers in one cell: letters ("or", "home"), list punctuation, the start of another number.
_BETWEEN_NUMBERS = re.compile(r"[^\W\d_]+|[,;:/|\\&+(]")
_EXTENSION = re.compile(r"\d[\s.,;:()-]*(?<![^\W\d_])(?:;ext=|extension|extn|ext|x|#)[\s.:=-]*\d+\W*", re.IGNORECASE)
_POINTS = re.compile(r"[+-]?(?:\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(?:\.00?)?", re.ASCII)


class Rejected(Exception):
    """The value is dropped; the one argument is the notice's code."""


def _digits(text: str) -> int:
    return sum(c.isdecimal() for c in text)


@lru_cache(maxsize=100_000)
def phone(text: str, region: str) -> str:
    """E.164, or Rejected with the first of the five codes that fits."""
    text = without_joiners(text)
    if _SCIENTIFIC.fullmatch(text):
        raise Rejected("phone_shortened")
    whole = _WHOLE_FLOAT.fullmatch(text)
    if whole:
        # Unstripped, the zero becomes one more digit: in some countries of another valid number.
        text = whole.group(1)
    number = _parse(text, region)
    if _several(text, region, number):
        raise Rejected("phone_several")
    if (number is not None and number.extension) or _has_extension(text):
        raise Rejected("phone_extension")
    if any(c.isalpha() for c in text):
        # The library would read 1-800-FLOWERS; the rules want digits.
        raise Rejected("phone_letters")
    if number is None or not phonenumbers.is_valid_number(number):
        raise Rejected("phone_invalid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _parse(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _has_extension(text: str) -> bool:
    return any(match.end() == len(text) for match in _EXTENSION.finditer(text))


def _several(text: str, region: str, number: phonenumbers.PhoneNumber | None) -> bool:
    """Two numbers of 7 digits or more. Gaps and dashes part numbers only where the whole is not one valid number."""
    if _long_pieces(_BETWEEN_NUMBERS.split(text)) >= 2:
        return True
    if number is not None and phonenumbers.is_valid_number(number):
        return False
    if _long_pieces(text.split()) >= 2 or _long_pieces(re.split(r"\D+", text)) >= 2:
        return True
    return any(
        _is_valid(text[: gap.start()], region) and _is_valid(text[gap.end() :], region)
        for gap in re.finditer(r"\s+", text)
    )


def _long_pieces(pieces: list[str]) -> int:
    return sum(_digits(piece) >= 7 for piece in pieces)


def _is_valid(text: str, region: str) -> bool:
    number = _parse(text, region)
    return number is not None and phonenumbers.is_valid_number(number)


@lru_cache(maxsize=100_000)
def email(text: str) -> str:
    """Lower-cased with its domain in ASCII, or Rejected("email_invalid")."""
    try:
        found = validate_email(without_joiners(text), check_deliverability=False)
    except EmailNotValidError:
        raise Rejected("email_invalid") from None
    stored = f"{found.local_part}@{found.ascii_domain}".lower()
    if len(stored) > 254:
        raise Rejected("email_invalid")
    return stored


def points(text: str) -> int:
    """A signed delta, or Rejected("points_invalid")."""
    sign, digits = 1, text
    if text.startswith("(") and text.endswith(")"):
        sign, digits = -1, text[1:-1]
        if digits[:1] in ("+", "-", "\u2212"):
            raise Rejected("points_invalid")
    digits = digits.replace("\u2212", "-", 1) if digits.startswith("\u2212") else digits
    if not _POINTS.fullmatch(digits):
        raise Rejected("points_invalid")
    return sign * int(digits.split(".")[0].replace(",", ""))


def yes_or_no(text: str) -> bool:
    """True or False, or Rejected("not_yes_or_no")."""
    word = text.lower()
    if word not in YES | NO:
        raise Rejected("not_yes_or_no")
    return word in YES


def customer_type(text: str) -> str:
    """`medical` or `recreational`, or Rejected("customer_type_unknown")."""
    found = CUSTOMER_TYPES.get(text.lower())
    if found is None:
        raise Rejected("customer_type_unknown")
    return found


def attribute(text: str) -> bool | str | None:
    """True for true/yes/y; None (nothing changes) for false/no/n; any other text is itself, `1` and `x` too."""
    word = text.lower()
    if word in ("true", "yes", "y"):
        return True
    return None if word in ("false", "no", "n") else text
