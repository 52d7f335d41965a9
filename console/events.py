"""The door for bucket events over HTTP: who may come in, and with how much. What events mean is elsewhere."""

import hmac
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse

if TYPE_CHECKING:
    from workers.bootstrap import System

BODY_LIMIT = 256 * 1024  # bytes
_SCHEME = "bearer"


def make_router(system: "System") -> APIRouter:
    """`POST /events/object-created`: 200 once what it tells is committed, 503 to be told again, 400, 401, 413."""
    from schemas.events import EventUnreadable
    from workers.intake.admission import take_events
    from workers.intake.payloads import read_events

    router = APIRouter()
    secrets = tuple(secret.encode() for secret in system.settings.event_secrets())

    async def read_body(request: Request) -> bytes | PlainTextResponse:
        # Asynchronous because the framework hands out a body in no other way; it is the only thing here that is.
        if not _may_enter(request.headers.get("authorization", ""), secrets):
            return PlainTextResponse("A bearer token is needed.\n", 401, {"WWW-Authenticate": "Bearer"})
        body = await _read_limited(request)
        return PlainTextResponse("That is too much at once.\n", 413) if body is None else body

    @router.post("/events/object-created")
    def take(body: Annotated[bytes | PlainTextResponse, Depends(read_body)]) -> PlainTextResponse:
        if isinstance(body, PlainTextResponse):
            return body
        try:
            events = read_events(body)
        except EventUnreadable as error:
            return PlainTextResponse(f"{error}\n", 400)
        taken = take_events(system.tools, events)
        system.ring(taken.doorbells)
        if taken.unsettled:
            return PlainTextResponse("Not everything could be settled now; tell it again.\n", 503)
        return PlainTextResponse("Taken.\n")

    return router


def _may_enter(header: str, secrets: tuple[bytes, ...]) -> bool:
    scheme, _, token = header.partition(" ")
    given = token.strip().encode("utf-8", "surrogatepass")
    # All are compared, so that the time taken says nothing about which one was nearly right.
    matches = [hmac.compare_digest(given, secret) for secret in secrets]
    return scheme.lower() == _SCHEME and any(matches)


async def _read_limited(request: Request) -> bytes | None:
    """The body; None if it is longer than it may be, found out without reading all of it."""
    told = request.headers.get("content-length", "0")
    if told.isdecimal() and int(told) > BODY_LIMIT:
        return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > BODY_LIMIT:
            return None
    return bytes(body)
