"""The import history: imports, their checkpoints and attempts, and what became of every row."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from schemas.states import FINAL, AttemptOutcome, CheckpointState, ImportStatus, Outcome, StageName, Trigger
from schemas.tables.base import identity_column, metadata, moment, one_of

_FINAL = ", ".join(f"'{status}'" for status in sorted(FINAL))


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


def _counts(name: str) -> Column[dict[str, int]]:
    return Column(name, JSONB, nullable=False, server_default=text("'{}'"))


imports = Table(
    "imports",
    metadata,
    identity_column(),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False),
    # The turn in the account's lane: the import's own id, or a later number when a person answered.
    Column("turn", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False, server_default=ImportStatus.RECEIVED),
    Column("stage", Text, nullable=False, server_default=StageName.PARSE),
    Column("code", Text),
    Column("message", Text),
    Column("dry_run", Boolean, nullable=False, server_default=text("false")),
    Column("trigger", Text, nullable=False),
    Column("options", JSONB, nullable=False, server_default=text("'{}'")),
    # Gate codes that a person has approved.
    Column("approved", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("terms_accepted_by", Text),
    # The object; `version` is its version id, or its etag in an unversioned bucket.
    Column("bucket", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("version_id", Text),
    Column("etag", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text),
    # What parse learned (headers, counts of shapes; no values), the mapping, and where the part files are.
    Column("profile", JSONB),
    Column("mapping", JSONB),
    Column("parts_prefix", Text),
    # The plan stands as long as no other import entered the lane after this entry, and no change of
    # identity came after this snapshot.
    Column("plan_entry", BigInteger),
    Column("plan_seen", Text),
    # Between dedupe and its end, an import has its account's lane to itself.
    Column("in_lane", Boolean, nullable=False, server_default=text("false")),
    _count("rows_read"),
    _count("rows_created"),
    _count("rows_updated"),
    _count("rows_unchanged"),
    _count("rows_rejected"),
    _count("rows_skipped"),
    _count("points_readable"),
    _count("points_added"),
    _count("points_subtracted"),
    _count("points_refused"),
    _counts("rejects"),
    _counts("notices"),
    _counts("consent"),
    _count("texts_scheduled"),
    moment("submitted_at", now=True),
    moment("started_at"),
    moment("finished_at"),
    # When its staging tables and part files went.
    moment("purged_at"),
    UniqueConstraint("bucket", "key", "version"),
    one_of("status", ImportStatus),
    one_of("stage", StageName),
    one_of("trigger", Trigger),
    CheckConstraint(f"(status IN ({_FINAL})) = (finished_at IS NOT NULL)", name="final_has_time"),
    CheckConstraint("status NOT IN ('failed', 'needs_mapping', 'needs_approval') OR code IS NOT NULL", name="says_why"),
    CheckConstraint(
        "status <> 'completed'"
        " OR rows_read = rows_created + rows_updated + rows_unchanged + rows_rejected + rows_skipped",
        name="row_equation",
    ),
    CheckConstraint(
        "status <> 'completed' OR points_readable = points_added - points_subtracted + points_refused",
        name="points_equation",
    ),
    Index(None, "account_id", "id"),
    Index(None, "account_id", "sha256"),
    Index("ix_imports_unfinished", "account_id", "turn", postgresql_where=text("finished_at IS NULL")),
    Index("uq_imports_lane", "account_id", unique=True, postgresql_where=text("in_lane")),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    identity_column(),
    Column("import_id", BigInteger, ForeignKey("imports.id"), nullable=False),
    Column("stage", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default=CheckpointState.OPEN),
    # Attempts that were lost with their worker: a part that keeps crashing ends its import.
    Column("crashes", Integer, nullable=False, server_default=text("0")),
    # Passing failures in a row, for the back-off.
    Column("failures", Integer, nullable=False, server_default=text("0")),
    _count("rows"),
    _counts("counts"),
    moment("opened_at", now=True),
    # Not before this time: back-off after a passing failure.
    moment("due_at", now=True),
    # When its doorbell was last published.
    moment("rung_at"),
    moment("started_at"),
    moment("finished_at"),
    UniqueConstraint("import_id", "stage", "part"),
    one_of("stage", StageName),
    one_of("state", CheckpointState),
    CheckConstraint("(state = 'done') = (finished_at IS NOT NULL)", name="done_has_time"),
    Index("ix_checkpoints_open", "due_at", postgresql_where=text("state = 'open'")),
)

attempts = Table(
    "attempts",
    metadata,
    identity_column(cache=10),
    Column("task_id", Text, nullable=False, index=True),
    Column("checkpoint_id", BigInteger, nullable=False, index=True),
    Column("import_id", BigInteger, nullable=False, index=True),
    Column("stage", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("outcome", Text),
    # A code, or the name of an error class; never its text, which may hold values.
    Column("error", Text),
    moment("started_at", now=True),
    moment("finished_at"),
    one_of("outcome", AttemptOutcome),
    CheckConstraint("(outcome IS NULL) = (finished_at IS NULL)", name="ended_has_time"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("import_id", BigInteger, nullable=False),
    Column("line", Integer, nullable=False),
    Column("persona_id", BigInteger, index=True),
    Column("outcome", Text, nullable=False),
    # Field → [old, new] for what this row changed of a persona that was there before.
    Column("changes", JSONB),
    PrimaryKeyConstraint("import_id", "line"),
    one_of("outcome", Outcome),
)

rejects = Table(
    "rejects",
    metadata,
    Column("import_id", BigInteger, nullable=False),
    Column("line", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("field", Text),
    # For an identity conflict: the owner of the phone and the owner of the e-mail.
    Column("phone_persona_id", BigInteger),
    Column("email_persona_id", BigInteger),
    PrimaryKeyConstraint("import_id", "line"),
)

notices = Table(
    "notices",
    metadata,
    Column("import_id", BigInteger, nullable=False),
    Column("line", Integer, nullable=False),
    Column("field", Text, nullable=False),
    Column("code", Text, nullable=False),
    PrimaryKeyConstraint("import_id", "line", "field", "code"),
)
