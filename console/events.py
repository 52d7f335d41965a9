"""The door for bucket events over HTTP. Who may come in is in `guard`, what events mean elsewhere."""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse

from console.guard import Entry, make_guard

if TYPE_CHECKING:
    from workers.bootstrap import System

BODY_LIMIT = 256 * 1024  # bytes


def make_router(system: "System") -> APIRouter:
    """`POST /events/object-created`: 200 once what it tells is committed, 503 to be told again, 400, 401, 413."""
    from schemas.events import EventUnreadable
    from workers.intake.admission import take_events
    from workers.intake.payloads import read_events

    router = APIRouter()
    guard = make_guard(system.settings.event_secrets(), BODY_LIMIT)

    @router.post("/events/object-created")
    def take(body: Annotated[Entry, Depends(guard)]) -> PlainTextResponse:
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
