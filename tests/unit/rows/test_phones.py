"""Phones: every accepted spelling, every code, and the fast path against the library."""

import random
from itertools import product

import phonenumbers
import pyarrow as pa
import pytest
from phonenumbers.phonemetadata import PhoneMetadata

from pipeline.rows import phones
from pipeline.rows.phones import list_full_area_codes, read_phone, read_phones

ACCEPTED = [
    ("(415) 555-2671", "US", "+14155552671"),
    ("4155552671", "US", "+14155552671"),
    ("14155552671", "US", "+14155552671"),
    ("1-415-555-2671", "US", "+14155552671"),
    ("+1 (415) 555-2671", "US", "+14155552671"),
    ("415.555.2671", "US", "+14155552671"),
    ("4155552671.0", "US", "+14155552671"),
    ("4155552671.00", "US", "+14155552671"),
    ("0114930123456", "US", "+4930123456"),
    ("+44 7400 123456", "US", "+447400123456"),
    ("+442079460958", "US", "+442079460958"),
    ("00442079460958", "DE", "+442079460958"),
    ("020 7946 0958", "GB", "+442079460958"),
    ("030/1234567", "DE", "+49301234567"),
    ("3012345678.0", "DE", "+493012345678"),
    ("+14155552671", "DE", "+14155552671"),
    ("+1 415 555 2671", "JP", "+14155552671"),
    ("\uff0b\uff11\uff14\uff11\uff15\uff15\uff15\uff15\uff12\uff16\uff17\uff11", "US", "+14155552671"),
    ("\u0664\u0661\u0665\u0665\u0665\u0665\u0662\u0666\u0667\u0661", "US", "+14155552671"),
    ("tel 415", "US", None),
    ("+39 06 698 12345", "US", "+390669812345"),
    ("787-555-2671", "US", "+17875552671"),
    ("2684601234", "AG", "+12684601234"),
    ("4601234", "AG", "+12684601234"),
]
REFUSED = [
    ("1.55512E+10", "US", "phone_shortened"),
    ("4,15556E+09", "US", "phone_shortened"),
    ("4E9", "US", "phone_shortened"),
    ("415-555-2671 / 415-555-2672", "US", "phone_several"),
    ("4155552671, 4155552672", "US", "phone_several"),
    ("4155552671;4155552672", "US", "phone_several"),
    ("4155552671 4155552672", "US", "phone_several"),
    ("415 555 2671 415 555 2672", "US", "phone_several"),
    ("415 555 2671 or 415 555 2672", "US", "phone_several"),
    ("+14155552671+14155552672", "US", "phone_several"),
    ("home 415-555-2671 cell 415-555-2672", "US", "phone_several"),
    ("(415) 555-2671 (415) 555-2672", "US", "phone_several"),
    ("4155552671 ::: 4155552672", "US", "phone_several"),
    ("3012345678/3012345679", "DE", "phone_several"),
    ("(212) 555-0199 x12", "US", "phone_extension"),
    ("415-555-2671 ext. 123", "US", "phone_extension"),
    ("415-555-2671;ext=123", "US", "phone_extension"),
    ("415-555-2671x5", "US", "phone_extension"),
    ("415-555-2671 #9", "US", "phone_extension"),
    ("(055) 123-4567 ext 5", "US", "phone_extension"),
    ("1-800-FLOWERS", "US", "phone_letters"),
    ("N/A", "US", "phone_letters"),
    ("call home", "US", "phone_letters"),
    ("tel:+14155552671", "US", "phone_letters"),
    ("none", "US", "phone_letters"),
    ("\u4e00\u4e8c", "US", "phone_letters"),
    ("(155) 123-4567", "US", "phone_invalid"),
    ("555-0123", "US", "phone_invalid"),
    ("0000000000", "US", "phone_invalid"),
    ("12345678901234567", "US", "phone_invalid"),
    ("123", "US", "phone_invalid"),
    ("-", "US", "phone_invalid"),
    ("415555267.0", "US", "phone_invalid"),
    ("415555.0000", "US", "phone_invalid"),
    ("4155552671", "GB", "phone_invalid"),
    ("1" * 32_000, "US", "phone_invalid"),
]


@pytest.mark.parametrize(("text", "region", "expected"), ACCEPTED)
def test_accepted(text: str, region: str, expected: str | None) -> None:
    column = read_phones(pa.array([text]), region)
    assert column.values.to_pylist() == [expected]
    assert read_phone(text, region)[0] == expected


@pytest.mark.parametrize(("text", "region", "code"), REFUSED)
def test_refused_with_the_first_code_that_fits(text: str, region: str, code: str) -> None:
    column = read_phones(pa.array([text, None]), region)
    assert column.values.to_pylist() == [None, None]
    assert column.codes.to_pylist() == [code, None]


def test_an_unknown_region_reads_international_numbers_alone() -> None:
    column = read_phones(pa.array(["+14155552671", "4155552671"]), "ZZ")
    assert column.values.to_pylist() == ["+14155552671", None]


def test_area_codes_are_those_whose_every_number_is_valid() -> None:
    """Every exchange from 200 on, asked of the metadata's own patterns: the probes at start-up miss nothing."""
    import re

    patterns = []
    for region, kind in product(("US", "CA"), phones._NUMBER_KINDS):
        description = getattr(PhoneMetadata.metadata_for_region(region), kind)
        if description is not None and description.national_number_pattern:
            patterns.append(description.national_number_pattern)
    fits = re.compile("|".join(dict.fromkeys(patterns))).fullmatch
    exchanges = range(200, 1000)
    exact = {
        area
        for area in map(str, range(200, 1000))
        if all(fits(f"{area}{exchange}{tail}") for exchange in exchanges for tail in ("0000", "9999"))
    }
    assert list_full_area_codes() == exact
    assert len(exact) > 400


@pytest.mark.parametrize("area", ["212", "415", "604", "800", "900", "456", "622"])
def test_area_codes_against_the_library(area: str) -> None:
    numbers = [f"+1{area}{exchange}{tail:04d}" for exchange in range(200, 1000, 7) for tail in (0, 1212, 9999)]
    valid = [phonenumbers.is_valid_number(phonenumbers.parse(number)) for number in numbers]
    assert all(valid) or area not in list_full_area_codes()


def test_fast_path_gives_the_librarys_answer() -> None:
    """110,000 made-up values in every region of country code 1 and some others."""
    chance = random.Random(20)  # a fixed seed: the same values each time
    regions = (*sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]), "GB", "DE", "JP", "MX", "ZZ")
    accepted = 0
    for region in regions:
        cells = [_random_phone(chance) for _ in range(110_000 // len(regions))]
        sure = phones._accept_plain(pa.array(cells), region).to_pylist()
        answers = {cell: answer for cell, answer in zip(cells, sure, strict=True) if answer is not None}
        assert answers
        accepted += len(answers)
        wrong = [(cell, region) for cell, answer in answers.items() if read_phone(cell, region) != (answer, None)]
        assert wrong == []
    assert accepted > 20_000


def _random_phone(chance: random.Random) -> str:
    area = chance.choice((*sorted(list_full_area_codes())[::9], "268", "787", "876", "900", "911", "522", "983", "155"))
    digits = area + "".join(chance.choices("0123456789", k=7))
    country = chance.choice(("", "", "", "1", "+1", "+1 ", "1-", "+", "011", "+44", "00"))
    match chance.randrange(6):
        case 0:
            return country + digits
        case 1:
            return f"{country}({digits[:3]}) {digits[3:6]}-{digits[6:]}"
        case 2:
            return f"{country}{digits[:3]}.{digits[3:6]}.{digits[6:]}"
        case 3:
            return country + "".join(c + chance.choice(("", "", " ", "-", ".", ")", "(")) for c in digits)
        case 4:
            return "".join(chance.choices("0123456789", k=chance.choice((7, 9, 10, 10, 11, 12)))) + chance.choice(
                ("", ".0")
            )
        case _:
            signs = (" ", "x", "ext ", "#", "/", ",", "\u00a0", "\uff0b", "\u0661", "a", ";ext=", "\uff11", ".0")
            place = chance.randrange(len(digits) + 1)
            return country + digits[:place] + chance.choice(signs) + digits[place:]
