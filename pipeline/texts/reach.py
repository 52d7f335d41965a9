"""What a number alone tells about its owner: may it be a mobile's, and in which time zones. Owns no clock."""

from dataclasses import dataclass
from functools import cache

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberType,
    is_number_type_geographical,
    number_type,
    parse,
)
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_geographical_number, time_zones_for_number

# A pager, a voice line or a premium number takes no text that a shopper would read and answer.
_MAY_BE_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})

_NANP = "+1"
_NANP_LENGTH = len("+12125550123")
_EXCHANGE_END = len("+1212555")
#: In these two the kind of line depends on more than area code and exchange. A test reads the library's patterns and
#: proves that no other area code does, and that no time zone ever does.
DEEP_AREA_CODES = frozenset({"246", "876"})


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known of a number; `zones` is empty where the number tells none."""

    may_be_mobile: bool
    zones: tuple[str, ...]


_NOWHERE = Reach(may_be_mobile=False, zones=())


def reach_of(phone_e164: str) -> Reach:
    """The reach of a phone in E.164; a number that is not valid reaches nobody."""
    if len(phone_e164) == _NANP_LENGTH and phone_e164.startswith(_NANP) and phone_e164[2:5] not in DEEP_AREA_CODES:
        return _reach_of_exchange(phone_e164[:_EXCHANGE_END])
    return _look_up(phone_e164)


@cache
def _reach_of_exchange(prefix: str) -> Reach:
    # Any line number stands for all of its exchange; at most 640,000 exchanges exist, a file has a few thousand.
    return _reach(PhoneNumber(country_code=1, national_number=int(prefix[2:] + "2000")))


def _look_up(phone_e164: str) -> Reach:
    try:
        return _reach(parse(phone_e164))
    except NumberParseException:
        return _NOWHERE


def _reach(number: PhoneNumber) -> Reach:
    kind = number_type(number)
    if kind == PhoneNumberType.UNKNOWN:
        return _NOWHERE
    geographical = is_number_type_geographical(kind, number.country_code or 0)
    zones = time_zones_for_geographical_number(number) if geographical else time_zones_for_number(number)
    return Reach(kind in _MAY_BE_MOBILE, tuple(zone for zone in zones if zone != UNKNOWN_TIMEZONE))
