"""What one column could be, by its header and by what its values look like. Compares no columns with each other."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.mapping.names import (
    CONTACTS,
    UNCLEAR,
    header_key,
    known_names,
    permission_names,
    words_of,
)
from pipeline.mapping.wording import read_wording
from pipeline.rows.cleaning import clean
from pipeline.rows.customer_types import read_customer_type
from schemas.fields import CONSENT_FIELDS
from schemas.parts import ColumnProfile

#: So many filled cells must say nothing that fits before the product's own header is doubted.
_MANY = 20
#: Phones and e-mails in a column that is named after something vague.
_LAST_RESORT = 80
_ACCOUNT_STATES = words_of(
    "active inactive enabled disabled invited declined pending subscribed unsubscribed open closed archived deleted "
    "member guest prospect lead candidate customer new banned blocked suspended verified unverified expired"
)
_IN_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*$")
#: In brackets these say how to fill a column, whatever it is.
_ANSWERS = words_of("yn yesno yorn yesorno truefalse trueorfalse true yes 10 01")
#: And these that it holds less than its name says.
_PARTS = words_of("year month day monthonly dayonly yearonly age")
_NUMBER_SIGN = re.compile(r"(?<=\w)\s*#\s*$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field that a column could feed; the lower the rank, the more likely. `place` tells several addresses apart."""

    field: str
    rank: int
    place: str = ""
    #: The name says points or permission, the values do not (or the other way round): only a person can tell.
    doubtful: bool = False


def read_candidate(header: str, column: ColumnProfile) -> Candidate | None:
    """The field that this column could feed, or None."""
    header = _NUMBER_SIGN.sub(" number", header)
    key = header_key(header)
    if key in UNCLEAR:
        return _read_unclear(key, column)
    if key in CONTACTS:
        return _read_contact(column)
    if key in permission_names():
        return _read_permission(key, column)
    candidate = _read_name(header)
    if candidate is None and (brackets := _IN_BRACKETS.search(header)):
        return _read_before(header[: brackets.start()], header_key(brackets[1]), column)
    return _weigh(candidate, column) if candidate else None


def holds_mostly(column: ColumnProfile, count: int, share: float = 0.6) -> bool:
    """Whether at least this share of the sampled cells was counted."""
    return column.sampled > 0 and count >= share * column.sampled


def _read_before(header: str, bracketed: str, column: ColumnProfile) -> Candidate | None:
    """`Birthday (MM/DD/YYYY)`; but brackets may hold what makes a total of points, or an opt-out of an opt-in."""
    if bracketed in _ANSWERS:
        return read_candidate(header, column)
    candidate = None if bracketed in _PARTS else _read_name(header)
    if candidate is None or candidate.field in {"points", *CONSENT_FIELDS}:
        return None
    return _weigh(candidate, column)


def _read_name(header: str) -> Candidate | None:
    wording = read_wording(header)
    if wording and wording.field in ("phone", "email"):
        return Candidate(wording.field, wording.rank)
    if header_key(header) in known_names():
        field, rank = known_names()[header_key(header)]
        # The ranks of phones leave room for mobile, plain, home and so on.
        return Candidate(field, 10 * (rank - 1) if field == "phone" else rank)
    return Candidate(wording.field, wording.rank, wording.place) if wording else None


def _read_unclear(key: str, column: ColumnProfile) -> Candidate | None:
    if holds_mostly(column, column.phones) or (key == "sms" and not column.sampled):
        return Candidate("phone", 8)
    if holds_mostly(column, column.yes_no):
        return Candidate("sms_opt_in", 8, doubtful=True)
    return None


def _read_contact(column: ColumnProfile) -> Candidate | None:
    if holds_mostly(column, column.phones):
        return Candidate("phone", _LAST_RESORT)
    return Candidate("email", _LAST_RESORT) if holds_mostly(column, column.emails) else None


def _read_permission(key: str, column: ColumnProfile) -> Candidate | None:
    field, soft = permission_names()[key]
    if not column.sampled:
        return None if soft else Candidate(field, 1)
    return Candidate(field, 2 if soft else 1, doubtful=not holds_mostly(column, column.yes_no, 0.5))


def _weigh(candidate: Candidate, column: ColumnProfile) -> Candidate | None:
    """The candidate, doubted or dropped where its values speak against it."""
    if candidate.field == "points":
        return _doubt_if(candidate, _is_no_number(candidate, column))
    if candidate.field in CONSENT_FIELDS:
        return _doubt_if(candidate, _is_no_answer(column))
    speaks_against = _AGAINST.get(candidate.field)
    if speaks_against and column.sampled and speaks_against(candidate, column):
        return None
    return candidate


def _doubt_if(candidate: Candidate, doubtful: bool) -> Candidate:
    return replace(candidate, doubtful=doubtful)


def _is_no_number(candidate: Candidate, column: ColumnProfile) -> bool:
    """Under the product's own header single wrong values draw notices; words alone are another kind of column."""
    if candidate.rank:
        return column.sampled > 0 and not holds_mostly(column, column.numbers, 0.5)
    # Examples are not kept for later; without them the counts alone must do.
    has_digits = any(any(map(str.isdecimal, text)) for text in column.examples)
    return column.numbers == 0 and column.sampled > 2 and (not has_digits or column.sampled >= _MANY)


def _is_no_answer(column: ColumnProfile) -> bool:
    elsewhere = column.phones + column.emails
    return column.yes_no == 0 and (column.sampled >= _MANY or (column.sampled > 2 and holds_mostly(column, elsewhere)))


def _is_no_phone(_: Candidate, column: ColumnProfile) -> bool:
    others = max(column.emails, column.yes_no)
    return holds_mostly(column, others) and not holds_mostly(column, column.phones, 0.1)


def _is_no_email(_: Candidate, column: ColumnProfile) -> bool:
    others = max(column.phones, column.yes_no)
    return holds_mostly(column, others) and not holds_mostly(column, column.emails, 0.1)


def _is_no_state(_: Candidate, column: ColumnProfile) -> bool:
    words = [text.strip().casefold() for text in column.examples]
    return bool(words) and all(word in _ACCOUNT_STATES for word in words)


def _is_no_country(_: Candidate, column: ColumnProfile) -> bool:
    """A calling code."""
    return holds_mostly(column, column.numbers)


def _is_no_day(candidate: Candidate, column: ColumnProfile) -> bool:
    return candidate.rank > 0 and not holds_mostly(column, column.dates, 0.5)


def _is_no_member(_: Candidate, column: ColumnProfile) -> bool:
    return not holds_mostly(column, column.yes_no, 0.5)


def _is_no_type(candidate: Candidate, column: ColumnProfile) -> bool:
    """Person or company, retail or wholesale: types of another kind."""
    fits = any(read_customer_type(clean(text))[0] for text in column.examples)
    return bool(column.examples) and not fits and (candidate.rank > 0 or column.sampled >= _MANY)


_AGAINST: dict[str, Callable[[Candidate, ColumnProfile], bool]] = {
    "phone": _is_no_phone,
    "email": _is_no_email,
    "state": _is_no_state,
    "country": _is_no_country,
    "loyalty_signup_date": _is_no_day,
    "loyalty": _is_no_member,
    "customer_type": _is_no_type,
}
