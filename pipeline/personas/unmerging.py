"""Undo a merge: everybody gets back what was theirs. What changed on the survivor since is the survivor's own."""

from sqlalchemy import Connection

from pipeline.personas.absorbing import absorb, consent_events, copy_state, differences, take_back
from pipeline.personas.circles import Circle, Merge, gift_facts, lock_circles
from pipeline.personas.consent import Event, note_events
from pipeline.personas.contention import carry_out
from pipeline.personas.naming import State
from pipeline.personas.sayings import Saying, list_sayings, note_sayings, still_said
from pipeline.personas.writing import note_identity, write_persona
from pipeline.sql import statement
from pipeline.texts.sending import cancel_waiting
from pipeline.work import Account, Tools
from schemas.errors import WrongCommand
from schemas.states import Consent
from schemas.tables.personas import CHANNELS


def unmerge_persona(tools: Tools, account: Account, who: str, *, by: str) -> int:
    """Give a persona that was merged away its own again; its id.

    A no that was said while both were one holds for both: nobody can say for which it was. Raises `WrongCommand`.
    """
    return carry_out(tools.engine, lambda conn: _unmerge(conn, account, who, by))


def _unmerge(conn: Connection, account: Account, who: str, by: str) -> int:
    (other_id,), circle = lock_circles(conn, account, who)
    merge = circle.merge_of(other_id)
    if merge is None:
        raise WrongCommand(f"Persona {other_id} is not merged into another one.")
    sayings = list_sayings(conn, account, circle, merge)
    answering = list(circle.above(other_id))[-1]
    _give_back(conn, account, circle, merge, sayings, by)
    _free(conn, account, circle, merge, sayings)
    below = circle.below(other_id)
    note_sayings(conn, below, sayings)
    conn.execute(statement("merging", "follow"), {"survivor_id": other_id, "persona_ids": below})
    facts = {"survivor_id": answering, "other_id": other_id, "persona_ids": below}
    conn.execute(statement("merging", "return_ledger"), facts)
    conn.execute(statement("merging", "add_up"), {"persona_ids": [answering, other_id]})
    conn.execute(statement("merging", "forget_merge"), {"other_id": other_id})
    note_identity(conn, account, circle.people.values())
    return other_id


def _give_back(  # noqa: PLR0917
    conn: Connection, account: Account, circle: Circle, merge: Merge, sayings: list[Saying], by: str
) -> None:
    """The survivor as if this merge had never been: those who are still merged into it fill the new blanks instead."""
    before = circle.people[merge.survivor_id]
    after = copy_state(before)
    take_back(after, merge.gift)
    for channel in CHANNELS:
        _take_consent_back(after, merge, channel, sayings)
    freed = differences(before, after)
    for remaining in circle.children(merge.survivor_id):
        if remaining is not merge:
            absorb(after, circle.people[remaining.other_id], remaining.gift, freed)
            facts = {"other_id": remaining.other_id, **gift_facts(remaining.gift)}
            conn.execute(statement("merging", "update_merge"), facts)
    write_persona(conn, after)
    note_events(conn, account.id, after["id"], consent_events(before, after, "unmerge", by))


def _take_consent_back(survivor: State, merge: Merge, channel: str, sayings: list[Saying]) -> None:
    """Only what nobody has confirmed or changed since."""
    given = merge.gift.consent.get(channel, {})
    said = [saying for saying in sayings if saying.channel == channel]
    if given.get("withheld") and not any(saying.out and saying.actor == "shopper" for saying in said):
        survivor[f"{channel}_withheld"] = False
    untouched = not any(saying.out or saying.changed_survivor for saying in said)
    if "before" in given and untouched and not survivor[f"{channel}_withheld"]:
        survivor[f"{channel}_consent"] = given["before"]


def _free(conn: Connection, account: Account, circle: Circle, merge: Merge, sayings: list[Saying]) -> None:
    before = circle.people[merge.other_id]
    after = {**copy_state(before), "status": merge.status, "merged_into": None, "survivor_id": None}
    events = []
    for channel in CHANNELS:
        actor = still_said(sayings, channel)
        if actor is None:
            continue
        if before[f"{channel}_consent"] != Consent.OPTED_OUT:
            events.append(Event(channel, before[f"{channel}_consent"], Consent.OPTED_OUT, actor))
        after[f"{channel}_consent"] = Consent.OPTED_OUT
        after[f"{channel}_withheld"] = before[f"{channel}_withheld"] or actor == "shopper"
    write_persona(conn, after)
    note_events(conn, account.id, merge.other_id, events)
    if any(event.channel == "sms" for event in events):
        cancel_waiting(conn, account.id, merge.other_id)
