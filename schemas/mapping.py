"""The shape of a mapping: which header feeds which field. Owns no guessing."""

from dataclasses import dataclass, field
from typing import Literal

DateOrder = Literal["mdy", "dmy", "ymd"]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Header (made unique) → field, `attribute:<name>`, or None for an ignored column; every header has an entry."""

    fields: dict[str, str | None]
    #: Date order by header, for the mapped columns of kind date.
    date_orders: dict[str, DateOrder] = field(default_factory=dict)
    #: Headers that could become custom attributes; shown, never applied unasked.
    offered: tuple[str, ...] = ()
    #: Why a person must decide: a code of WAITS, with the headers in doubt; None where the mapping can be used.
    doubt: str | None = None
    doubtful: tuple[str, ...] = ()

    def header_of(self, field_name: str) -> str | None:
        """The header that feeds a field, or None."""
        return next((header for header, name in self.fields.items() if name == field_name), None)
