"""Writing one persona's row, and noting who changed what and who somebody is. Decides nothing."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from pipeline.personas.naming import State
from pipeline.sql import statement
from pipeline.work import Account


@dataclass(frozen=True, slots=True)
class Edit:
    """Staff set these fields; their values are in the persona alone."""

    fields: list[str]
    made_by: str


def write_persona(conn: Connection, state: State, edit: Edit | None = None) -> None:
    """The whole row as `state` says, and a note of staff's edit, if it was one; its lock is held."""
    noted = asdict(edit) if edit else {"fields": None, "made_by": None}
    facts = {**state, "attributes": json.dumps(state["attributes"]), **noted}
    conn.execute(statement("persona_commands", "update"), facts)


def note_identity(conn: Connection, account: Account, personas: Iterable[State], *former: str | None) -> None:
    """These personas are somebody else now, as far as imports under way know; `former` are keys that they gave up."""
    for state in personas:
        keys = {key for key in (state["phone"], state["email"], *former) if key}
        note_identities(conn, account, [state["id"]], sorted(keys))
    conn.execute(statement("persona_commands", "prune_identity_changes"), {"account_id": account.id})


def note_identities(conn: Connection, account: Account, persona_ids: Sequence[int], keys: Sequence[str] = ()) -> None:
    """The same, by ids."""
    facts = {"account_id": account.id, "persona_ids": list(persona_ids), "keys": list(keys)}
    conn.execute(statement("persona_commands", "note_identity"), facts)
