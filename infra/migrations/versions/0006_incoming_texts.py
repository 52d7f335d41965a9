"""What shoppers text back, and the answers to STOP among the outgoing texts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "incoming_texts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=True),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("took_effect", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "meaning IN ('stop', 'start', 'yes', 'help', 'none')", name=op.f("ck_incoming_texts_meaning")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_texts")),
        sa.UniqueConstraint(
            "account_id", "gateway", "message_id", name=op.f("uq_incoming_texts_account_id_gateway_message_id")
        ),
    )
    op.alter_column("double_opt_in_texts", "attempt", existing_type=sa.SmallInteger(), nullable=True)
    op.add_column("double_opt_in_texts", sa.Column("answers", sa.BigInteger(), nullable=True))
    op.create_unique_constraint(op.f("uq_double_opt_in_texts_answers"), "double_opt_in_texts", ["answers"])
    op.create_check_constraint(
        op.f("ck_double_opt_in_texts_asks_or_answers"), "double_opt_in_texts", "(attempt IS NULL) <> (answers IS NULL)"
    )
    op.drop_index("uq_double_opt_in_texts_waiting", "double_opt_in_texts")
    op.create_index(
        "uq_double_opt_in_texts_waiting",
        "double_opt_in_texts",
        ["account_id", "phone"],
        unique=True,
        postgresql_where=sa.text("answers IS NULL AND state IN ('scheduled', 'sending')"),
    )
    op.create_index(
        "ix_double_opt_in_texts_answers",
        "double_opt_in_texts",
        ["id"],
        unique=False,
        postgresql_where=sa.text("answers IS NOT NULL AND state = 'scheduled'"),
    )
