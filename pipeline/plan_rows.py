"""The plan of an import, row by row, for people: what a dry run would do, or what was decided and done."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from psycopg import Connection

from pipeline.asking import Row, ask_one, stream
from pipeline.report_files import escape_formula
from pipeline.texts.quiet_hours import may_be_mobile
from pipeline.texts.schedule import NEVER
from schemas.errors import UnknownImport
from schemas.states import Consent

_ROWS_AT_ONCE = 2_000
#: What is told of every row; a plan that was only made, or is done, knows the first four and the changes.
COLUMNS = (
    *("line", "outcome", "persona_id", "code", "points", "points_refused", "sms", "email"),
    *("texted", "notices", "created", "changes"),
)


def iter_plan(conn: Connection[Any], import_id: int) -> Iterator[dict[str, Any]]:
    """Every row in the order of the file, with `COLUMNS`; `changes` are field → [old, new].

    Raises `UnknownImport` if there is none; before the import was planned only its rejects are known.
    """
    facts = {"import_id": import_id}
    known = ask_one(conn, "history", "plan_facts", facts)
    if known is None:
        raise UnknownImport(import_id)
    if known["is_rehearsed"]:
        asks = known["double_opt_in"] != NEVER
        return (_rehearsed(row, asks) for row in stream(conn, "rehearsal", "rows", facts, _ROWS_AT_ONCE))
    name = "planned_rows" if known["has_plan"] else "known_rows"
    rows = stream(conn, "history", name, facts, _ROWS_AT_ONCE)
    return ({name: row.get(name) for name in COLUMNS} for row in rows)


def _rehearsed(row: Row, asks: bool) -> dict[str, Any]:
    open_question = row["sms_consent"] in (Consent.UNKNOWN, Consent.PENDING)
    texted = asks and open_question and row["phone"] is not None and may_be_mobile(row["phone"])
    return {**{name: row.get(name) for name in COLUMNS}, "texted": texted}


def write_plan(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """The plan as .csv, made safe against formulas; the number of rows."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([escape_formula(_text(row[name])) for name in COLUMNS])
            count += 1
    return count


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return " → ".join(_text(inner) or "(blank)" for inner in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
