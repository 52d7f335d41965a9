"""One shopper's record and its append-only histories: ledger, consent events; and who may not come back."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from schemas.states import Consent, PersonaStatus
from schemas.tables.base import identity_column, key_text, metadata, moment, one_of

#: Who chose the favorite store, strongest first; a file replaces only the last two.
STORE_SOURCES = ("wallet", "app", "signup_form", "staff", "file", "purchase_history")
CHANNELS = ("sms", "email")
ACTORS = ("file", "staff", "shopper")


def _consent(channel: str) -> list[Column[str] | Column[bool]]:
    return [
        Column(f"{channel}_consent", Text, nullable=False, server_default=Consent.UNKNOWN),
        # The shopper opted out themself: only the shopper's own yes ends it.
        Column(f"{channel}_withheld", Boolean, nullable=False, server_default=text("false")),
    ]


personas = Table(
    "personas",
    metadata,
    identity_column(cache=100),
    # No foreign key: checking it costs a twentieth of an insert, and no command deletes an account.
    Column("account_id", BigInteger, nullable=False),
    Column("status", Text, nullable=False, server_default=PersonaStatus.ACTIVE),
    # Of a merged persona: into whom, and who answers for it at the end of that chain.
    Column("merged_into", BigInteger),
    Column("survivor_id", BigInteger),
    Column("phone", key_text()),
    Column("email", key_text()),
    Column("points", BigInteger, nullable=False, server_default=text("0")),
    Column("may_be_negative", Boolean, nullable=False, server_default=text("false")),
    *_consent("sms"),
    *_consent("email"),
    Column("loyalty", Boolean, nullable=False, server_default=text("false")),
    Column("loyalty_signup_date", Date),
    Column("birthday", Date),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("full_name", Text),
    Column("address", Text),
    Column("address2", Text),
    Column("city", Text),
    Column("state", Text),
    Column("postal_code", Text),
    Column("country", Text),
    Column("gender", Text),
    Column("customer_type", Text),
    Column("external_id", Text),
    Column("favorite_store", Text),
    Column("favorite_store_source", Text),
    # Attribute key → true or its text; the spelling of the name is the account's.
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'")),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    UniqueConstraint("account_id", "phone"),
    UniqueConstraint("account_id", "email"),
    one_of("status", PersonaStatus),
    one_of("sms_consent", Consent),
    one_of("email_consent", Consent),
    one_of("customer_type", ("medical", "recreational")),
    one_of("favorite_store_source", STORE_SOURCES),
    CheckConstraint("phone IS NOT NULL OR email IS NOT NULL", name="has_an_address"),
    CheckConstraint("points >= 0 OR may_be_negative", name="balance_below_zero"),
    CheckConstraint(
        "(status = 'merged') = (survivor_id IS NOT NULL) AND (merged_into IS NULL) = (survivor_id IS NULL)",
        name="merged_has_survivor",
    ),
    CheckConstraint("(favorite_store IS NULL) = (favorite_store_source IS NULL)", name="store_has_source"),
    CheckConstraint("NOT sms_withheld OR sms_consent = 'opted_out'", name="sms_withheld"),
    CheckConstraint("NOT email_withheld OR email_consent = 'opted_out'", name="email_withheld"),
    Index("ix_personas_external_id", "account_id", "external_id", postgresql_where=text("external_id IS NOT NULL")),
    Index("ix_personas_survivor_id", "survivor_id", postgresql_where=text("survivor_id IS NOT NULL")),
    # Room for updates in place: six of ten then touch no index.
    postgresql_with={"fillfactor": "80"},
)

ledger = Table(
    "ledger",
    metadata,
    Column("account_id", BigInteger, nullable=False),
    Column("persona_id", BigInteger, nullable=False, index=True),
    Column("import_id", BigInteger),
    Column("line", Integer),
    Column("delta", BigInteger, nullable=False),
    Column("reason", Text),
    # The persona that the line was booked to, where a merge has moved it since.
    Column("booked_to", BigInteger),
    moment("at", now=True),
    CheckConstraint("delta <> 0", name="delta"),
    CheckConstraint("(import_id IS NULL) = (line IS NULL)", name="import_and_line"),
    CheckConstraint("(import_id IS NULL) = (reason IS NOT NULL)", name="reason"),
    # What makes doing a row twice do nothing.
    Index("uq_ledger_import_line", "import_id", "line", unique=True, postgresql_where=text("import_id IS NOT NULL")),
)

consent_events = Table(
    "consent_events",
    metadata,
    Column("account_id", BigInteger, nullable=False),
    Column("persona_id", BigInteger, nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    # Who: the file, a member of staff (named), or the shopper.
    Column("actor", Text, nullable=False),
    Column("actor_name", Text),
    Column("import_id", BigInteger),
    Column("line", Integer),
    # The evidence: the cell as it stood, and the version of the terms that were accepted.
    Column("raw", Text),
    Column("terms_version", Text),
    moment("at", now=True),
    one_of("channel", CHANNELS),
    one_of("old", Consent),
    one_of("new", Consent),
    one_of("actor", ACTORS),
)

blocklist = Table(
    "blocklist",
    metadata,
    Column("account_id", BigInteger, nullable=False),
    # HMAC-SHA256 of the account, the kind and the value, under a key that the database never sees.
    Column("hash", LargeBinary, nullable=False),
    moment("created_at", now=True),
    PrimaryKeyConstraint("account_id", "hash"),
)

identity_changes = Table(
    "identity_changes",
    metadata,
    identity_column(),
    Column("account_id", BigInteger, nullable=False),
    # A persona whose keys or status a person changed outside of any import, and short hashes of the keys concerned.
    Column("persona_id", BigInteger, nullable=False),
    Column("key_hashes", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
    # The transaction that made it: a plan asks whether its own snapshot has seen it.
    Column("xid", BigInteger, nullable=False, server_default=text("pg_current_xact_id()::text::bigint")),
    moment("at", now=True),
    Index(None, "account_id", "id"),
)
