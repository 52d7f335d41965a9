"""Audiences and double opt-in texts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "audience_members",
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("audience_id", "persona_id", name=op.f("pk_audience_members")),
    )
    op.create_table(
        "audiences",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("members", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audiences")),
        sa.UniqueConstraint("import_id", name=op.f("uq_audiences_import_id")),
    )
    op.create_index(op.f("ix_audiences_account_id"), "audiences", ["account_id"], unique=False)
    op.create_table(
        "double_opt_in_texts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("phone", sa.Text(collation="C"), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="scheduled", nullable=False),
        sa.Column("gateway_id", sa.Text(), nullable=True),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('scheduled', 'sending')) = (ended_at IS NULL)",
            name=op.f("ck_double_opt_in_texts_ended_has_time"),
        ),
        sa.CheckConstraint(
            "state IN ('scheduled', 'sending', 'sent', 'unknown', 'cancelled')",
            name=op.f("ck_double_opt_in_texts_state"),
        ),
        sa.CheckConstraint("attempt IN (1, 2)", name=op.f("ck_double_opt_in_texts_attempt")),
        sa.CheckConstraint("send_at IS NOT NULL", name=op.f("ck_double_opt_in_texts_send_at")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_double_opt_in_texts")),
        sa.UniqueConstraint(
            "account_id", "phone", "attempt", name=op.f("uq_double_opt_in_texts_account_id_phone_attempt")
        ),
    )
    op.create_index(
        "ix_double_opt_in_texts_due",
        "double_opt_in_texts",
        ["send_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('scheduled', 'sending')"),
    )
    op.create_index(op.f("ix_double_opt_in_texts_persona_id"), "double_opt_in_texts", ["persona_id"], unique=False)
    op.create_index(
        "uq_double_opt_in_texts_waiting",
        "double_opt_in_texts",
        ["account_id", "phone"],
        unique=True,
        postgresql_where=sa.text("state IN ('scheduled', 'sending')"),
    )
    # ### end Alembic commands ###
