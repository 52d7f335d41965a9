"""Imports as rows: loading one, and its moves between states. Owns no stage's work."""

from typing import Any

from sqlalchemy import Connection

from pipeline.sql import statement
from pipeline.work import Account, Finish, Import
from schemas.options import ImportOptions
from schemas.states import ImportStatus, StageName


def load_import(conn: Connection, import_id: int) -> Import:
    """One import with its account; NoResultFound if there is none."""
    row = conn.execute(statement("imports", "load"), {"import_id": import_id}).mappings().one()
    return Import(
        id=row["id"],
        account=_account(row),
        turn=row["turn"],
        name=row["name"],
        status=ImportStatus(row["status"]),
        stage=StageName(row["stage"]),
        dry_run=row["dry_run"],
        options=ImportOptions.model_validate(row["options"]),
        approved=frozenset(row["approved"]),
        terms_accepted_by=row["terms_accepted_by"],
        profile=row["profile"] or {},
        mapping=row["mapping"] or {},
        **{name: row[name] for name in _PLAIN},
    )


_PLAIN = [
    "bucket",
    "key",
    "version_id",
    "etag",
    "bytes",
    "sha256",
    "parts_prefix",
    "in_lane",
    "plan_entry",
    "plan_seen",
    "message",
]


def _account(row: Any) -> Account:
    return Account(
        id=row["account_id"],
        name=row["account_name"],
        region=row["region"],
        timezone=row["timezone"],
        double_opt_in=row["double_opt_in"],
        confirm_opt_ins=row["confirm_opt_ins"],
        terms_accepted_by=row["account_terms"],
    )


def confine(conn: Connection, account_id: int, import_id: int) -> None:
    """For the rest of the transaction a worker sees and touches shoppers of this account; otherwise, nobody's."""
    conn.execute(statement("imports", "confine"), {"account_id": account_id, "import_id": import_id})


def lock_import(conn: Connection, import_id: int) -> ImportStatus:
    """Hold the import's row until the end of the transaction; its status."""
    return ImportStatus(conn.execute(statement("imports", "lock"), {"import_id": import_id}).scalar_one())


def start_stage(conn: Connection, import_id: int, stage: StageName) -> None:
    """The import is at work on this stage."""
    conn.execute(statement("imports", "start"), {"import_id": import_id, "stage": stage})


def park_import(conn: Connection, import_id: int, status: ImportStatus, code: str, message: str) -> None:
    """The import waits for a person, out of the lane."""
    facts = {"import_id": import_id, "status": status, "code": code, "message": message}
    conn.execute(statement("imports", "park"), facts)


def fail_import(conn: Connection, import_id: int, code: str, message: str) -> int | None:
    """End an import that was going on; its account's id, or None if it had ended already."""
    facts = {"import_id": import_id, "code": code, "message": message}
    account_id: int | None = conn.execute(statement("imports", "fail"), facts).scalar_one_or_none()
    return account_id


def finish_import(conn: Connection, work: Import, end: Finish) -> None:
    """The import is at its end; what the reader should know (the encoding taken, the gate ahead) stays said."""
    remark = work.profile.get("said") or {}
    facts = {
        "import_id": work.id,
        "status": end.status,
        "code": end.obstacle.code if end.obstacle else remark.get("code"),
        "message": end.obstacle.message if end.obstacle else remark.get("message"),
    }
    conn.execute(statement("imports", "finish"), facts)
