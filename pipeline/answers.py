"""A person's answers to an import that waits: approve, cancel, map. Owns no gate."""

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from pipeline import checkpoints, imports
from pipeline.mapping import saved
from pipeline.mapping.names import header_key
from pipeline.mapping.proposal import propose
from pipeline.mapping.reasons import explain
from pipeline.sql import statement
from pipeline.work import Doorbell, Import, Tools
from schemas.errors import UnknownImport, WrongCommand
from schemas.options import ImportOptions
from schemas.parts import ColumnProfile, FileProfile
from schemas.states import ImportStatus, StageName

#: Codes that a plain yes answers; the other two want their own word.
_PLAINLY_APPROVED = ("too_many_rejects", "plan_drifted")


def approve(tools: Tools, import_id: int, *, accept_terms: bool, again: bool, by: str) -> list[Doorbell]:
    """Let an import that waits at the gate, or was only planned, go on: it is planned again first.

    `by` names who accepts the terms. Raises WrongCommand where there is nothing to approve, or the answer is missing.
    """
    with tools.engine.begin() as conn:
        work = _locked(conn, import_id)
        if work.status not in (ImportStatus.NEEDS_APPROVAL, ImportStatus.PLANNED):
            raise WrongCommand(f"Import {import_id} is {work.status}; there is nothing to approve.")
        approved = ["already_imported"] if again else []
        if (code := _code(conn, import_id)) in _PLAINLY_APPROVED:
            approved.append(code)
        facts = {"import_id": import_id, "approved": approved, "terms_by": by if accept_terms else None}
        conn.execute(statement("replay", "let_on"), facts)
        return checkpoints.reopen_dedupe(conn, import_id)


def cancel(tools: Tools, import_id: int) -> list[Doorbell]:
    """End an import that waits or was only planned; nothing of it has been applied."""
    with tools.engine.begin() as conn:
        work = _locked(conn, import_id)
        waits = (ImportStatus.NEEDS_APPROVAL, ImportStatus.NEEDS_MAPPING, ImportStatus.PLANNED)
        if work.status not in waits:
            raise WrongCommand(
                f"Import {import_id} is {work.status}; only one that waits for a person can be cancelled."
            )
        conn.execute(statement("replay", "cancel"), {"import_id": import_id})
    return []


def map_columns(tools: Tools, import_id: int, fields: dict[str, str | None]) -> list[Doorbell]:
    """Say what columns mean (header → field, or None to ignore it), for an import that waits for that."""
    with tools.engine.begin() as conn:
        work = _locked(conn, import_id)
        if work.status is not ImportStatus.NEEDS_MAPPING:
            raise WrongCommand(f"Import {import_id} is {work.status}; its columns are not in question.")
        options = _with_answers(work.options, fields)
        profile = _profile(work.profile)
        known = saved.find_mapping(conn, work.account.id, options.mapping, profile.headers)
        mapping = propose(profile, work.account.region, options, known)
        facts = {"import_id": import_id, "mapping": json.dumps(asdict(mapping)), "options": options.model_dump_json()}
        conn.execute(statement("replay", "set_mapping"), facts)
        if mapping.doubt:
            imports.park_import(conn, import_id, ImportStatus.NEEDS_MAPPING, mapping.doubt, explain(mapping))
            return []
        if options.save_mapping:
            saved.save_mapping(conn, work.account.id, options.save_mapping, mapping)
        conn.execute(statement("replay", "let_on"), {"import_id": import_id, "approved": [], "terms_by": None})
        parts = range(len(work.profile["part_rows"]))
        return checkpoints.open_parts(conn, import_id, StageName.MAP, parts)


def _with_answers(options: ImportOptions, fields: dict[str, str | None]) -> ImportOptions:
    """The options with these answers; an answer takes the place of what was said of the same column before."""
    answered = {header_key(header) for header in fields}
    mapped = {header: field for header, field in options.map.items() if header_key(header) not in answered}
    ignored = [header for header in options.ignore if header_key(header) not in answered]
    mapped |= {header: field for header, field in fields.items() if field is not None}
    ignored += [header for header, field in fields.items() if field is None]
    return options.model_copy(update={"map": mapped, "ignore": ignored})


def _profile(told: dict[str, Any]) -> FileProfile:
    """The profile as the history kept it: all but examples of values."""
    columns = tuple(ColumnProfile(**column) for column in told["columns"])
    return FileProfile(tuple(told["headers"]), told["rows"], tuple(told["part_rows"]), columns)


def _locked(conn: Connection, import_id: int) -> Import:
    if conn.execute(statement("imports", "lock"), {"import_id": import_id}).scalar_one_or_none() is None:
        raise UnknownImport(import_id)
    return imports.load_import(conn, import_id)


def _code(conn: Connection, import_id: int) -> str | None:
    code: str | None = conn.execute(statement("imports", "code"), {"import_id": import_id}).scalar_one()
    return code
