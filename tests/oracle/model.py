"""The oracle's things: personas, ledger lines, consent events, options of an import. No behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

CHANNELS = ("sms", "email")
ADDRESS = {"sms": "phone", "email": "email"}
PROFILE = (
    "first_name",
    "last_name",
    "full_name",
    "birthday",
    "address",
    "address2",
    "city",
    "state",
    "postal_code",
    "country",
    "gender",
    "customer_type",
    "external_id",
)
YES_OR_NO = ("sms_opt_in", "email_opt_in", "sms_opt_out", "email_opt_out", "loyalty")
FIELDS = (*PROFILE, "phone", "email", "points", *YES_OR_NO, "loyalty_signup_date", "favorite_store")
# Who chose the favourite store: a higher number is not replaced by a lower one.
STORE_RANKS = {"wallet": 4, "app": 4, "signup_form": 3, "staff": 3, "file": 2, "purchase_history": 1}

AttributeValue = bool | str


@dataclass(frozen=True, slots=True)
class CellFault:
    """A workbook cell that the reader could not give as text: `cell_error` or `number_shortened`."""

    code: str


Cell = str | CellFault


@dataclass(slots=True)
class Persona:
    """One shopper's record. `profile` and `attributes` hold non-blank values only, attributes by compared name."""

    id: int
    phone: str | None = None
    email: str | None = None
    status: str = "active"
    merged_into: int | None = None
    profile: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    favorite_store: str | None = None
    favorite_store_source: str | None = None
    loyalty: bool = False
    loyalty_signup_date: str | None = None
    consent: dict[str, str] = field(default_factory=lambda: dict.fromkeys(CHANNELS, "unknown"))
    opted_out_themself: set[str] = field(default_factory=set)


@dataclass(slots=True)
class LedgerLine:
    """Points added or subtracted; `persona` moves with a merge. Lines that no import made carry a reason."""

    persona: int
    delta: int
    import_id: int | None = None
    line: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One change of permission; `who` is file, shopper, staff or merge."""

    persona: int
    channel: str
    before: str
    after: str
    who: str
    import_id: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """The options of an import that change its meaning, by the names of the command line."""

    opt_in: frozenset[str] = frozenset()
    on_conflict: str = "reject"
    replace_identifiers: bool = False
    only_fill_blanks: bool = False
    archived: str = "skip"
    allow_negative_balance: bool = False
    date_order: str | None = None

    @staticmethod
    def of(given: "Mapping[str, Any] | Options | None") -> "Options":
        """Options from keyword-like input; an unknown name is an error."""
        if isinstance(given, Options):
            return given
        values = dict(given or {})
        unknown = set(values) - {f.name for f in fields(Options)}
        if unknown:
            raise ValueError(f"unknown options: {sorted(unknown)}")
        values["opt_in"] = frozenset(values.get("opt_in") or ())
        return Options(**values)
