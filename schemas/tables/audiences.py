"""Audiences, one for each import; the double opt-in texts for their members, and what shoppers text back."""

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

from schemas.states import Meaning, TextState
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

# Whose rows the import created, updated or left as they were: the outcomes say it, and nobody keeps it twice.
event.listen(
    metadata,
    "after_create",
    DDL(  # type: ignore[no-untyped-call]
        "CREATE VIEW audience_members WITH (security_invoker = true) AS "
        "SELECT DISTINCT a.id AS audience_id, o.persona_id "
        "FROM audiences a JOIN outcomes o ON o.import_id = a.import_id "
        "WHERE o.outcome IN ('created', 'updated', 'unchanged') AND o.persona_id IS NOT NULL"
    ),
)

double_opt_in_texts = Table(
    "double_opt_in_texts",
    metadata,
    identity_column(),
    Column("account_id", BigInteger, nullable=False),
    Column("persona_id", BigInteger, nullable=False, index=True),
    Column("import_id", BigInteger),
    Column("phone", key_text(), nullable=False),
    # First or second text to this number, ever; or, instead, the STOP that it answers: such a text asks for nothing.
    Column("attempt", SmallInteger),
    Column("answers", BigInteger),
    Column("state", Text, nullable=False, server_default=TextState.SCHEDULED),
    Column("gateway_id", Text),
    moment("send_at"),
    moment("created_at", now=True),
    moment("ended_at"),
    UniqueConstraint("account_id", "phone", "attempt"),
    UniqueConstraint("answers"),
    CheckConstraint("(attempt IS NULL) <> (answers IS NULL)", name="asks_or_answers"),
    one_of("state", TextState),
    CheckConstraint("attempt IN (1, 2)", name="attempt"),
    CheckConstraint("send_at IS NOT NULL", name="send_at"),
    CheckConstraint("(state IN ('scheduled', 'sending')) = (ended_at IS NULL)", name="ended_has_time"),
    Index(
        "uq_double_opt_in_texts_waiting",
        "account_id",
        "phone",
        unique=True,
        postgresql_where=text("answers IS NULL AND state IN ('scheduled', 'sending')"),
    ),
    Index("ix_double_opt_in_texts_due", "send_at", postgresql_where=text("state IN ('scheduled', 'sending')")),
    Index(
        "ix_double_opt_in_texts_answers",
        "id",
        postgresql_where=text("answers IS NOT NULL AND state = 'scheduled'"),
    ),
)

incoming_texts = Table(
    "incoming_texts",
    metadata,
    identity_column(),
    Column("account_id", BigInteger, nullable=False),
    # Who carried it, and its own id for it: what makes a text that is told twice do nothing.
    Column("gateway", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    # Who answers for the number; null for a number of nobody. The number and the words are kept nowhere.
    Column("persona_id", BigInteger),
    Column("meaning", Text, nullable=False),
    # Whether it changed anything.
    Column("took_effect", Boolean, nullable=False, server_default=text("false")),
    moment("at", now=True),
    UniqueConstraint("account_id", "gateway", "message_id"),
    one_of("meaning", Meaning),
)
