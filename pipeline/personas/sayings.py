"""What was said about permission while two records were one: from events, from notes, and from plans of imports."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pipeline.personas.circles import Circle, Merge
from pipeline.personas.consent import Actor
from pipeline.sql import statement
from pipeline.work import Account
from schemas.states import Consent
from schemas.tables.personas import CHANNELS


@dataclass(frozen=True, slots=True)
class Saying:
    """One yes or no about a channel since a merge, with or without effect."""

    channel: str
    out: bool
    actor: Actor
    at: datetime
    #: Of the persona whom the other was merged into, and with an event of its own.
    changed_survivor: bool = False


def list_sayings(conn: Connection, account: Account, circle: Circle, merge: Merge) -> list[Saying]:
    """Everything said since the merge, about whoever answered for the merged persona at the time; by time."""
    found: list[Saying] = []
    answering = list(circle.above(merge.survivor_id))
    since: datetime = merge.at
    imports = conn.execute(statement("merging", "imports_since"), {"account_id": account.id, "since": since}).all()
    for persona_id in answering:
        next_merge = circle.merge_of(persona_id)
        until: datetime | None = next_merge.at if next_merge else None
        first = persona_id == merge.survivor_id
        found += _events(conn, persona_id, since, until, first=first)
        # A part of an import ends before the import does, so the end of the time is not asked for.
        found += _repeats_in_files(conn, persona_id, [each for each in imports if each.at > since])
        since = max(since, until) if until else since
    found += [Saying(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in merge.said]
    return sorted(found, key=lambda saying: saying.at)


def _events(
    conn: Connection, persona_id: int, since: datetime, until: datetime | None, *, first: bool
) -> Iterator[Saying]:
    facts = {"persona_id": persona_id, "since": since, "until": until}
    for row in conn.execute(statement("merging", "events_between"), facts):
        yield Saying(row.channel, row.new == Consent.OPTED_OUT, row.actor, row.at, first)


def _repeats_in_files(conn: Connection, persona_id: int, imports: Sequence[Any]) -> Iterator[Saying]:
    """Opt-outs of files for somebody who was opted out already; when in doubt, there was one."""
    for each in imports:
        if not (each.sms or each.email):
            continue
        facts = {"persona_id": persona_id, "import_id": each.id}
        if each.has_plan:
            said = dict(conn.execute(statement("merging", "said_in_plan", each.id), facts).mappings().one())
        else:
            touched = conn.execute(statement("merging", "touched"), facts).scalar_one()
            said = {channel: touched and getattr(each, channel) for channel in CHANNELS}
        yield from (Saying(channel, True, "file", each.at) for channel in CHANNELS if said[channel])


def note_sayings(conn: Connection, persona_ids: Sequence[int], sayings: Sequence[Saying]) -> None:
    """Let those who are still merged remember what was said while their survivor was merged away itself."""
    said = [
        {"channel": each.channel, "out": each.out, "actor": each.actor, "at": each.at.isoformat()} for each in sayings
    ]
    if said:
        facts = {"persona_ids": list(persona_ids), "said": json.dumps(said)}
        conn.execute(statement("merging", "add_sayings"), facts)


def still_said(sayings: Sequence[Saying], channel: str) -> Actor | None:
    """Who said no, where no yes came after; the shopper's word counts before others'."""
    said = [saying for saying in sayings if saying.channel == channel]
    last_yes = max((index for index, saying in enumerate(said) if not saying.out), default=-1)
    actors = [saying.actor for saying in said[last_yes + 1 :]]
    return None if not actors else "shopper" if "shopper" in actors else actors[0]
