"""Personas, ledger, consent events, blocklist."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "blocklist",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "hash", name=op.f("pk_blocklist")),
    )
    op.create_table(
        "consent_events",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=True),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("terms_version", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("actor IN ('file', 'staff', 'shopper')", name=op.f("ck_consent_events_actor")),
        sa.CheckConstraint("channel IN ('sms', 'email')", name=op.f("ck_consent_events_channel")),
        sa.CheckConstraint(
            "new IN ('unknown', 'pending', 'opted_in', 'opted_out')", name=op.f("ck_consent_events_new")
        ),
        sa.CheckConstraint(
            "old IN ('unknown', 'pending', 'opted_in', 'opted_out')", name=op.f("ck_consent_events_old")
        ),
    )
    op.create_index(op.f("ix_consent_events_persona_id"), "consent_events", ["persona_id"], unique=False)
    op.create_table(
        "identity_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("key_hashes", ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("xid", sa.BigInteger(), server_default=sa.text("pg_current_xact_id()::text::bigint"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_changes")),
    )
    op.create_index(op.f("ix_identity_changes_account_id_id"), "identity_changes", ["account_id", "id"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(import_id IS NULL) = (line IS NULL)", name=op.f("ck_ledger_import_and_line")),
        sa.CheckConstraint("(import_id IS NULL) = (reason IS NOT NULL)", name=op.f("ck_ledger_reason")),
        sa.CheckConstraint("delta <> 0", name=op.f("ck_ledger_delta")),
    )
    op.create_index(op.f("ix_ledger_persona_id"), "ledger", ["persona_id"], unique=False)
    op.create_index(
        "uq_ledger_import_line",
        "ledger",
        ["import_id", "line"],
        unique=True,
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_table(
        "personas",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, cache=100), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.Column("survivor_id", sa.BigInteger(), nullable=True),
        sa.Column("phone", sa.Text(collation="C"), nullable=True),
        sa.Column("email", sa.Text(collation="C"), nullable=True),
        sa.Column("points", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("may_be_negative", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sms_consent", sa.Text(), server_default="unknown", nullable=False),
        sa.Column("sms_withheld", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("email_consent", sa.Text(), server_default="unknown", nullable=False),
        sa.Column("email_withheld", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("loyalty", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("loyalty_signup_date", sa.Date(), nullable=True),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("address2", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("customer_type", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("favorite_store", sa.Text(), nullable=True),
        sa.Column("favorite_store_source", sa.Text(), nullable=True),
        sa.Column("attributes", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status = 'merged') = (survivor_id IS NOT NULL) AND (merged_into IS NULL) = (survivor_id IS NULL)",
            name=op.f("ck_personas_merged_has_survivor"),
        ),
        sa.CheckConstraint(
            "NOT email_withheld OR email_consent = 'opted_out'", name=op.f("ck_personas_email_withheld")
        ),
        sa.CheckConstraint("NOT sms_withheld OR sms_consent = 'opted_out'", name=op.f("ck_personas_sms_withheld")),
        sa.CheckConstraint("customer_type IN ('medical', 'recreational')", name=op.f("ck_personas_customer_type")),
        sa.CheckConstraint(
            "email_consent IN ('unknown', 'pending', 'opted_in', 'opted_out')", name=op.f("ck_personas_email_consent")
        ),
        sa.CheckConstraint(
            "favorite_store_source IN ('wallet', 'app', 'signup_form', 'staff', 'file', 'purchase_history')",
            name=op.f("ck_personas_favorite_store_source"),
        ),
        sa.CheckConstraint(
            "sms_consent IN ('unknown', 'pending', 'opted_in', 'opted_out')", name=op.f("ck_personas_sms_consent")
        ),
        sa.CheckConstraint("status IN ('active', 'archived', 'merged')", name=op.f("ck_personas_status")),
        sa.CheckConstraint(
            "(favorite_store IS NULL) = (favorite_store_source IS NULL)", name=op.f("ck_personas_store_has_source")
        ),
        sa.CheckConstraint("phone IS NOT NULL OR email IS NOT NULL", name=op.f("ck_personas_has_an_address")),
        sa.CheckConstraint("points >= 0 OR may_be_negative", name=op.f("ck_personas_balance_below_zero")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_personas_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personas")),
        sa.UniqueConstraint("account_id", "email", name=op.f("uq_personas_account_id_email")),
        sa.UniqueConstraint("account_id", "phone", name=op.f("uq_personas_account_id_phone")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_personas_external_id",
        "personas",
        ["account_id", "external_id"],
        unique=False,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_index(
        "ix_personas_survivor_id",
        "personas",
        ["survivor_id"],
        unique=False,
        postgresql_where=sa.text("survivor_id IS NOT NULL"),
    )
    # ### end Alembic commands ###
