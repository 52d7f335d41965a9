"""The mapping of a file: what a person decided, then what names and values say. Owns the choice between columns."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Lookup

from pipeline.mapping.candidates import Candidate, holds_mostly, read_candidate
from pipeline.mapping.choices import LONGEST_NAME, read_choices
from pipeline.mapping.date_orders import choose_date_order
from pipeline.mapping.names import CONTACTS, WITHOUT_CHANNEL, header_key
from pipeline.mapping.neighbours import drop_misplaced, keep_one_address
from pipeline.mapping.offers import is_worth_offering
from pipeline.mapping.reasons import explain
from schemas.fields import Kind, kind_of
from schemas.mapping import DateOrder, Mapping
from schemas.options import ImportOptions
from schemas.parts import ColumnProfile, FileProfile

__all__ = ["explain", "propose"]

_KEYS = ("phone", "email")
#: A header that names the other channel: then a permission could be meant for that one.
_OTHER_CHANNEL = {"sms_opt_in": "mail", "email_opt_in": "phone"}
_OPT_INS = {"phone": "sms_opt_in", "email": "email_opt_in"}
#: A column with less than a tenth of another's values gives way to it, whatever it is called.
_SPARSE = 10


def propose(profile: FileProfile, region: str, options: ImportOptions, saved: Mapping | None = None) -> Mapping:
    """The mapping of a file in an account's region; `doubt` says whether a person must decide first.

    Raises WrongCommand where `options.map` or `options.ignore` name what is not there.
    """
    columns = {column.header: column for column in profile.columns}
    columns = {header: columns.get(header, ColumnProfile(header)) for header in profile.headers}
    chosen = read_choices(profile.headers, options, saved)
    candidates = _find_candidates(columns, chosen)
    fields = {**dict.fromkeys(profile.headers), **chosen, **_choose(candidates, chosen, columns)}
    fields |= _find_only_permission(fields, columns, chosen)
    used = {field for field in fields.values() if field}
    doubtful = tuple(h for h, candidate in candidates.items() if candidate.doubtful and candidate.field not in used)
    return Mapping(
        fields,
        _choose_date_orders(fields, columns, region, options, saved),
        tuple(h for h in profile.headers if _is_offered(h, fields, candidates, chosen)),
        *_find_doubt(used, doubtful, columns),
    )


def _find_candidates(columns: Lookup[str, ColumnProfile], chosen: Lookup[str, str | None]) -> dict[str, Candidate]:
    read = {header: read_candidate(header, column) for header, column in columns.items() if header not in chosen}
    found = {header: candidate for header, candidate in read.items() if candidate is not None}
    return drop_misplaced(found, tuple(columns))


def _choose(
    candidates: Lookup[str, Candidate], chosen: Lookup[str, str | None], columns: Lookup[str, ColumnProfile]
) -> dict[str, str]:
    """One column for each field that nobody decided about."""
    taken = {field for field in chosen.values() if field}
    usable = {h: c for h, c in candidates.items() if not c.doubtful and c.field not in taken}
    best: dict[str, str] = {}
    for field, headers in _by_field(keep_one_address(usable)).items():
        most = max(columns[header].filled for header in headers)
        best[field] = min(headers, key=lambda h: (columns[h].filled * _SPARSE < most, usable[h].rank))
    return {header: field for field, header in best.items()}


def _by_field(candidates: Lookup[str, Candidate]) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for header, candidate in candidates.items():
        headers.setdefault(candidate.field, []).append(header)
    return headers


def _find_only_permission(
    fields: Lookup[str, str | None], columns: Lookup[str, ColumnProfile], chosen: Lookup[str, str | None]
) -> dict[str, str]:
    """`subscribed` is about texts beside a phone alone, about e-mails beside an e-mail alone, else about nothing."""
    keys = [key for key in _KEYS if key in fields.values()]
    opt_in = _OPT_INS[keys[0]] if len(keys) == 1 else None
    others = (
        key for key in map(header_key, columns) if key in CONTACTS or _OTHER_CHANNEL.get(opt_in or "", "?") in key
    )
    if opt_in is None or opt_in in fields.values() or any(others):
        return {}
    for header, column in columns.items():
        plain = not column.sampled or holds_mostly(column, column.yes_no, 0.9)
        if header_key(header) in WITHOUT_CHANNEL and header not in chosen and plain:
            return {header: opt_in}
    return {}


def _is_offered(
    header: str, fields: Lookup[str, str | None], candidates: Lookup[str, Candidate], chosen: Lookup[str, str | None]
) -> bool:
    if fields[header] is not None or header in candidates or header in chosen:
        return False
    return len(header) <= LONGEST_NAME and is_worth_offering(header)


def _find_doubt(
    used: Iterable[str], doubtful: Sequence[str], columns: Lookup[str, ColumnProfile]
) -> tuple[str | None, tuple[str, ...]]:
    if not set(_KEYS) & set(used):
        return "no_key_column", tuple(h for h, c in columns.items() if holds_mostly(c, max(c.phones, c.emails)))
    return ("doubtful_column", tuple(doubtful)) if doubtful else (None, ())


def _choose_date_orders(
    fields: Lookup[str, str | None],
    columns: Lookup[str, ColumnProfile],
    region: str,
    options: ImportOptions,
    saved: Mapping | None,
) -> dict[str, DateOrder]:
    remembered = saved.date_orders if saved else {}
    return {
        header: options.date_order or choose_date_order(columns[header], region, remembered.get(header))
        for header, field in fields.items()
        if field and kind_of(field) is Kind.DATE
    }
