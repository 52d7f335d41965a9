"""Accounts with their settings, API tokens, saved mappings, and the spelling of attribute names."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from schemas.tables.base import identity_column, metadata, moment, one_of

ROLES = ("staff", "manager", "analyst", "marketing", "marketing_analyst", "operator", "owner")

accounts = Table(
    "accounts",
    metadata,
    identity_column(),
    Column("name", Text, nullable=False, unique=True),
    Column("region", Text, nullable=False, server_default="US"),
    Column("timezone", Text, nullable=False, server_default="America/New_York"),
    # The named person who accepted the terms once for all imports, and which version of them.
    Column("terms_accepted_by", Text),
    moment("terms_accepted_at"),
    # never | after_import | HH:MM, in the account's time zone.
    Column("double_opt_in", Text, nullable=False, server_default="never"),
    # How many times an import has entered the account's lane.
    Column("lane_entries", BigInteger, nullable=False, server_default=text("0")),
    Column("confirm_opt_ins", Boolean, nullable=False, server_default=text("false")),
    moment("created_at", now=True),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    identity_column(),
    Column("name", Text, nullable=False, unique=True),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    moment("created_at", now=True),
    moment("revoked_at"),
    one_of("role", ROLES),
)

saved_mappings = Table(
    "saved_mappings",
    metadata,
    identity_column(),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    # The normalised headers of the file that it was saved for, in order: the way to find it again.
    Column("header_key", Text, nullable=False),
    Column("mapping", JSONB, nullable=False),
    moment("created_at", now=True),
    UniqueConstraint("account_id", "name"),
)

attribute_names = Table(
    "attribute_names",
    metadata,
    Column("account_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    # The account's first spelling; it is kept.
    Column("name", Text, nullable=False),
    PrimaryKeyConstraint("account_id", "key"),
)
