"""The columns of the typed staging rows that `map` fills and `dedupe` and `apply` read. Owns names and types only."""

from schemas.fields import PROFILE

#: Wishes about a channel: an explicit opt-in, an opt-out, or the opt-in that the import's option gives to silent rows.
WISH_IN = "i"
WISH_OUT = "o"
WISH_DEFAULT = "d"

_DATES = frozenset({"birthday", "loyalty_signup_date"})

#: Column → PostgreSQL type, in the order of COPY. `line` is the row number that a spreadsheet shows.
COLUMNS: dict[str, str] = {
    "line": "integer",
    "phone": 'text COLLATE "C"',
    "email": 'text COLLATE "C"',
    # The row's own cell was filled, but its value could not be used: consent in this row was given for another address.
    "phone_unusable": "boolean",
    "email_unusable": "boolean",
    **{name: "date" if name in _DATES else "text" for name in PROFILE},
    "loyalty": "boolean",
    "favorite_store": "text",
    # A readable, non-zero delta.
    "points": "integer",
    # Attribute key → true or its text.
    "attributes": "jsonb",
    # One of the wishes above, and the text of the cell that says it (null for the option's).
    "sms_wish": "text",
    "sms_raw": "text",
    "email_wish": "text",
    "email_raw": "text",
}
