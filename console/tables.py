"""How imports, findings and personas look on a screen. Takes the objects that JSON output prints."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from schemas import codes

_ATTEMPTS_SHOWN = 5
_COLORS = {"completed": "green", "planned": "cyan", "failed": "red", "cancelled": "red"}
_CONSENT = {
    "sms_opted_in": "SMS opted in",
    "sms_pending": "SMS pending",
    "sms_opted_out": "SMS opted out",
    "email_opted_in": "e-mail opted in",
    "email_opted_out": "e-mail opted out",
    "withheld": "withheld",
}


def import_panel(told: Mapping[str, Any], *, in_full: bool = False) -> RenderableType:
    """One import; `in_full` with its object, its columns, its stages and its last attempts."""
    parts: list[RenderableType] = [_summary(told)]
    if any(told["rejects"].values()) or any(told["notices"].values()):
        parts.append(Padding(codes_table(told["rejects"], told["notices"]), (1, 0, 0, 0)))
    if in_full:
        parts += [_where(told), _mapping(told), _stages(told), _attempts(told)]
    title = Text(f"Import {told['import_id']}: {told['name']}")
    return Panel(Group(*parts), title=title, title_align="left", border_style=_color(told["status"]), expand=False)


def import_line(told: Mapping[str, Any]) -> str:
    """One import in one plain sentence, for logs and pipes."""
    rows = ", ".join(f"{count:,} {name}" for name, count in told["rows"].items() if count or name == "read")
    said = f" ({told['code']}) {told['message'] or ''}".rstrip() if told["code"] else ""
    seconds = f" in {_seconds(told):.1f} s" if told["finished_at"] else ""
    return f"Import {told['import_id']} {told['status']}{seconds}: rows {rows}.{said}"


def history_table(imports: Iterable[Mapping[str, Any]]) -> Table:
    """Imports, one line each."""
    table = _table("import", "account", "name", "status", "code")
    for name in ("rows", "rejected", "notices", "seconds"):
        table.add_column(name, justify="right")
    table.add_column("submitted")
    for told in imports:
        table.add_row(
            str(told["import_id"]),
            Text(told["account"]),
            Text(told["name"]),
            Text(told["status"], _color(told["status"])),
            told["code"] or "",
            f"{told['rows']['read']:,}",
            f"{told['rows']['rejected']:,}",
            f"{sum(told['notices'].values()):,}",
            f"{_seconds(told):.1f}" if told["finished_at"] else "",
            told["submitted_at"][:19].replace("T", " "),
        )
    return table


def facts_table(facts: Mapping[str, Any]) -> Table:
    """Names and values, one line each."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(name, Text("" if value is None else str(value)))
    return table


def rows_table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Table:
    """Any table of plain values; nothing in them is taken for markup."""
    table = _table(*columns)
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    return table


def codes_table(rejects: Mapping[str, int], notices: Mapping[str, int]) -> Table:
    """How many there are of each code, the most frequent first."""
    rows = [
        (kind, f"{count:,}", code, codes.ALL.get(code))
        for kind, counts in (("reject", rejects), ("notice", notices))
        for code, count in sorted(counts.items(), key=lambda each: -each[1])
        if count
    ]
    return rows_table(("kind", "count", "code", "what to do"), rows)


def persona_panel(persona: Mapping[str, Any]) -> RenderableType:
    """One persona: what is known of it, and its last ledger lines."""
    hidden = {"ledger", "attributes", "consent", "persona_id"}
    known = {name: value for name, value in persona.items() if name not in hidden and value is not None}
    known |= {f"{channel} consent": state for channel, state in persona["consent"].items()}
    known |= {f"attribute {name}": value for name, value in persona["attributes"].items()}
    columns = ("at", "delta", "import_id", "line", "reason")
    ledger = rows_table(columns, [[line[name] for name in columns] for line in persona["ledger"][-10:]])
    title = f"Persona {persona['persona_id']}"
    return Panel(Group(facts_table(known), ledger), title=title, title_align="left", expand=False)


def _summary(told: Mapping[str, Any]) -> Table:
    points, rate = told["points"], told["rows_per_second"]
    events = {said: told["consent"].get(name, 0) for name, said in _CONSENT.items()}
    consent = ", ".join(f"{said} {count:,}" for said, count in events.items() if count)
    facts = {
        "status": f"{told['status']} ({told['code']})" if told["code"] else told["status"],
        "": told["message"],
        "dry run": "yes" if told["dry_run"] else None,
        "rows": ", ".join(f"{count:,} {name}" for name, count in told["rows"].items()),
        "points": f"{points['added']:,} added, {points['subtracted']:,} subtracted, {points['refused']:,} refused",
        "consent": consent or "no change",
        "audience": f"{told['audience']['members']:,} members" if told["audience"]["id"] else None,
        "texts": f"{told['texts']['scheduled']:,} scheduled",
        "time": f"{_seconds(told):.1f} s, {rate:,.0f} rows/s" if told["finished_at"] else None,
    }
    return facts_table({name: value for name, value in facts.items() if value is not None})


def _where(told: Mapping[str, Any]) -> RenderableType:
    stored = told["object"]
    facts = {
        "account": told["account"],
        "trigger": told["trigger"],
        "object": f"{stored['bucket']}/{stored['key']} ({stored['bytes']:,} bytes)",
        "sha256": stored["sha256"],
        "submitted": told["submitted_at"],
        "finished": told["finished_at"],
    }
    return Padding(facts_table(facts), (1, 0, 0, 0))


def _mapping(told: Mapping[str, Any]) -> RenderableType:
    rows = [(header, field or "(ignored)") for header, field in told["mapping"].items()]
    return Padding(rows_table(("column", "field"), rows), (1, 0, 0, 0))


def _stages(told: Mapping[str, Any]) -> RenderableType:
    rows = [
        (
            each["stage"],
            each["state"],
            f"{each['parts_done']}/{each['parts']}",
            f"{each['rows']:,}",
            f"{each['seconds']:.2f}",
        )
        for each in told["stages"]
    ]
    return Padding(rows_table(("stage", "state", "parts", "rows", "seconds"), rows), (1, 0, 0, 0))


def _attempts(told: Mapping[str, Any]) -> RenderableType:
    names = ("task_id", "stage", "part", "outcome", "error", "started_at")
    rows = [[each[name] for name in names] for each in told["attempts"][-_ATTEMPTS_SHOWN:]]
    more = len(told["attempts"]) - len(rows)
    said = Text(f"and {more} earlier attempts, in --json" if more > 0 else "")
    return Padding(Group(rows_table(names, rows), said), (1, 0, 0, 0))


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _seconds(told: Mapping[str, Any]) -> float:
    from datetime import datetime

    if not told["finished_at"]:
        return 0.0
    begun, ended = (datetime.fromisoformat(told[name]) for name in ("submitted_at", "finished_at"))
    return (ended - begun).total_seconds()


def _color(status: str) -> str:
    return _COLORS.get(status, "yellow")
