"""The keyed hashes of those who may not come back. Answers `is this one on it?`, and nothing else."""

import hashlib
import hmac
from typing import Literal

from sqlalchemy import Connection

from pipeline.sql import statement

_BLOCK = 64  # bytes, of SHA-256


def hash_of(key: bytes, account_id: int, kind: Literal["phone", "email", "text"], value: str) -> bytes:
    """The entry of one phone or e-mail of an account; as `text` the same phone's other name, which is no entry."""
    return hmac.digest(key, f"{account_id}:{kind}:{value}".encode(), "sha256")


def padded_keys(key: bytes) -> dict[str, bytes]:
    """The two blocks with which SQL computes the same HMAC (RFC 2104) without being given the key as a value."""
    if len(key) > _BLOCK:
        key = hashlib.sha256(key).digest()
    key = key.ljust(_BLOCK, b"\0")
    return {"inner": bytes(byte ^ 0x36 for byte in key), "outer": bytes(byte ^ 0x5C for byte in key)}


def in_use(conn: Connection, account_id: int) -> bool:
    """Whether anybody is on the account's blocklist at all."""
    return bool(conn.execute(statement("dedupe", "blocklist_in_use"), {"account_id": account_id}).scalar_one())
