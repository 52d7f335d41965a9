"""The import history as people and programs read it: one object per import. Reads only, and never a row of a file."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from pipeline.asking import Row, ask, ask_one
from schemas.errors import UnknownAccount, UnknownImport
from schemas.states import FINAL, WAITS_FOR_PERSON, CheckpointState, ImportStatus, StageName

_ROWS = ("read", "created", "updated", "unchanged", "rejected", "skipped")
_POINTS = ("added", "subtracted", "refused")
_CONSENT = ("sms_opted_in", "sms_opted_out", "sms_pending", "email_opted_in", "email_opted_out", "withheld")
_STAGE_ORDER = {str(stage): position for position, stage in enumerate(StageName)}


@dataclass(frozen=True, slots=True)
class Glance:
    """How far an import is: what is asked again and again while somebody waits."""

    status: ImportStatus
    stage: StageName
    code: str | None
    message: str | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.status in FINAL or self.status in WAITS_FOR_PERSON


def describe_import(conn: Connection[Any], import_id: int) -> dict[str, Any]:
    """The whole object of one import, JSON-ready. Raises `UnknownImport` if there is none."""
    found = _describe(conn, [import_id])
    if not found:
        raise UnknownImport(import_id)
    return found[0]


def list_imports(conn: Connection[Any], account: str | None, limit: int) -> list[dict[str, Any]]:
    """At most `limit` objects like that of `describe_import`, newest first; of all accounts if none is named."""
    name = "newest" if account is None else "newest_of_account"
    rows = ask(conn, "history", name, {"account": account, "at_most": limit})
    return _describe(conn, [row["id"] for row in rows]) if rows else []


def check_account(conn: Connection[Any], name: str) -> None:
    """Raises `UnknownAccount` if there is no account of this name."""
    if ask_one(conn, "accounts", "find", {"name": name}) is None:
        raise UnknownAccount(name)


def list_stages(conn: Connection[Any], import_id: int) -> list[dict[str, Any]]:
    """The `stages` of one import, in their order; a stage without checkpoints has not begun and is not listed."""
    return _stages(conn, [import_id])[import_id]


def look_at_import(conn: Connection[Any], import_id: int) -> Glance:
    """Status, stage and reason of one import. Raises `UnknownImport` if there is none."""
    row = ask_one(conn, "history", "look", {"import_id": import_id})
    if row is None:
        raise UnknownImport(import_id)
    return Glance(ImportStatus(row["status"]), StageName(row["stage"]), row["code"], row["message"])


def _describe(conn: Connection[Any], import_ids: list[int]) -> list[dict[str, Any]]:
    rows = ask(conn, "history", "describe", {"import_ids": import_ids})
    stages, attempts = _stages(conn, import_ids), _attempts(conn, import_ids)
    return [
        _head(row) | _counts(row) | {"stages": stages[row["id"]], "attempts": attempts[row["id"]]} | _times(row)
        for row in rows
    ]


def _head(row: Row) -> dict[str, Any]:
    names = ("account", "name", "status", "stage", "code", "message", "dry_run")
    stored = ("bucket", "key", "etag", "version_id", "bytes", "sha256")
    return {
        "import_id": row["id"],
        **{name: row[name] for name in names},
        "object": {name: row[name] for name in stored},
        "trigger": row["trigger"],
        "mapping": _mapping(row),
    }


def _mapping(row: Row) -> dict[str, str | None]:
    """In the order of the file: the database keeps the keys of an object in an order of its own."""
    fields: dict[str, str | None] = row["fields"] or {}
    headers: list[str] = row["headers"] or list(fields)
    return {header: fields.get(header) for header in headers}


def _counts(row: Row) -> dict[str, Any]:
    return {
        "rows": {name: row[f"rows_{name}"] for name in _ROWS},
        "rejects": row["rejects"],
        "notices": row["notices"],
        "points": {name: row[f"points_{name}"] for name in _POINTS},
        "consent": dict.fromkeys(_CONSENT, 0) | row["consent"],
        "texts": {"scheduled": row["texts_scheduled"]},
        "audience": {"id": row["audience_id"], "members": row["audience_members"]},
    }


def _times(row: Row) -> dict[str, Any]:
    submitted, finished = row["submitted_at"], row["finished_at"]
    seconds = (finished - submitted).total_seconds() if finished else 0.0
    return {
        "submitted_at": _moment(submitted),
        "finished_at": _moment(finished),
        "rows_per_second": round(row["rows_read"] / seconds, 1) if seconds > 0 else 0.0,
    }


def _stages(conn: Connection[Any], import_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    rows = ask(conn, "history", "stages", {"import_ids": import_ids})
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: _STAGE_ORDER[each["stage"]]):
        done = row["parts_done"] == row["parts"]
        found[row["import_id"]].append(
            {
                "stage": row["stage"],
                "state": str(CheckpointState.DONE if done else CheckpointState.OPEN),
                "parts": row["parts"],
                "parts_done": row["parts_done"],
                "rows": row["rows"],
                "seconds": round(row["seconds"], 3),
            }
        )
    return found


def _attempts(conn: Connection[Any], import_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in ask(conn, "history", "attempts", {"import_ids": import_ids}):
        facts = {name: row[name] for name in ("task_id", "stage", "part", "outcome")}
        times = {name: _moment(row[name]) for name in ("started_at", "finished_at")}
        found[row["import_id"]].append(facts | times | {"error": row["error"]})
    return found


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
