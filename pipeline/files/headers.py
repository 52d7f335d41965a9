"""Which record is the header, and the names of its columns made unique. Maps nothing to fields."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest
from math import ceil

from pipeline.files.cells import clean, replace_not_text
from pipeline.files.shapes import date_orders, is_email, is_phone
from schemas.errors import ImportRefused
from schemas.fields import FIELDS, TEMPLATE_HEADERS

#: The header is one of so many first records.
CANDIDATES = 20

# Names that other products print; only to recognise a header, so a missing one does no harm.
_ALIASES = (
    "name", "customer name", "contact name", "display name", "firstname", "given name", "forename", "lastname",
    "surname", "family name", "middle name", "phone number", "telephone", "tel", "mobile", "mobile phone",
    "mobile number", "cell", "cell phone", "phone 1", "e-mail", "email address", "e-mail address", "mail", "dob",
    "date of birth", "birth date", "birthdate", "street", "street address", "address line 1", "address 1",
    "address line 2", "address 2", "town", "province", "region", "zip code", "postcode", "postal code",
    "country code", "gender", "sex", "age", "customer id", "member id", "contact id", "loyalty id", "external id",
    "id", "loyalty points", "points balance", "total points", "balance", "sms consent", "email consent",
    "accepts marketing", "accepts email marketing", "accepts sms marketing", "sms opt in", "email opt in", "opted in",
    "subscribed", "unsubscribed", "status", "tags", "notes", "note", "created at", "created", "updated at",
    "signup date", "join date", "joined", "member since", "last visit", "last order", "total spent", "total orders",
    "orders", "company", "title", "store", "location", "home store", "preferred store", "customer group", "telefon",
    "telefono", "email adresse", "vorname", "nachname", "nombre", "apellido", "prenom", "nom", "correo",
)  # fmt: skip


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", clean(text)).casefold()))


_KNOWN = frozenset(map(_key, (*FIELDS, *TEMPLATE_HEADERS, *_ALIASES)))


def count_known(record: Sequence[str]) -> int:
    """How many different cells of a record are names that a column may have."""
    return len({_key(cell) for cell in record if 0 < len(cell) <= 64} & _KNOWN)


def find_header(records: Sequence[Sequence[str]]) -> int:
    """The index of the header among the first records of a file; raises ImportRefused (no_header) if none can be it.

    A record with a cell that looks like a phone or an e-mail is a row. Else names decide; where too few are known, the
    first record that is about as wide as the table, before any such row.
    """
    cleaned = [[clean(cell) for cell in record] for record in records]
    rows = [any(is_phone(cell) or is_email(cell) for cell in record) for record in cleaned]
    filled = [sum(map(bool, record)) for record in cleaned]
    candidates = [index for index in range(min(CANDIDATES, len(cleaned))) if filled[index] and not rows[index]]
    least = ceil(0.6 * _usual_width(filled))
    repeated = _repeated_cells(cleaned)
    named = {index: _weigh_names(cleaned[index], filled[index], least, repeated) for index in candidates}
    if best := max(named.values(), default=0):
        return next(index for index in candidates if named[index] == best)
    first_row = rows.index(True) if True in rows else len(rows)
    unnamed = [index for index in candidates if index < first_row and _covers_keys(cleaned, index)]
    # Dates name no columns: they are in rows, and in titles such as `As of | 31.01.2024`.
    undated = [index for index in unnamed if not any(map(date_orders, cleaned[index]))] or unnamed
    if undated:
        # No record may be wide enough if one broken row is far wider than the table.
        widest = max(filled[index] for index in undated)
        return next(index for index in undated if filled[index] >= min(least, widest))
    raise ImportRefused("no_header")


def _repeated_cells(records: Sequence[Sequence[str]]) -> set[tuple[int, str]]:
    """Cells that stand in one column more than once: values, such as `Phone` for a preferred way of contact."""
    counts = Counter((column, cell) for record in records for column, cell in enumerate(record) if 0 < len(cell) <= 64)
    return {place for place, times in counts.items() if times > 1}


def _weigh_names(record: Sequence[str], filled: int, least: int, repeated: set[tuple[int, str]]) -> int:
    known = count_known([place[1] for place in enumerate(record) if place not in repeated])
    # One name alone may be a row's value too, or a word of a title.
    return known if known >= 2 or known == filled >= least else 0


def _usual_width(filled: Sequence[int]) -> int:
    """The width of the row that holds the middle cell, widest first: a few lines of title can't outvote a table.

    Nor can one broken row that is far wider than the others.
    """
    widths = sorted(filter(None, filled), reverse=True)
    most = 3 * widths[len(widths) // 2] if widths else 0
    half = sum(min(width, most) for width in widths) / 2
    for width in widths:
        half -= min(width, most)
        if half <= 0:
            return width
    return 0


def _covers_keys(records: Sequence[Sequence[str]], header: int) -> bool:
    """A record that is blank over a column of phones or e-mails is a row that lacks one."""
    name = records[header]
    for column, cells in enumerate(zip_longest(*records[header + 1 :], fillvalue="")):
        if column < len(name) and name[column]:
            continue
        filled = [cell for cell in cells if cell]
        if filled and sum(is_phone(cell) or is_email(cell) for cell in filled) * 2 >= len(filled):
            return False
    return True


def unique_headers(cells: Sequence[str], width: int, first_column: int = 1) -> tuple[str, ...]:
    """Names of `width` columns: cleaned, blank ones `Column 7` (a spreadsheet's number), repeated ones `Phone (2)`."""
    names = [clean(replace_not_text(cell)) for cell in cells[:width]]
    names += [""] * (width - len(names))
    taken = set(names)
    seen: set[str] = set()
    counts: Counter[str] = Counter()
    for index, name in enumerate(names):
        if name and name not in seen:
            seen.add(name)
            continue
        stem = name or f"Column {first_column + index}"
        free = stem
        # Counting on from the last number keeps sixteen thousand equal headers fast.
        while free in taken:
            counts[stem] += 1
            free = f"{stem} ({counts[stem] + 1})"
        taken.add(free)
        names[index] = free
    return tuple(names)
