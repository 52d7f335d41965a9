"""Audiences, one for each import, and the double opt-in texts that are scheduled for their members."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from schemas.states import TextState
from schemas.tables.base import identity_column, key_text, metadata, moment, one_of

audiences = Table(
    "audiences",
    metadata,
    identity_column(),
    Column("account_id", BigInteger, nullable=False, index=True),
    Column("import_id", BigInteger, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("members", BigInteger, nullable=False, server_default=text("0")),
    moment("created_at", now=True),
)

audience_members = Table(
    "audience_members",
    metadata,
    Column("audience_id", BigInteger, nullable=False),
    Column("persona_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("audience_id", "persona_id"),
)

double_opt_in_texts = Table(
    "double_opt_in_texts",
    metadata,
    identity_column(),
    Column("account_id", BigInteger, nullable=False),
    Column("persona_id", BigInteger, nullable=False, index=True),
    Column("import_id", BigInteger),
    Column("phone", key_text(), nullable=False),
    # First or second text to this number, ever.
    Column("attempt", SmallInteger, nullable=False),
    Column("state", Text, nullable=False, server_default=TextState.SCHEDULED),
    Column("gateway_id", Text),
    moment("send_at"),
    moment("created_at", now=True),
    moment("ended_at"),
    UniqueConstraint("account_id", "phone", "attempt"),
    one_of("state", TextState),
    CheckConstraint("attempt IN (1, 2)", name="attempt"),
    CheckConstraint("send_at IS NOT NULL", name="send_at"),
    CheckConstraint("(state IN ('scheduled', 'sending')) = (ended_at IS NULL)", name="ended_has_time"),
    Index(
        "uq_double_opt_in_texts_waiting",
        "account_id",
        "phone",
        unique=True,
        postgresql_where=text("state IN ('scheduled', 'sending')"),
    ),
    Index("ix_double_opt_in_texts_due", "send_at", postgresql_where=text("state IN ('scheduled', 'sending')")),
)
