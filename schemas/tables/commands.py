"""What commands on single personas leave behind: merges, edits, unblocks, and rows that part files must lose."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from schemas.tables.base import identity_column, metadata, moment, one_of


def _noted(name: str) -> Column[dict[str, object]]:
    return Column(name, JSONB, nullable=False, server_default=text("'{}'"))


merges = Table(
    "merges",
    metadata,
    # One row for each persona that is merged away; it goes when the persona is given back.
    Column("other_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", BigInteger, nullable=False),
    Column("survivor_id", BigInteger, nullable=False, index=True),
    # What the other was before: active or archived.
    Column("status", Text, nullable=False),
    # What the survivor was given: columns with their values, and attribute keys with theirs.
    _noted("given"),
    _noted("attributes"),
    # Channel → what the survivor's consent was before the merge opted it out, and whether the merge withheld it.
    _noted("consent"),
    # What was said about permission since, and can't be read from the survivor's events: an opt-out of somebody who was
    # opted out already, and what was said while the survivor itself was merged away.
    Column("said", JSONB, nullable=False, server_default=text("'[]'")),
    Column("made_by", Text),
    moment("at", now=True),
)

staff_edits = Table(
    "staff_edits",
    metadata,
    Column("account_id", BigInteger, nullable=False),
    Column("persona_id", BigInteger, nullable=False, index=True),
    # Names of what was set, never the values.
    Column("fields", ARRAY(Text), nullable=False),
    Column("made_by", Text, nullable=False),
    moment("at", now=True),
)

unblocks = Table(
    "unblocks",
    metadata,
    identity_column(),
    Column("account_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    # The entry that was taken off the blocklist: whoever knows the phone or e-mail can ask what became of it.
    Column("hash", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    moment("at", now=True),
    one_of("kind", ("phone", "email")),
)

scrubs = Table(
    "scrubs",
    metadata,
    Column("import_id", BigInteger, nullable=False),
    # A row of a forgotten shopper that still stands in a part file. Line 0: whatever the import, which was under way,
    # turns out to have blocked by its end.
    Column("line", Integer, nullable=False),
    moment("at", now=True),
    PrimaryKeyConstraint("import_id", "line"),
)
