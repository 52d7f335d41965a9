"""Changes of one persona's permission outside of files: the shopper's own words, and the one way to note an event."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from pipeline.personas.naming import State, lock_survivor
from pipeline.personas.writing import write_persona
from pipeline.sql import statement
from pipeline.texts.sending import cancel_waiting
from schemas.states import Consent

Channel = Literal["sms", "email"]
Actor = Literal["file", "staff", "shopper"]


@dataclass(frozen=True, slots=True)
class Event:
    """One change of permission, with who made it and the words for it."""

    channel: str
    old: str
    new: str
    actor: Actor
    actor_name: str | None = None
    raw: str | None = None
    terms_version: str | None = None


def shopper_stop(conn: Connection, account_id: int, persona_id: int, channel: Channel, raw: str | None = None) -> bool:
    """The shopper said STOP, or no on the privacy page: opted out at once, and only the shopper's own yes ends it.

    `raw` is the word as it came. What is waiting is cancelled. False if the shopper had said so before. Raises
    `WrongCommand` if there is no such persona.
    """
    state = lock_survivor(conn, account_id, persona_id)
    is_new = not state[f"{channel}_withheld"]
    events = set_consent(state, Event(channel, state[f"{channel}_consent"], Consent.OPTED_OUT, "shopper", raw=raw))
    state[f"{channel}_withheld"] = True
    write_persona(conn, state)
    note_events(conn, account_id, state["id"], events)
    if not events:
        note_repeat(conn, state["id"], channel, "shopper")
    if channel == "sms":
        cancel_waiting(conn, account_id, state["id"])
    return is_new


def shopper_start(conn: Connection, account_id: int, persona_id: int, channel: Channel, raw: str | None = None) -> bool:
    """The shopper said YES or START: opted in, whatever was before. False if that was nothing new."""
    state = lock_survivor(conn, account_id, persona_id)
    events = set_consent(state, Event(channel, state[f"{channel}_consent"], Consent.OPTED_IN, "shopper", raw=raw))
    state[f"{channel}_withheld"] = False
    write_persona(conn, state)
    note_events(conn, account_id, state["id"], events)
    return bool(events)


def set_consent(state: State, event: Event) -> list[Event]:
    """Change the state as the event says; no change, no event."""
    state[f"{event.channel}_consent"] = event.new
    return [event] if event.old != event.new else []


def note_events(conn: Connection, account_id: int, persona_id: int, events: list[Event]) -> None:
    """Add to the history of permission."""
    for event in events:
        facts = {name: getattr(event, name) for name in Event.__slots__}
        conn.execute(
            statement("persona_commands", "note_event"), {"account_id": account_id, "persona_id": persona_id, **facts}
        )


def note_repeat(conn: Connection, persona_id: int, channel: str, actor: Actor) -> None:
    """Somebody who is opted out was opted out once more: an unmerge must know."""
    facts = {"persona_id": persona_id, "channel": channel, "actor": actor}
    conn.execute(statement("persona_commands", "note_repeat"), facts)
