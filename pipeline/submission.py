"""The way in: an object of the bucket becomes an import, once for each version. Owns no reading of the file."""

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from pipeline import checkpoints
from pipeline.sql import statement
from pipeline.work import Doorbell, StoredObject, Tools
from schemas import codes
from schemas.errors import WrongCommand
from schemas.options import ImportOptions
from schemas.states import StageName, Trigger

UPLOADS = "uploads/"
_ENDINGS = frozenset({".csv", ".xlsx", ".xls"})
_TRIGGER = "personas-trigger"
_OPTIONS_LIMIT = 256 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Submission:
    """The import of an object; `created` is False for one that was known."""

    import_id: int
    created: bool
    doorbells: list[Doorbell]


def account_of(key: str) -> str | None:
    """The account that a key under `uploads/` belongs to; None for a key that starts no import."""
    if not key.startswith(UPLOADS):
        return None
    account, _, rest = key.removeprefix(UPLOADS).partition("/")
    if not account or not rest or rest.endswith("/") or PurePosixPath(rest).suffix.lower() not in _ENDINGS:
        return None
    return account


def options_key(key: str) -> str:
    """Where the options of an upload are: beside it, written first."""
    return f"{key[: -len(PurePosixPath(key).suffix)]}.options.json"


def submit(tools: Tools, key: str, trigger: Trigger, version_id: str | None = None) -> Submission | None:
    """Make the import of an object, or find it; None: the object is gone, or its name starts no import.

    Of a bucket with versions it can be told which one is meant; otherwise it is the latest. The same bytes under the
    same key are the same version. The object's own HEAD is the truth, whatever told of it. Raises WrongCommand for an
    unknown account.
    """
    account = account_of(key)
    head = tools.store.head(key, version_id) if account else None
    if account is None or head is None:
        return None
    options, problem = _read_options(tools, key)
    with tools.engine.begin() as conn:
        account_id = find_account(conn, account)
        conn.execute(statement("submission", "lock_account"), {"account_id": account_id})
        facts = _facts(tools, head, account_id, options, trigger)
        import_id = conn.execute(statement("submission", "insert_import"), facts).scalar_one_or_none()
        if import_id is None:
            known = conn.execute(statement("submission", "known_import"), facts).scalar_one()
            return Submission(known, False, [])
        if problem:
            conn.execute(statement("submission", "refuse"), {"import_id": import_id, **problem})
            return Submission(import_id, True, [])
        return Submission(import_id, True, checkpoints.open_parts(conn, import_id, StageName.PARSE, [0]))


def find_account(conn: Connection, name: str) -> int:
    """The id of an account; `default` is made at first use, another unknown one is a WrongCommand."""
    if name == "default":
        conn.execute(statement("submission", "make_default_account"))
    account_id: int | None = conn.execute(statement("submission", "find_account"), {"name": name}).scalar_one_or_none()
    if account_id is None:
        raise WrongCommand(f"There is no account {name!r}; make it with `personas account add`.")
    return account_id


def _facts(
    tools: Tools, head: StoredObject, account_id: int, options: ImportOptions, trigger: Trigger
) -> dict[str, Any]:
    told = head.metadata.get(_TRIGGER)
    return {
        "account_id": account_id,
        "name": options.name or PurePosixPath(head.key).name,
        "trigger": told if told in set(Trigger) else trigger,
        "options": options.model_dump_json(),
        "dry_run": options.dry_run,
        "bucket": tools.store.bucket,
        "key": head.key,
        "version": head.version_id or head.etag,
        "version_id": head.version_id,
        "etag": head.etag,
        "bytes": head.size,
    }


def _read_options(tools: Tools, key: str) -> tuple[ImportOptions, dict[str, str] | None]:
    """The options beside the file; and, where they can't be used, the code and sentence with which the import fails."""
    beside = options_key(key)
    head = tools.store.head(beside)
    if head is None:
        return ImportOptions(), None
    if head.size > _OPTIONS_LIMIT:
        return ImportOptions(), _refusal("The file is too long.")
    try:
        return ImportOptions.model_validate(json.loads(tools.store.get_bytes(beside))), None
    except ValidationError as error:
        names = sorted({".".join(map(str, problem["loc"])) or "the whole" for problem in error.errors()})
        return ImportOptions(), _refusal(f"Look at: {', '.join(names)}.")
    except (ValueError, RecursionError):
        return ImportOptions(), _refusal("It is not JSON.")


def _refusal(detail: str) -> dict[str, str]:
    return {"code": "bad_options", "message": f"{codes.sentence('bad_options')} {detail}"}
