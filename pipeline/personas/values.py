"""What staff typed as `field=value`, read like the cells of a file, but refused with a sentence. Changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Literal

from pipeline.mapping.date_orders import order_of_region
from pipeline.rows.attributes import attribute_key, read_attribute
from pipeline.rows.cleaning import LONGEST, clean, clean_key
from pipeline.rows.customer_types import read_customer_type
from pipeline.rows.dates import FIRST_BIRTHDAY, read_date
from pipeline.rows.emails import read_email
from pipeline.rows.phones import read_phone
from pipeline.rows.points import read_delta
from pipeline.rows.yes_no import read_word
from pipeline.work import Account
from schemas import codes
from schemas.errors import WrongCommand
from schemas.fields import ATTRIBUTE_PREFIX, CONSENT_FIELDS, FIELDS, Kind, kind_of

_Reader = Callable[[str], tuple[Any, str | None]]
_KEYS = ("phone", "email")


@dataclass(frozen=True, slots=True)
class Wish:
    """What staff said about a channel, and the word for it."""

    way: Literal["in", "out"]
    raw: str


@dataclass(slots=True)
class Values:
    """Values ready to be stored; None takes away what is there."""

    keys: dict[str, str | None] = field(default_factory=dict)
    #: Columns of a persona: profile, customer type, store, dates, loyalty.
    columns: dict[str, Any] = field(default_factory=dict)
    #: Attribute key → name as typed, and its value.
    attributes: dict[str, tuple[str, bool | str | None]] = field(default_factory=dict)
    delta: int = 0
    wishes: dict[str, Wish] = field(default_factory=dict)

    def names(self) -> list[str]:
        """What is set, by the names of fields."""
        points = ["points"] if self.delta else []
        return [*self.keys, *self.columns, *(f"{ATTRIBUTE_PREFIX}{key}" for key in self.attributes), *points]


def read_values(account: Account, settings: Mapping[str, str], today: date) -> Values:
    """The values of `settings` (field or `attribute:<name>` → text). Raises `WrongCommand` in one sentence.

    A blank takes a value away; for points and consent it is refused, because it could only be a mistake.
    """
    values = Values()
    for name, text in settings.items():
        if not name.startswith(ATTRIBUTE_PREFIX) and name not in FIELDS:
            raise WrongCommand(f"There is no field {name!r}; there are {', '.join(FIELDS)} and attribute:NAME.")
        _read_one(values, account, name, _clean(name, text), today)
    return values


def _clean(name: str, text: str) -> str:
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise WrongCommand(f"{name}: the value is not text.")
    cleaned = clean_key(text) if name in _KEYS else clean(text)
    if len(cleaned) > LONGEST:
        raise WrongCommand(f"{name}: the value is longer than {LONGEST:,} characters.")
    return cleaned


def _read_one(values: Values, account: Account, name: str, text: str, today: date) -> None:
    if name.startswith(ATTRIBUTE_PREFIX):
        _read_attribute(values, name.removeprefix(ATTRIBUTE_PREFIX), text)
    elif name in CONSENT_FIELDS:
        _read_wish(values, name, text)
    elif name == "points":
        values.delta = _read(name, text, read_delta)
    elif name in _KEYS:
        reader: _Reader = partial(read_phone, region=account.region) if name == "phone" else read_email
        values.keys[name] = _read(name, text, reader) if text else None
    elif name == "loyalty":
        values.columns[name] = bool(_read(name, text, read_word)) if text else False
    else:
        values.columns[name] = _read_column(account, name, text, today) if text else None


def _read_column(account: Account, name: str, text: str, today: date) -> Any:
    order = order_of_region(account.region)
    match kind_of(name):
        case Kind.DATE if name == "birthday":
            return _read(name, text, partial(read_date, order=order, first=FIRST_BIRTHDAY, last=today))
        case Kind.DATE:
            return _read(name, text, partial(read_date, order=order))
        case Kind.CUSTOMER_TYPE:
            return _read(name, text, read_customer_type)
    return text


def _read_attribute(values: Values, name: str, text: str) -> None:
    spelled = clean(name)
    if not spelled:
        raise WrongCommand("An attribute is written attribute:NAME=value.")
    values.attributes[attribute_key(spelled)] = (spelled, read_attribute(text) if text else None)


def _read_wish(values: Values, name: str, text: str) -> None:
    """An opt-out beats an opt-in, whichever was said first; a no says nothing."""
    channel, _, way = name.partition("_opt_")
    if not _read(name, text, read_word):
        return
    if way == "out":
        values.wishes[channel] = Wish("out", text)
    else:
        values.wishes.setdefault(channel, Wish("in", text))


def _read(name: str, text: str, reader: _Reader) -> Any:
    value, code = reader(text)
    if code is not None:
        raise WrongCommand(f"{name}: {codes.sentence(code)}")
    return value
