"""Which unknown columns are worth offering as custom attributes. Maps nothing."""

import re

from pipeline.mapping.names import header_key, words_of
from pipeline.mapping.wording import split_words

#: Words of columns that belong to the machine that wrote the file, or that nobody should copy into a profile.
_MACHINE = words_of(
    "id ids ip hash token password passwd pwd uuid guid latitude longitude lat lng gmtoff dstoff timezone leid "
    "euid url uri link photo avatar image website label modified updated edited changed deleted version checksum "
    "fax pager telex isdn callback phonetic ssn passport government document licence license card cvv iban vat tax "
    "authentication type count sensitivity private phone email assistant manager prefix suffix busy"
)
_EXCEPTIONS = frozenset({"taxexemptcategory", "customergroupid"})
_UNNAMED = re.compile(r"column \d+", re.IGNORECASE)


def is_worth_offering(header: str) -> bool:
    """Whether a person could want this column as a custom attribute, by its name."""
    if not header_key(header) or _UNNAMED.fullmatch(header.strip()):
        return False
    if header_key(header) in _EXCEPTIONS:
        return True
    return not _MACHINE.intersection(split_words(header))
