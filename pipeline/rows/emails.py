"""E-mails by the e-mail library's syntax check, stored in lower case with an ASCII domain. Looks nothing up.

The fast path only accepts, and only what the library gives back unchanged.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from pipeline.rows.columns import Reading, read_rest

#: Characters of an address as stored.
LONGEST = 254

# At most 64 characters in all, so that no part can be too long for a limit of its own.
_SHORT = 64
_LOCAL = r"[a-z0-9_!#$%&'*+\-/=?^`{|}~]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_PLAIN = rf"^{_LOCAL}(?:\.{_LOCAL})*@(?:{_LABEL}\.)+[a-z]{{2,}}$"
# Two hyphens in a domain may be an encoded name; domains for special use are the library's to refuse.
_DOUBTFUL = r"@.*--|[@.](?:" + "|".join(map(re.escape, SPECIAL_USE_DOMAIN_NAMES)) + ")$"


def read_emails(column: pa.StringArray) -> Reading:
    """A cleaned column of e-mails as stored."""
    lower = pc.ascii_lower(column)
    short = pc.less_equal(pc.binary_length(lower), _SHORT)
    plain = pc.and_(short, pc.match_substring_regex(lower, _PLAIN))
    sure = pc.and_(plain, pc.invert(pc.match_substring_regex(lower, _DOUBTFUL)))
    return read_rest(column, pc.if_else(sure, lower, pa.scalar(None, pa.string())), read_email)


def read_email(text: str) -> tuple[str | None, str | None]:
    """One cleaned e-mail: the address as stored and None, or None and a code."""
    try:
        address = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return None, "email_invalid"
    stored = f"{address.local_part}@{address.ascii_domain}".lower()
    return (stored, None) if len(stored) <= LONGEST else (None, "email_invalid")
