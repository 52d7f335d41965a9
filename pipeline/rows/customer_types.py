"""Medical or recreational, in the words that shops use. Owns no other kinds of customer."""

import pyarrow as pa

from pipeline.rows.columns import Reading, read_distinct

_WORDS = {
    "medical": "medical",
    "med": "medical",
    "recreational": "recreational",
    "rec": "recreational",
    "adult use": "recreational",
    "adult-use": "recreational",
    "adultuse": "recreational",
}


def read_customer_types(column: pa.StringArray) -> Reading:
    """A cleaned column as `medical` or `recreational`."""
    return read_distinct(column, read_customer_type, pa.string())


def read_customer_type(text: str) -> tuple[str | None, str | None]:
    """One cleaned cell: the type and None, or None and a code."""
    word = _WORDS.get(text.lower())
    return (word, None) if word else (None, "customer_type_unknown")
