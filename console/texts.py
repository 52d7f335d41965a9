"""The door for texts that shoppers send, told of by their gateway over HTTP. What they do is in `pipeline.texts`."""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response

from console.guard import Entry, make_guard

if TYPE_CHECKING:
    from workers.bootstrap import System

BODY_LIMIT = 64 * 1024  # bytes


def make_router(system: "System") -> APIRouter:
    """`POST /texts/incoming/ACCOUNT`: 204 once what it tells is committed, 503 to be told again, 400, 401, 404, 413."""
    from pipeline.personas.accounts import find_account
    from pipeline.texts.incoming import take_text
    from schemas.errors import Transient, WrongCommand
    from workers.intake.texts import TextUnreadable, read_text

    router = APIRouter()
    guard = make_guard(system.settings.text_secrets(), BODY_LIMIT, by_password=True)

    @router.post("/texts/incoming/{account}")
    def take(account: str, request: Request, body: Annotated[Entry, Depends(guard)]) -> Response:
        if isinstance(body, PlainTextResponse):
            return body
        try:
            incoming = read_text(body, request.headers.get("content-type", ""))
            with system.engine.connect() as conn:
                owner = find_account(conn, account)
            take_text(system.tools, owner, incoming)
        except TextUnreadable as error:
            return PlainTextResponse(f"{error}\n", 400)
        except WrongCommand:
            return PlainTextResponse("There is no such account.\n", 404)
        except Transient:
            return PlainTextResponse("Not now; tell it again.\n", 503)
        # Without a body: gateways send the words of an answer on to the shopper.
        return Response(status_code=204)

    return router
