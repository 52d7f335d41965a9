"""The import history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, cache=10), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("checkpoint_id", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("outcome IN ('done', 'failed', 'lost', 'superseded')", name=op.f("ck_attempts_outcome")),
        sa.CheckConstraint("(outcome IS NULL) = (finished_at IS NULL)", name=op.f("ck_attempts_ended_has_time")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_checkpoint_id"), "attempts", ["checkpoint_id"], unique=False)
    op.create_index(op.f("ix_attempts_import_id"), "attempts", ["import_id"], unique=False)
    op.create_index(op.f("ix_attempts_task_id"), "attempts", ["task_id"], unique=False)
    op.create_table(
        "notices",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "line", "field", "code", name=op.f("pk_notices")),
    )
    op.create_table(
        "outcomes",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("changes", JSONB(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('created', 'updated', 'unchanged', 'rejected', 'skipped')", name=op.f("ck_outcomes_outcome")
        ),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_outcomes")),
    )
    op.create_index(op.f("ix_outcomes_persona_id"), "outcomes", ["persona_id"], unique=False)
    op.create_table(
        "rejects",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("phone_persona_id", sa.BigInteger(), nullable=True),
        sa.Column("email_persona_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_rejects")),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="received", nullable=False),
        sa.Column("stage", sa.Text(), server_default="parse", nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("dry_run", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("options", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("approved", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("terms_accepted_by", sa.Text(), nullable=True),
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("profile", JSONB(), nullable=True),
        sa.Column("mapping", JSONB(), nullable=True),
        sa.Column("parts_prefix", sa.Text(), nullable=True),
        sa.Column("plan_entry", sa.BigInteger(), nullable=True),
        sa.Column("plan_seen", sa.Text(), nullable=True),
        sa.Column("in_lane", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("rows_read", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_created", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_updated", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_unchanged", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_rejected", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_skipped", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("points_readable", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("points_added", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("points_subtracted", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("points_refused", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rejects", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("notices", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("consent", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("texts_scheduled", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status IN ('cancelled', 'completed', 'failed', 'planned')) = (finished_at IS NOT NULL)",
            name=op.f("ck_imports_final_has_time"),
        ),
        sa.CheckConstraint(
            "stage IN ('parse', 'map', 'dedupe', 'apply', 'audience', 'texts')", name=op.f("ck_imports_stage")
        ),
        sa.CheckConstraint(
            "status <> 'completed' OR points_readable = points_added - points_subtracted + points_refused",
            name=op.f("ck_imports_points_equation"),
        ),
        sa.CheckConstraint(
            "status <> 'completed' OR rows_read = rows_created + rows_updated + rows_unchanged + rows_rejected + rows_skipped",
            name=op.f("ck_imports_row_equation"),
        ),
        sa.CheckConstraint(
            "status IN ('received', 'needs_mapping', 'needs_approval', 'waiting', 'running', 'completed', 'planned', 'failed', 'cancelled')",
            name=op.f("ck_imports_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('failed', 'needs_mapping', 'needs_approval') OR code IS NOT NULL",
            name=op.f("ck_imports_says_why"),
        ),
        sa.CheckConstraint("trigger IN ('cli', 'event', 'sweep', 'console', 'api')", name=op.f("ck_imports_trigger")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_imports_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("bucket", "key", "version", name=op.f("uq_imports_bucket_key_version")),
    )
    op.create_index(op.f("ix_imports_account_id_id"), "imports", ["account_id", "id"], unique=False)
    op.create_index(op.f("ix_imports_account_id_sha256"), "imports", ["account_id", "sha256"], unique=False)
    op.create_index(
        "ix_imports_unfinished",
        "imports",
        ["account_id", "turn"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_index("uq_imports_lane", "imports", ["account_id"], unique=True, postgresql_where=sa.text("in_lane"))
    op.create_table(
        "checkpoints",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("crashes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("counts", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'done') = (finished_at IS NOT NULL)", name=op.f("ck_checkpoints_done_has_time")),
        sa.CheckConstraint(
            "stage IN ('parse', 'map', 'dedupe', 'apply', 'audience', 'texts')", name=op.f("ck_checkpoints_stage")
        ),
        sa.CheckConstraint("state IN ('open', 'done')", name=op.f("ck_checkpoints_state")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_checkpoints_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoints")),
        sa.UniqueConstraint("import_id", "stage", "part", name=op.f("uq_checkpoints_import_id_stage_part")),
    )
    op.create_index(
        "ix_checkpoints_open", "checkpoints", ["due_at"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    # ### end Alembic commands ###
