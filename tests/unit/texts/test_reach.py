"""The shortcut by area code and exchange is as good as asking the library about each number."""

import random
import re._parser as regex_parser  # type: ignore[import-not-found]
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from phonenumbers import PhoneMetadata, phonenumberutil
from phonenumbers.tzdata import TIMEZONE_DATA

from pipeline.texts.reach import DEEP_AREA_CODES, Reach, reach_of

NANP_REGIONS = phonenumberutil.COUNTRY_CODE_TO_REGION_CODE[1]
KINDS = [
    *("general_desc", "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost"),
    *("personal_number", "voip", "uan", "pager", "voicemail"),
]
DIGITS = 10
EXCHANGE_ENDS = 6


def paths(tree: Any, prefix: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every way through a pattern: one entry per digit, `.` for any digit, the digit itself, or `?` for a choice."""
    ways = [prefix]
    for op, value in tree:
        ways = [longer for way in ways for longer in _step(str(op), value, way)]
    return ways


def _step(op: str, value: Any, way: tuple[str, ...]) -> list[tuple[str, ...]]:
    match op:
        case "LITERAL":
            return [(*way, chr(value))]
        case "IN":
            whole = len(value) == 1 and str(value[0][0]) == "CATEGORY"
            return [(*way, "." if whole else "?")]
        case "BRANCH":
            return [longer for branch in value[1] for longer in paths(branch, way)]
        case "SUBPATTERN":
            return paths(value[3], way)
        case "MAX_REPEAT":
            low, high, inner = value
            ways, result = [way], [way] if low == 0 else []
            for count in range(1, high + 1):
                ways = [longer for each in ways for longer in paths(inner, each)]
                result += ways if count >= low else []
            return result
    raise AssertionError(f"unexpected part of a pattern: {op}")


def test_patterns_judge_a_number_by_area_code_and_exchange_alone_except_in_the_deep_area_codes() -> None:
    deep = set()
    for region in NANP_REGIONS:
        metadata = PhoneMetadata.metadata_for_region(region)
        assert metadata is not None
        for kind in KINDS:
            pattern = getattr(getattr(metadata, kind), "national_number_pattern", None)
            for way in paths(regex_parser.parse(pattern), ()) if pattern and pattern != "NA" else []:
                if len(way) == DIGITS and set(way[EXCHANGE_ENDS:]) != {"."}:
                    deep.add("".join(way[:3]))
    assert deep == DEEP_AREA_CODES


def test_time_zones_are_known_by_area_code_and_exchange_alone() -> None:
    assert max(len(prefix) for prefix in TIMEZONE_DATA if prefix.startswith("1")) <= 1 + EXCHANGE_ENDS


def test_every_time_zone_of_the_library_has_a_clock() -> None:
    for zone in {zone for zones in TIMEZONE_DATA.values() for zone in zones}:
        ZoneInfo(zone)


def test_shortcut_agrees_with_the_library() -> None:
    draw = random.Random(7)
    areas = [str(code) for code in range(200, 1000)]
    for _ in range(4_000):
        phone = f"+1{draw.choice(areas)}{draw.randint(200, 999)}{draw.randint(0, 9999):04d}"
        assert reach_of(phone) == ask_library(phone), phone


@pytest.mark.parametrize("area", sorted(DEEP_AREA_CODES))
def test_deep_area_codes_are_asked_number_by_number(area: str) -> None:
    draw = random.Random(int(area))
    for exchange in ("521", "606", "250", "700"):
        for _ in range(30):
            phone = f"+1{area}{exchange}{draw.randint(0, 9999):04d}"
            assert reach_of(phone) == ask_library(phone), phone


def ask_library(phone: str) -> Reach:
    number = phonenumbers.parse(phone)
    kind = phonenumbers.number_type(number)
    zones = phonenumbers.timezone.time_zones_for_number(number)
    mobile = kind in {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
    return Reach(mobile, tuple(zone for zone in zones if zone != "Etc/Unknown"))


@pytest.mark.parametrize(
    ("phone", "mobile", "zones"),
    [
        ("+12125550123", True, ("America/New_York",)),
        ("+442079460958", False, ("Europe/London",)),
        ("+447911123456", True, ("Europe/Guernsey", "Europe/Isle_of_Man", "Europe/Jersey", "Europe/London")),
        ("+4915123456789", True, ("Europe/Berlin",)),
        ("+18005550123", False, None),
        ("+8835100012345", False, None),
        ("+0", False, ()),
        ("+15555550123", False, ()),
    ],
)
def test_reach_of_single_numbers(phone: str, mobile: bool, zones: tuple[str, ...] | None) -> None:
    reach = reach_of(phone)
    assert reach.may_be_mobile is mobile
    if zones is not None:
        assert reach.zones == zones
