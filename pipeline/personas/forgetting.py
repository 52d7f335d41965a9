"""Forget a shopper: everything with a name goes, at once in the database and right after in the bucket.

What stays: counts of past imports, and consent events, whose persona number leads nowhere any more. They are the
evidence that a text was allowed, or stopped, and hold no phone, e-mail or name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from pipeline import blocklist
from pipeline.checkpoints import reopen_dedupe
from pipeline.files.parts import open_part, part_key
from pipeline.imports import lock_import
from pipeline.personas.circles import Circle, lock_circles
from pipeline.personas.contention import carry_out
from pipeline.personas.scrubbing import AT_ITS_END, DROPS, finish_scrubs
from pipeline.personas.traces import Keys, find_lines
from pipeline.personas.writing import note_identities
from pipeline.sql import statement
from pipeline.work import Account, Tools
from schemas.errors import Transient
from schemas.parts import column

_TRIES = 3
#: What nobody else points to any more, in the order in which locks are taken.
_TABLES = (
    "drop_merges",
    "drop_personas",
    "drop_ledger",
    "drop_edits",
    "silence_outcomes",
    "silence_rejects",
    "cancel_texts",
    "blur_identity_changes",
)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Whose records went, how many rows of kept files, and how many imports lose their rows only at their end."""

    persona_ids: tuple[int, ...]
    rows: int
    awaited: int


class _OtherKeys(Exception):
    """The shopper got another phone or e-mail while the files were searched."""


def forget_persona(tools: Tools, account: Account, who: str) -> Forgotten:
    """Forget the shopper of this phone, e-mail or id, with all personas that were merged into one.

    Raises `WrongCommand` if there is none, and `Transient` if the bucket can't be read: then nothing has happened, or,
    where only the files are left, the next call or the daily purge does the rest.
    """
    for _ in range(_TRIES):
        keys = carry_out(tools.engine, lambda conn: _keys(account, lock_circles(conn, account, who)[1]))
        lines = _search_parts(tools, account, keys)
        try:
            persona_ids, rows = carry_out(
                tools.engine,
                lambda conn: _forget(conn, tools, account, who, keys, lines),  # noqa: B023 - run at once
            )
        except _OtherKeys:
            continue
        return Forgotten(persona_ids, rows, finish_scrubs(tools, account))
    raise Transient("The persona is being changed; try again in a moment.")


def _keys(account: Account, circle: Circle) -> Keys:
    return Keys(account.region, frozenset(circle.keys("phone")), frozenset(circle.keys("email")))


def _search_parts(tools: Tools, account: Account, keys: Keys) -> dict[int, set[int]]:
    """Import → lines with one of the keys, also in columns that nobody mapped and in rows that were left out."""
    with tools.engine.connect() as conn:
        imports = conn.execute(statement("forgetting", "kept_imports"), {"account_id": account.id}).all()
    found: dict[int, set[int]] = {}
    for work in imports:
        for part in range(work.parts if work.parts_prefix else 0):
            table = open_part(tools.store.get_bytes(part_key(work.parts_prefix, part)))
            lines = find_lines(table, keys, _key_columns(work), mentions=not work.may_go_on)
            found.setdefault(work.id, set()).update(lines)
    return found


def _key_columns(work: Any) -> list[str]:
    """Where the shopper is looked for: everywhere (none named), but for rows that are still to be applied.

    Such a row may name the shopper in passing and belong to somebody else, so its own phone and e-mail count, if it is
    known where these are.
    """
    if not work.may_go_on:
        return []
    fields = {header: field for header, field in (work.fields or {}).items() if field in ("phone", "email")}
    return [column(index) for index, header in enumerate(work.headers or ()) if header in fields]


def _forget(  # noqa: PLR0917
    conn: Connection, tools: Tools, account: Account, who: str, keys: Keys, lines: dict[int, set[int]]
) -> tuple[tuple[int, ...], int]:
    _, circle = lock_circles(conn, account, who)
    if _keys(account, circle) != keys:
        raise _OtherKeys
    persona_ids = tuple(sorted(circle.people))
    facts: dict[str, Any] = {"account_id": account.id, "persona_ids": list(persona_ids), "phones": sorted(keys.phones)}
    _block(conn, tools.blocklist_key, account, keys)
    for row in conn.execute(statement("forgetting", "lines_of_personas"), facts):
        lines.setdefault(row.import_id, set()).add(row.line)
    for work in conn.execute(statement("forgetting", "kept_imports"), facts).all():
        _clear_import(conn, account, work, keys, persona_ids, lines.setdefault(work.id, set()))
    for name in _TABLES:
        conn.execute(statement("forgetting", name), facts)
    _rename_texts(conn, tools.blocklist_key, account, facts)
    # Without hashes of the keys: whatever row was planned by them has been settled above.
    note_identities(conn, account, persona_ids)
    return persona_ids, sum(map(len, lines.values()))


def _block(conn: Connection, key: bytes, account: Account, keys: Keys) -> None:
    hashes = [blocklist.hash_of(key, account.id, "phone", phone) for phone in keys.phones]
    hashes += [blocklist.hash_of(key, account.id, "email", email) for email in keys.emails]
    conn.execute(statement("forgetting", "block"), {"account_id": account.id, "hashes": hashes})


def _clear_import(  # noqa: PLR0917
    conn: Connection, account: Account, work: Any, keys: Keys, persona_ids: Sequence[int], lines: set[int]
) -> None:
    """The staging rows of one import, and a note of what its part files must lose. Adds to `lines`."""
    tables = _hold_tables(conn, work)
    if "rows" in tables:
        named = {"phones": sorted(keys.phones), "emails": sorted(keys.emails)}
        by_key = conn.execute(statement("forgetting", "lines_by_key", work.id), named).scalars().all()
        lines.update(by_key)
        if work.may_go_on:
            _settle(conn, account, work.id, by_key, "plan" in tables)
    drops = DROPS
    if work.may_go_on:
        # Never a row that still has to be counted, nor a plan that others were made in view of.
        drops = {**DROPS, "rows": "drop_counted_rows", "plan": ""}
    facts = {"lines": sorted(lines), "persona_ids": list(persona_ids)}
    for name in (drops[kind] for kind in tables if drops[kind]):
        conn.execute(statement("forgetting", name, work.id), facts)
    conn.execute(statement("forgetting", "silence_lines"), {"import_id": work.id, "lines": sorted(lines)})
    scrubs = [*sorted(lines), AT_ITS_END] if work.may_go_on else sorted(lines)
    conn.execute(statement("forgetting", "note_scrubs"), {"import_id": work.id, "lines": scrubs})


def _hold_tables(conn: Connection, work: Any) -> Sequence[str]:
    """Which staging tables the import has, once nobody plans it any more."""
    known = {"import_id": work.id}
    tables = conn.execute(statement("forgetting", "kept_tables"), known).scalars().all()
    if not work.may_go_on:
        return tables
    for kind, hold in (("plan", "hold_plan"), ("rows", "hold_rows")):
        if kind in tables:
            conn.execute(statement("forgetting", hold, work.id))
    return conn.execute(statement("forgetting", "kept_tables"), known).scalars().all()


def _settle(conn: Connection, account: Account, import_id: int, lines: Sequence[int], planned: bool) -> None:
    """Rows that are not applied yet get their outcome here, so that no row of the file goes uncounted."""
    settled = conn.execute(statement("forgetting", "settle_rows", import_id), {"lines": list(lines)}).all()
    if not settled:
        return
    facts = {"account_id": account.id, "import_id": import_id, "lines": [row.line for row in settled]}
    for name in ("reject_settled", "silence_settled"):
        conn.execute(statement("forgetting", name), facts)
    points = sum(row.points for row in settled)
    conn.execute(statement("forgetting", "count_settled"), {**facts, "rows": len(settled), "points": points})
    if planned:
        conn.execute(statement("forgetting", "outdate_plan", import_id), facts)
    if conn.execute(statement("forgetting", "is_being_shown"), facts).scalar_one():
        # Some of these rows have been counted with a plan that is being shown: it is made, and counted, anew.
        lock_import(conn, import_id)
        reopen_dedupe(conn, import_id)


def _rename_texts(conn: Connection, key: bytes, account: Account, facts: dict[str, Any]) -> None:
    """Two texts to a number, ever: the count goes on under the number's hash, should the shopper come back."""
    for phone in conn.execute(statement("forgetting", "texted_phones"), facts).scalars().all():
        name = text_name(key, account, phone)
        conn.execute(statement("persona_commands", "name_texts"), {"account_id": account.id, "old": phone, "new": name})


def text_name(key: bytes, account: Account, phone: str) -> str:
    """What stands in place of a forgotten number among the texts; not its entry of the blocklist."""
    return f"hash:{blocklist.hash_of(key, account.id, 'text', phone).hex()}"
