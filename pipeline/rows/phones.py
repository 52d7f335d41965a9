"""Phones to E.164 by the phone library's own judgement, or a code that says why not. Owns no choice of region.

The fast path only accepts: plain North American spellings whose area code the library's metadata allows in full.
Everything else is put to the library, so a missing area code costs time and never an answer.
"""

import re
from functools import cache

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from phonenumbers.phonemetadata import PhoneMetadata

from pipeline.rows.columns import Reading, read_rest

_NANP = frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1])
_NUMBER_KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager")

_AS_WHOLE_NUMBER = re.compile(r"([+]?\d+)\.0+")
_SHORTENED = re.compile(r"[+-]?\d+(?:[.,]\d*)?\s*[eE]\s*[+-]?\d+")
_EXTENSION = re.compile(r"\d[\s.,;:()-]*(?:;ext=|extension|extn|ext|x|#)[\s.:=-]*\d+\W*\Z", re.IGNORECASE)
# Between two numbers for sure: list signs, words, the + or the bracket of the next one.
_BETWEEN = re.compile(r"[,;/|&\\:]|[^\W\d_]+|(?=[+\uff0b(])")
_SPACE = re.compile(r"\s+")
_GAP = re.compile(r"\D+")
#: A number of its own has at least so many digits.
_OWN_NUMBER = 7
#: Characters that the library reads at all.
_LONGEST = 250


def read_phones(column: pa.StringArray, region: str) -> Reading:
    """A cleaned column of phones as E.164 text; `region` (ISO, two letters) reads numbers without country code."""
    return read_rest(column, _accept_plain(column, region), lambda text: read_phone(text, region))


def read_phone(text: str, region: str) -> tuple[str | None, str | None]:
    """One cleaned phone: E.164 and None, or None and a code."""
    if whole := _AS_WHOLE_NUMBER.fullmatch(text):
        text = whole[1]
    if _SHORTENED.fullmatch(text):
        return None, "phone_shortened"
    number = _parse(text, region)
    valid = number is not None and phonenumbers.is_valid_number(number)
    if _count_numbers(_BETWEEN, text) > 1 or (not valid and _holds_several(text, region)):
        return None, "phone_several"
    if (number is not None and number.extension) or _EXTENSION.search(text):
        return None, "phone_extension"
    # The library would dial letters as digits; a word in the cell says that it is not just a number.
    if any(sign.isalpha() for sign in text):
        return None, "phone_letters"
    if number is None or not valid:
        return None, "phone_invalid"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), None


def _parse(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _holds_several(text: str, region: str) -> bool:
    """For a text that is no valid number as a whole: only then may white space and hyphens part two numbers."""
    if _count_numbers(_SPACE, text) > 1 or _count_numbers(_GAP, text) > 1:
        return True
    if len(text) > _LONGEST:
        return False
    return any(_are_two(text[: gap.start()], text[gap.end() :], region) for gap in _GAP.finditer(text))


def _count_numbers(between: re.Pattern[str], text: str) -> int:
    return sum(_count_digits(piece) >= _OWN_NUMBER for piece in between.split(text))


def _are_two(left: str, right: str, region: str) -> bool:
    """Both sides of a gap are valid numbers, as in `415 555 2671 415 555 2672`."""
    if min(_count_digits(left), _count_digits(right)) < _OWN_NUMBER:
        return False
    numbers = _parse(left, region), _parse(right, region)
    return all(number is not None and phonenumbers.is_valid_number(number) for number in numbers)


def _count_digits(text: str) -> int:
    return sum(sign.isdecimal() for sign in text)


def _accept_plain(column: pa.StringArray, region: str) -> pa.StringArray:
    """E.164 for plain North American spellings, null for everything else."""
    # Texts are clean, so a control character can't begin one: it tells the rewritten from the untouched.
    marked = pc.replace_substring_regex(column, _plain_pattern(region in _NANP), "\x01+1\\1\\2\\3\\4\\5\\6")
    plain = pc.starts_with(marked, "\x01")
    return pc.if_else(plain, pc.utf8_slice_codeunits(marked, 1), pa.scalar(None, pa.string()))


@cache
def _plain_pattern(domestic: bool) -> str:
    """With dots for both separators or none: one dot alone could be the decimal point of a number cell."""
    area = "(" + "|".join(sorted(list_full_area_codes())) + ")"
    country = r"(?:\+?1[ .-]?)?" if domestic else r"\+1[ .-]?"
    rest = r"([2-9][0-9]{2})"
    return rf"^{country}(?:\(?{area}\)?[ -]?{rest}[ -]?([0-9]{{4}})|{area}\.{rest}\.([0-9]{{4}}))$"


@cache
def list_full_area_codes() -> frozenset[str]:
    """The North American area codes in which every subscriber number from 200 0000 is valid to the library.

    Asked of the patterns of the two regions of country code 1 that no leading digits tell apart; any number that fits
    one of these patterns is valid.
    """
    patterns = []
    for region in ("US", "CA"):
        metadata = PhoneMetadata.metadata_for_region(region)
        descriptions = (getattr(metadata, kind) for kind in _NUMBER_KINDS)
        patterns += [d.national_number_pattern for d in descriptions if d is not None and d.national_number_pattern]
    fits = re.compile("|".join(dict.fromkeys(patterns))).fullmatch
    tails = [f"{first}{rest}" for rest in _PROBES for first in "23456789"]
    return frozenset(area for area in map(str, range(200, 1000)) if all(fits(area + tail) for tail in tails))


#: Enough to meet every bracket that the metadata's patterns use; the tests compare with all exchanges.
_PROBES = ("000000", "110000", "220005", "371234", "450999", "555555", "610000", "689999", "780000", "890001", "999999")
