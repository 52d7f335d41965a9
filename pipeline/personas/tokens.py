"""API tokens: made once, shown once, kept as hashes. Owns no roles' rights."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection

from pipeline.personas.accounts import find_account
from pipeline.sql import statement
from schemas.errors import WrongCommand
from schemas.tables.accounts import ROLES


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token it is, and what it may do."""

    name: str
    account: str
    role: str


def add_token(conn: Connection, name: str, account: str, role: str) -> str:
    """A new token, which nobody can read back. Raises `WrongCommand` for a name in use, an unknown account or role."""
    if role not in ROLES:
        raise WrongCommand(f"There is no role {role!r}; there are {', '.join(ROLES)}.")
    find_account(conn, account)
    token = secrets.token_urlsafe(32)
    facts = {"name": name, "account": account, "role": role, "token_hash": _hash(token)}
    if conn.execute(statement("accounts", "add_token"), facts).scalar_one_or_none() is None:
        raise WrongCommand(f"There is, or was, a token {name!r}; choose another name.")
    return token


def revoke_token(conn: Connection, name: str) -> None:
    """The token is worth nothing from now on. Raises `WrongCommand` if there is none of this name in use."""
    if conn.execute(statement("accounts", "revoke_token"), {"name": name}).scalar_one_or_none() is None:
        raise WrongCommand(f"There is no token {name!r} in use.")


def find_holder(conn: Connection, token: str) -> Holder | None:
    """Whoever holds this token; None if nobody does, or no longer."""
    row = conn.execute(statement("accounts", "find_token"), {"token_hash": _hash(token)}).mappings().one_or_none()
    return Holder(row["name"], row["account"], row["role"]) if row else None


def _hash(token: str) -> str:
    # Plain, not slow: a random token of 256 bits can't be guessed from it.
    return hashlib.sha256(token.encode()).hexdigest()
