"""Merge two personas of one shopper. Owns the order of writing; what is given is decided in `absorbing`."""

from sqlalchemy import Connection

from pipeline.personas.absorbing import Gift, absorb, consent_events, copy_state
from pipeline.personas.circles import Circle, gift_facts, lock_circles
from pipeline.personas.consent import note_events
from pipeline.personas.contention import carry_out
from pipeline.personas.naming import State
from pipeline.personas.writing import note_identity, write_persona
from pipeline.sql import statement
from pipeline.texts.sending import cancel_waiting
from pipeline.work import Account, Tools
from schemas.errors import WrongCommand
from schemas.states import PersonaStatus


def merge_personas(tools: Tools, account: Account, survivor: str, other: str, *, by: str) -> int:
    """Let `survivor` go on for both; its id. Whoever was merged away before is named by phone or e-mail of either.

    Raises `WrongCommand` if one of them does not exist, or both are the same persona.
    """
    return carry_out(tools.engine, lambda conn: _merge(conn, account, (survivor, other), by))


def _merge(conn: Connection, account: Account, names: tuple[str, str], by: str) -> int:
    named, circle = lock_circles(conn, account, *names)
    survivor, other = (circle.people[list(circle.above(persona_id))[-1]] for persona_id in named)
    if survivor["id"] == other["id"]:
        raise WrongCommand("Both names belong to one persona already.")
    gift, after = Gift(), copy_state(survivor)
    absorb(after, other, gift)
    events = consent_events(survivor, after, "merge", by)
    _join(conn, account, circle, after, other)
    _note_merge(conn, account, after, other, gift, by)
    note_events(conn, account.id, after["id"], events)
    if any(event.channel == "sms" for event in events):
        cancel_waiting(conn, account.id, after["id"])
    return int(after["id"])


def _join(conn: Connection, account: Account, circle: Circle, survivor: State, other: State) -> None:
    write_persona(conn, survivor)
    merged = {"status": PersonaStatus.MERGED, "merged_into": survivor["id"], "survivor_id": survivor["id"]}
    write_persona(conn, {**other, **merged})
    others = circle.below(other["id"])
    conn.execute(statement("merging", "follow"), {"survivor_id": survivor["id"], "persona_ids": others})
    facts = {"survivor_id": survivor["id"], "other_id": other["id"]}
    conn.execute(statement("merging", "move_ledger"), facts)
    conn.execute(statement("merging", "add_up"), {"persona_ids": [survivor["id"], other["id"]]})
    note_identity(conn, account, circle.people.values())


def _note_merge(  # noqa: PLR0917
    conn: Connection, account: Account, survivor: State, other: State, gift: Gift, by: str
) -> None:
    facts = {"other_id": other["id"], "survivor_id": survivor["id"], "status": other["status"], "made_by": by}
    conn.execute(statement("merging", "note_merge"), {"account_id": account.id, **facts, **gift_facts(gift)})
