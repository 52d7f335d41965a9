"""Staff add a persona, or set some of its values. Owns the order of writing, not the rules about values."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from pipeline.personas.changes import Draft, Manner, draft_changes
from pipeline.personas.consent import note_events, note_repeat
from pipeline.personas.contention import carry_out
from pipeline.personas.identifiers import changed_keys, check_free
from pipeline.personas.naming import State, lock_persona
from pipeline.personas.values import Values, read_values
from pipeline.personas.writing import Edit, note_identity, write_persona
from pipeline.sql import statement
from pipeline.texts.sending import cancel_waiting
from pipeline.work import Account, Tools
from schemas.errors import WrongCommand


def add_persona(tools: Tools, account: Account, settings: Mapping[str, str], manner: Manner) -> int:
    """A new persona of these values (field or `attribute:<name>` → text as typed); its id.

    Raises `WrongCommand` for a value that can't be read, for an identifier that is taken or blocked, and without any.
    """
    values = _read(tools, account, settings)
    return carry_out(tools.engine, lambda conn: _add(conn, tools, account, values, manner))


def edit_persona(tools: Tools, account: Account, who: str, settings: Mapping[str, str], manner: Manner) -> int:
    """Set values of one persona; a blank takes one away. Returns its id. Raises `WrongCommand` like `add_persona`."""
    values = _read(tools, account, settings)
    return carry_out(tools.engine, lambda conn: _edit(conn, tools, account, who, values, manner))


def _read(tools: Tools, account: Account, settings: Mapping[str, str]) -> Values:
    if not settings:
        raise WrongCommand("Name at least one value: --set field=value.")
    return read_values(account, settings, tools.clock().astimezone(ZoneInfo(account.timezone)).date())


def _add(conn: Connection, tools: Tools, account: Account, values: Values, manner: Manner) -> int:
    keys = {kind: values.keys.get(kind) for kind in ("phone", "email")}
    if not any(keys.values()):
        raise WrongCommand("A persona needs a phone or an e-mail.")
    check_free(conn, tools.blocklist_key, account, keys, None)
    row = conn.execute(statement("persona_commands", "insert"), {"account_id": account.id, **keys}).mappings().one()
    draft = draft_changes(account, dict(row), values, {}, manner)
    _write(conn, account, draft, values, manner)
    note_identity(conn, account, [draft.state])
    return int(row["id"])


def _edit(  # noqa: PLR0917
    conn: Connection, tools: Tools, account: Account, who: str, values: Values, manner: Manner
) -> int:
    before = lock_persona(conn, account, who)
    keys = changed_keys(before, values.keys)
    check_free(conn, tools.blocklist_key, account, keys, before["id"])
    draft = draft_changes(account, before, values, keys, manner)
    _write(conn, account, draft, values, manner)
    if keys:
        note_identity(conn, account, [draft.state], *_former(before, keys))
    return int(before["id"])


def _former(before: State, keys: Mapping[str, str | None]) -> list[str | None]:
    return [before[kind] for kind in keys]


def _write(conn: Connection, account: Account, draft: Draft, values: Values, manner: Manner) -> None:
    """In the order in which everything of ours takes locks: personas, ledger, consent."""
    persona_id = draft.state["id"]
    write_persona(conn, draft.state, Edit(values.names(), manner.by))
    for key, (name, value) in values.attributes.items():
        if value is not None:
            facts = {"account_id": account.id, "key": key, "name": name}
            conn.execute(statement("persona_commands", "name_attribute"), facts)
    if values.delta:
        booking = {"delta": values.delta, "reason": manner.reason}
        conn.execute(
            statement("persona_commands", "book"), {"account_id": account.id, "persona_id": persona_id, **booking}
        )
    note_events(conn, account.id, persona_id, draft.events)
    for channel in draft.repeats:
        note_repeat(conn, persona_id, channel, "staff")
    if draft.cancels_texts:
        cancel_waiting(conn, account.id, persona_id)
