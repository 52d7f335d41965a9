"""Where each value of a persona came from: a line of an import, staff, a merge, or the shopper. Reads only."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pipeline.personas.objects import Persona
from pipeline.rows.attributes import attribute_key
from pipeline.sql import statement
from schemas.fields import ATTRIBUTE_PREFIX

Source = dict[str, Any]
#: Not values that somebody brought.
_OWN = frozenset({"persona_id", "account", "status", "merged_into", "ledger", "points", "attributes", "consent"})
_STORE_SOURCE = "favorite_store_source"


def list_sources(conn: Connection, persona: Persona) -> dict[str, Source]:
    """Field, `attribute:<name>` or `<channel> consent` → its source, for every value that there is.

    A source is `{"import_id", "line"}`, `{"staff"}` (a name), `{"merged_from"}` (a persona), or `{"shopper": true}`,
    each with `at`. Points are not told: their ledger says it by itself.
    """
    last: dict[str, Source] = {}
    made: Source | None = None
    for _, names, source in sorted(_moves(conn, persona["persona_id"]), key=lambda move: move[0]):
        if names is None:
            made = source
        else:
            last |= dict.fromkeys(names, source)
    found = {name: last.get(key, made) for name, key in _values(persona)}
    told = {name: source for name, source in found.items() if source is not None}
    return told | {f"{channel} consent": source for channel, source in _consents(conn, persona["persona_id"])}


def _values(persona: Persona) -> Iterator[tuple[str, str]]:
    """Names of the values that are there, as shown and as noted."""
    for name, value in persona.items():
        if name not in _OWN and value not in (None, False):
            yield name, ("favorite_store" if name == _STORE_SOURCE else name)
    for name in persona["attributes"]:
        yield f"{ATTRIBUTE_PREFIX}{name}", f"{ATTRIBUTE_PREFIX}{attribute_key(name)}"


def _moves(conn: Connection, persona_id: int) -> Iterator[tuple[datetime, list[str] | None, Source]]:
    """When, what was set (None: whatever was there when the persona was made), and by whom."""
    facts = {"persona_id": persona_id}
    for row in conn.execute(statement("provenance", "changes"), facts):
        source = {"import_id": row.import_id, "line": row.line, "at": row.at.isoformat()}
        yield row.at, None if row.outcome == "created" else list(_changed(row.changes or {})), source
    for row in conn.execute(statement("provenance", "edits"), facts):
        yield row.at, row.fields, {"staff": row.made_by, "at": row.at.isoformat()}
    for row in conn.execute(statement("provenance", "merges"), facts):
        names = [*row.given, *(f"{ATTRIBUTE_PREFIX}{key}" for key in row.attributes)]
        yield row.at, names, {"merged_from": row.other_id, "at": row.at.isoformat()}


def _changed(changes: dict[str, list[Any]]) -> Iterator[str]:
    for name, (old, new) in changes.items():
        if name == "attributes":
            before = old or {}
            yield from (f"{ATTRIBUTE_PREFIX}{key}" for key, value in new.items() if before.get(key) != value)
        else:
            yield name


def _consents(conn: Connection, persona_id: int) -> Iterator[tuple[str, Source]]:
    for row in conn.execute(statement("provenance", "events"), {"persona_id": persona_id}):
        at = {"at": row.at.isoformat()}
        if row.actor == "file":
            yield row.channel, {"import_id": row.import_id, "line": row.line, **at}
        else:
            yield row.channel, {"shopper": True, **at} if row.actor == "shopper" else {"staff": row.actor_name, **at}
