"""Reads headers made of several known words, such as `Billing Address Line 1`. Owns no names that stand for themselves.

Only names, phones, e-mails and addresses are read this way, and only if every word is known: `Phone Type` is no phone.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pipeline.mapping.names import header_key, known_names, words_of

#: Whose it is; says nothing else.
_OWNERS = words_of(
    "customer contact user member guest client subscriber person shopper patient profile consumer buyer your my"
)
#: Which of several it is, the preferred one first.
_PLACES = {
    word: rank
    for rank, words in enumerate(
        (
            "",
            "primary default main physical",
            "home personal residential private mailing",
            "billing bill",
            "shipping ship delivery",
        ),
        0,
    )
    for word in words.split()
} | {"work": 6, "business": 6, "office": 6}
_MOBILE = words_of("mobile cell cellphone cellular")
_PHONE = _MOBILE | words_of("phone telephone tel")
_PHONE_FILLERS = words_of("number no num nr 1 value e164 day daytime evening address sms")
_EMAIL = frozenset(("email", "mail"))
_EMAIL_FILLERS = frozenset(("address", "addr", "id", "1", "value"))
_NAME_FIELDS = frozenset(("first_name", "last_name", "full_name", "birthday", "gender"))
_ADDRESS_FIELDS = frozenset(("address", "address2", "city", "state", "postal_code", "country"))
#: A name that is not the shopper's, or no name at all.
_NO_NAME = frozenset(("username", "profilename", "businessname", "workname", "officename", "username1", "mainname"))
_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|[\W_]+")


@dataclass(frozen=True, slots=True)
class Wording:
    """What the words of a header say: the field, how preferred, and which of several addresses it belongs to."""

    field: str
    rank: int
    place: str = ""


def read_wording(header: str) -> Wording | None:
    """What a header of several words means, or None where a word is unknown or it means no field."""
    words = split_words(header)
    if not words or header_key(header) in _NO_NAME:
        return None
    places = [word for word in words if word in _PLACES]
    place = places[0] if places else ""
    rest = [word for word in words if word not in _OWNERS and word not in _PLACES]
    away = max((_PLACES[word] for word in places), default=0)
    return (
        _read_phone(rest, away)
        or _read_email(rest, away)
        or _read_person(rest, away, place, owned=bool(_OWNERS.intersection(words)))
    )


def split_words(header: str) -> list[str]:
    """The folded words of a header, joined ones (`mobilephone`) taken apart where every piece is a known word."""
    parts = (part.casefold() for part in _BOUNDARY.split(unicodedata.normalize("NFKC", header)) if part)
    words = [piece for part in parts for piece in _take_apart(part)]
    return list(_join_email(words))


def _read_phone(words: list[str], away: int) -> Wording | None:
    said = set(words)
    if not said or not said <= _PHONE | _PHONE_FILLERS:
        return None
    if not (said & _PHONE or said == {"sms", "number"}):
        return None
    # A mobile number is what texts can reach; one that stands in an address is the last resort.
    kind = 0 if said & _MOBILE or "sms" in said else 1
    return Wording(
        "phone", 10 * kind + away + (5 if "address" in said else 0) + (3 if said & {"day", "daytime", "evening"} else 0)
    )


def _read_email(words: list[str], away: int) -> Wording | None:
    said = set(words)
    if said & _EMAIL and said <= _EMAIL | _EMAIL_FILLERS:
        return Wording("email", away)
    return None


def _read_person(words: list[str], away: int, place: str, *, owned: bool) -> Wording | None:
    core = "".join(words)
    field, rank = known_names().get(core, ("", 0))
    if field in _NAME_FIELDS:
        return Wording(field, rank + away)
    if core == "state" and not place and owned:
        # The state of a member or customer is what their account is in, not where they live.
        return None
    if field not in _ADDRESS_FIELDS:
        field, rank = _read_part_of_address(core)
    return Wording(field, rank + away, place) if field else None


def _read_part_of_address(core: str) -> tuple[str, int]:
    """`Address City - 1` and `Address 1 - City` are the city of the first address."""
    shorter = (core.removeprefix("address"), core.removeprefix("address").removesuffix("1"), core.removesuffix("1"),
               core.removeprefix("address1"))  # fmt: skip
    for name in shorter:
        field, rank = known_names().get(name, ("", 0))
        if name != core and field in _ADDRESS_FIELDS:
            return field, rank
    return "", 0


@cache
def _vocabulary() -> frozenset[str]:
    plain = (
        "first last full name given family address line street city town state province zip postal code country region"
    )
    return frozenset(_OWNERS | set(_PLACES) | _PHONE | _PHONE_FILLERS | _EMAIL | _EMAIL_FILLERS | set(plain.split()))


def _take_apart(part: str) -> list[str]:
    """`customeremail` → customer, email; the part itself if it can't be taken apart completely."""
    if part in _vocabulary() or part in known_names():
        return [part]
    for cut in range(len(part) - 1, 1, -1):
        if part[:cut] in _vocabulary():
            tail = _take_apart(part[cut:])
            if all(word in _vocabulary() or word in known_names() for word in tail):
                return [part[:cut], *tail]
    return [part]


def _join_email(words: list[str]) -> Iterator[str]:
    """`e-mail` is one word."""
    for number, word in enumerate(words):
        if word == "mail" and number and words[number - 1] == "e":
            yield "email"
        elif not (word == "e" and words[number + 1 : number + 2] == ["mail"]):
            yield word
