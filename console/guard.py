"""Who may come in at a door over HTTP, and with how much: a token, compared in constant time, and a limited body."""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, Sequence

from fastapi import Request
from fastapi.responses import PlainTextResponse

#: What a caller brings, or the answer to one who may not come in.
Entry = bytes | PlainTextResponse


def make_guard(
    secrets: Sequence[str], limit: int, *, by_password: bool = False
) -> Callable[[Request], Awaitable[Entry]]:
    """What a route depends on to be given a body of at most `limit` bytes, from callers with one of these tokens.

    The token is a bearer's; `by_password` also takes it as the password of anybody, for callers that can only be given
    an address.
    """

    # Asynchronous because the framework hands out a body in no other way; it is the only thing at these doors that is.
    async def let_in(request: Request) -> Entry:
        if not _may_enter(request.headers.get("authorization", ""), secrets, by_password):
            return PlainTextResponse("A bearer token is needed.\n", 401, {"WWW-Authenticate": "Bearer"})
        body = await _read_limited(request, limit)
        return PlainTextResponse("That is too much at once.\n", 413) if body is None else body

    return let_in


def _may_enter(header: str, secrets: Sequence[str], by_password: bool) -> bool:
    scheme, _, token = header.partition(" ")
    given = token.strip().encode("utf-8", "surrogatepass")
    match scheme.lower():
        case "basic" if by_password:
            given = _password(given)
        case "bearer":
            pass
        case _:
            return False
    # All are compared, so that the time taken says nothing about which one was nearly right.
    matches = [hmac.compare_digest(given, secret.encode()) for secret in secrets]
    return any(matches)


def _password(encoded: bytes) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True).partition(b":")[2]
    except binascii.Error:
        return b""


async def _read_limited(request: Request, limit: int) -> bytes | None:
    """The body; None if it is longer than it may be, found out without reading all of it."""
    told = request.headers.get("content-length", "0")
    if told.isdecimal() and int(told) > limit:
        return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            return None
    return bytes(body)
