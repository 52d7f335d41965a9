"""Take a phone or an e-mail off the blocklist, because the shopper asked for it; and remember who did so, and why."""

from typing import Literal

from sqlalchemy import Connection

from pipeline import blocklist
from pipeline.personas.contention import carry_out
from pipeline.personas.forgetting import text_name
from pipeline.personas.values import read_values
from pipeline.sql import statement
from pipeline.work import Account, Tools
from schemas.errors import WrongCommand


def unblock(
    tools: Tools, account: Account, kind: Literal["phone", "email"], value: str, *, reason: str, by: str
) -> None:
    """Let this phone or e-mail come back. Whoever unblocks has to know it: the blocklist itself can't be read.

    Raises `WrongCommand` if it is not on the blocklist, or nobody says why and who.
    """
    if not (reason.strip() and by.strip()):
        raise WrongCommand("Say why, and who answers for it: --reason and --by.")
    stored = read_values(account, {kind: value}, tools.clock().date()).keys[kind]
    if stored is None:
        raise WrongCommand("Name the phone or the e-mail.")
    carry_out(tools.engine, lambda conn: _unblock(conn, tools, account, kind, stored, reason, by))


def _unblock(  # noqa: PLR0917
    conn: Connection,
    tools: Tools,
    account: Account,
    kind: Literal["phone", "email"],
    stored: str,
    reason: str,
    by: str,
) -> None:
    entry = blocklist.hash_of(tools.blocklist_key, account.id, kind, stored)
    facts = {"account_id": account.id, "kind": kind, "hash": entry, "reason": reason, "made_by": by}
    if not conn.execute(statement("persona_commands", "unblock"), facts).scalar_one():
        raise WrongCommand("It is not on the blocklist.")
    conn.execute(statement("persona_commands", "note_unblock"), facts)
    if kind == "phone":
        names = {"old": text_name(tools.blocklist_key, account, stored), "new": stored}
        conn.execute(statement("persona_commands", "name_texts"), {"account_id": account.id, **names})
