"""A survivor with everybody merged into it, held for one transaction: whom merge, unmerge and forget work on."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from pipeline.personas.absorbing import Gift
from pipeline.personas.naming import State, name_persona
from pipeline.sql import statement
from pipeline.work import Account


@dataclass(slots=True)
class Merge:
    """One merge that is in force, as its row says."""

    other_id: int
    survivor_id: int
    status: str
    gift: Gift
    said: list[dict[str, Any]]
    at: Any


@dataclass(slots=True)
class Circle:
    """Personas by id, and the merges that hold them together."""

    people: dict[int, State] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)

    def children(self, persona_id: int) -> list[Merge]:
        """The merges right into a persona, in the order in which they were made."""
        return [merge for merge in self.merges if merge.survivor_id == persona_id]

    def merge_of(self, persona_id: int) -> Merge | None:
        """The merge that took this persona away; None: it stands for itself."""
        return next((merge for merge in self.merges if merge.other_id == persona_id), None)

    def below(self, persona_id: int) -> list[int]:
        """The persona and everybody merged into it, at whatever remove."""
        return [persona_id, *(each for child in self.children(persona_id) for each in self.below(child.other_id))]

    def above(self, persona_id: int) -> Iterator[int]:
        """The persona, whom it was merged into, and so on to the one who answers."""
        while (merge := self.merge_of(persona_id)) is not None:
            yield persona_id
            persona_id = merge.survivor_id
        yield persona_id

    def keys(self, kind: str) -> list[str]:
        """Every phone, or every e-mail."""
        return [state[kind] for state in self.people.values() if state[kind] is not None]


def lock_circles(conn: Connection, account: Account, *names: str) -> tuple[list[int], Circle]:
    """The personas of these names themselves, and all who belong to them, in one lock; after the account's.

    Raises `WrongCommand` for a name that nobody has.
    """
    conn.execute(statement("persona_commands", "lock_account"), {"account_id": account.id})
    while True:
        named = [name_persona(conn, account, name) for name in names]
        facts = {"persona_ids": [each.answering for each in named]}
        rows = conn.execute(statement("persona_commands", "lock_circle"), facts).mappings().all()
        circle = Circle({row["id"]: dict(row) for row in rows}, _load_merges(conn, [row["id"] for row in rows]))
        # An edit may have moved a phone between the look and the lock.
        if named == [name_persona(conn, account, name) for name in names]:
            return [each.id for each in named], circle


def _load_merges(conn: Connection, persona_ids: Sequence[int]) -> list[Merge]:
    rows = conn.execute(statement("merging", "merges_into"), {"persona_ids": list(persona_ids)}).mappings()
    return [
        Merge(
            row["other_id"],
            row["survivor_id"],
            row["status"],
            Gift(row["given"], row["attributes"], row["consent"]),
            row["said"],
            row["at"],
        )
        for row in rows
    ]


def gift_facts(gift: Gift) -> dict[str, str]:
    """The columns that keep a gift."""
    return {
        "given": json.dumps(gift.columns),
        "attributes": json.dumps(gift.attributes),
        "consent": json.dumps(gift.consent),
    }
