"""Rows of part files that name a shopper: finding them, and emptying them. Knows no database and no bucket.

An emptied row keeps its line, so a part has as many rows as before: whoever counts them later counts right.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

from pipeline.rows.cleaning import clean_column
from pipeline.rows.columns import Mask, byte_view, is_true
from pipeline.rows.emails import read_email
from pipeline.rows.phones import read_phone
from schemas.parts import LINE, MARKS

_NOT_DIGITS = "[^0-9]"
_ASCII = 0x7F


@dataclass(frozen=True)
class Keys:
    """The phones and e-mails of one shopper, as stored, and the region that reads phones without country code."""

    region: str
    phones: frozenset[str]
    emails: frozenset[str]

    @cached_property
    def digits(self) -> tuple[str, ...]:
        """What every spelling of each phone contains, punctuation apart."""
        return tuple(str(phonenumbers.parse(phone).national_number) for phone in sorted(self.phones))

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        """Each phone with anything but digits between its digits, and each e-mail in any case."""
        phones = ("[^0-9]*".join(number) for number in self.digits)
        return (*phones, *(f"(?i){re.escape(email)}" for email in sorted(self.emails)))

    @cached_property
    def mentions(self) -> re.Pattern[str]:
        """Any of the e-mails as a word of its own."""
        words = (rf"(?<![\w.+-]){re.escape(email)}(?![\w-])" for email in sorted(self.emails))
        return re.compile("|".join(words) or "$^")


def find_lines(table: pa.Table, keys: Keys, columns: Collection[str] = (), *, mentions: bool) -> list[int]:
    """Lines of a part with one of the keys in these columns, or in any where none are given.

    With `mentions` also where it stands among other text; without, only where the cell says the key and nothing else.
    """
    found = np.zeros(table.num_rows, dtype=bool)
    for name in columns or table.column_names:
        if name not in (LINE, MARKS):
            found |= _find_in_column(table[name].combine_chunks(), keys, mentions)
    return table[LINE].filter(pa.array(found)).to_pylist()  # type: ignore[no-any-return]


def _find_in_column(column: pa.StringArray, keys: Keys, mentions: bool) -> Mask:
    cleaned = clean_column(column, key=True)
    found = np.zeros(len(column), dtype=bool)
    rows = np.flatnonzero(_suspect(cleaned, keys))
    for row, text in zip(rows, cleaned.take(pa.array(rows)).to_pylist(), strict=True):
        found[row] = _says(text, keys) or (mentions and _mentions(text, keys))
    return found


def _suspect(column: pa.StringArray, keys: Keys) -> Mask:
    """Cells that are worth reading: few, in one quick look at each."""
    suspect = np.zeros(len(column), dtype=bool)
    for pattern in keys.patterns:
        suspect |= is_true(pc.match_substring_regex(column, pattern))
    if np.any(byte_view(column)[1] > _ASCII):
        # Digits of other scripts have to be read; a domain may be written in letters of its own.
        odd = np.flatnonzero(is_true(pc.match_substring_regex(column, "[^\\x00-\\x7f]")))
        cells = pc.replace_substring_regex(column.take(pa.array(odd)), "[0-9]", "")
        suspect[odd] |= is_true(pc.match_substring_regex(cells, r"\p{Nd}|@"))
    return suspect


def _says(text: str, keys: Keys) -> bool:
    return read_phone(text, keys.region)[0] in keys.phones or read_email(text)[0] in keys.emails


def _mentions(text: str, keys: Keys) -> bool:
    digits = re.sub(_NOT_DIGITS, "", text)
    return any(number in digits for number in keys.digits) or bool(keys.mentions.search(text.lower()))


def empty_rows(table: pa.Table, lines: Collection[int]) -> pa.Table | None:
    """The part with every cell of these lines blank; None if that changes nothing."""
    hit = pc.is_in(table[LINE].combine_chunks(), value_set=pa.array(sorted(lines), pa.int32()))
    names = [name for name in table.column_names if name != LINE]
    filled = [pc.any(pc.and_(hit, table[name].combine_chunks().is_valid())).as_py() for name in names]
    if not any(filled):
        return None
    # Picked anew, cell by cell: a cell that is only marked as null would leave its bytes behind.
    kept = pa.array(np.arange(table.num_rows), mask=hit.to_numpy(zero_copy_only=False))
    picked = {name: table[name].combine_chunks().take(kept) for name in names}
    return pa.table({LINE: table[LINE], **picked}, schema=table.schema)


def write_part(table: pa.Table) -> bytes:
    """The bytes of a part file."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]
