"""Which persona a person means: by phone in any spelling, e-mail or id. Owns no look-up by name."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection

from pipeline.rows.cleaning import clean_key
from pipeline.rows.emails import read_email
from pipeline.rows.phones import read_phone
from pipeline.sql import statement
from pipeline.work import Account
from schemas.errors import WrongCommand
from schemas.states import PersonaStatus

State = dict[str, Any]
_ID_DIGITS = 18


class Named(NamedTuple):
    """The persona of a name, and the one who answers for it: another one where it was merged away."""

    id: int
    answering: int


def name_persona(conn: Connection, account: Account, who: str) -> Named:
    """Whom a phone in any spelling, an e-mail or an id means. Raises `WrongCommand` if nobody."""
    for facts in _readings(account, who):
        if found := conn.execute(statement("persona_commands", "owner"), facts).one_or_none():
            return Named(found.id, found.answering)
    raise WrongCommand("The account has no persona of that phone, e-mail or id.")


def lock_persona(conn: Connection, account: Account, who: str) -> State:
    """The persona's row, held to the end of the transaction; never one that was merged away."""
    while True:
        row = _lock_named(conn, account, who)
        # Between the look and the lock it may have been merged, or forgotten: then the name means somebody else.
        if row is None:
            name_persona(conn, account, who)
        elif row["status"] != PersonaStatus.MERGED:
            return row


def lock_survivor(conn: Connection, account_id: int, persona_id: int) -> State:
    """The row of whoever answers for this persona, held to the end of the transaction. Raises `WrongCommand`."""
    while True:
        row = _lock(conn, account_id, persona_id)
        if row is None:
            raise WrongCommand(f"There is no persona {persona_id}.")
        if row["status"] != PersonaStatus.MERGED:
            return row
        persona_id = row["survivor_id"]


def _readings(account: Account, who: str) -> Iterator[dict[str, Any]]:
    """What a name may be, in the order in which that counts."""
    text = clean_key(who)
    facts = {"account_id": account.id, "phone": None, "email": None, "persona_id": None}
    yield {**facts, "phone": read_phone(text, account.region)[0], "email": read_email(text)[0]}
    if text.isascii() and text.isdecimal() and len(text) <= _ID_DIGITS:
        yield {**facts, "persona_id": int(text)}


def _lock_named(conn: Connection, account: Account, who: str) -> State | None:
    for facts in _readings(account, who):
        row = conn.execute(statement("persona_commands", "lock_named"), facts).mappings().one_or_none()
        if row is not None:
            return dict(row)
    return None


def _lock(conn: Connection, account_id: int, persona_id: int) -> State | None:
    facts = {"account_id": account_id, "persona_id": persona_id}
    row = conn.execute(statement("persona_commands", "lock_persona"), facts).mappings().one_or_none()
    return dict(row) if row is not None else None
