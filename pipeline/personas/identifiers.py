"""The phone and e-mail of one persona as staff set them: free, not on the blocklist, never taken from another."""

from collections.abc import Mapping

from sqlalchemy import Connection

from pipeline import blocklist
from pipeline.personas.naming import State
from pipeline.sql import statement
from pipeline.work import Account
from schemas.errors import WrongCommand


def check_free(
    conn: Connection, blocklist_key: bytes, account: Account, keys: Mapping[str, str | None], persona_id: int | None
) -> None:
    """Whether these may be given to the persona (None: to a new one). Raises `WrongCommand`.

    The sentence about the blocklist doesn't say which of the two it was.
    """
    wanted = {kind: value for kind, value in keys.items() if value is not None}
    if not wanted:
        return
    hashes = [
        blocklist.hash_of(blocklist_key, account.id, "phone" if kind == "phone" else "email", value)
        for kind, value in wanted.items()
    ]
    facts = {"account_id": account.id, "hashes": hashes}
    if conn.execute(statement("persona_commands", "is_blocked"), facts).scalar_one():
        raise WrongCommand("This shopper asked to be forgotten; only their own word brings them back (`unblock`).")
    for kind, value in wanted.items():
        look = {"account_id": account.id, "phone": None, "email": None, "persona_id": None, kind: value}
        owner = conn.execute(statement("persona_commands", "owner"), look).one_or_none()
        if owner is not None and owner.id != persona_id:
            named = "phone" if kind == "phone" else "e-mail"
            raise WrongCommand(f"The {named} belongs to persona {owner.id} already.")


def changed_keys(state: State, keys: Mapping[str, str | None]) -> dict[str, str | None]:
    """Those that are other than the persona's own. Raises `WrongCommand` if neither phone nor e-mail would be left."""
    changed = {kind: value for kind, value in keys.items() if value != state[kind]}
    left = {kind: state[kind] for kind in ("phone", "email")} | changed
    if not any(left.values()):
        raise WrongCommand("A persona needs a phone or an e-mail.")
    return changed
