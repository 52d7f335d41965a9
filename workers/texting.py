"""Sends what is due: reserve and commit, then the gateway, then what it said. Owns the order, not the states."""

from datetime import timedelta

import structlog

from infra.gateway import Gateway, LogGateway
from pipeline.texts.sending import DueText, begin_sending, claim_due, give_up, mark_sent, mark_unknown
from pipeline.work import Tools

log = structlog.get_logger()

BODY = "Reply YES to get texts about your points and offers, STOP to get none."
ANSWER_TO_STOP = "You will get no more texts from us. Reply START to get them again."
_AT_ONCE = 100
#: A reserved text whose sender has not come back by then is unknown, and never sent again by itself.
_GIVEN_UP_AFTER = timedelta(minutes=10)


def send_due(tools: Tools, gateway: Gateway | None = None) -> int:
    """Send the texts that are due now; how many were reserved."""
    gateway = gateway or LogGateway()
    with begin_sending(tools.engine) as conn:
        give_up(conn, tools.clock() - _GIVEN_UP_AFTER, tools.clock())
        due = claim_due(conn, tools.clock(), _AT_ONCE)
    for text in due:
        _send(tools, gateway, text)
    return len(due)


def _send(tools: Tools, gateway: Gateway, text: DueText) -> None:
    try:
        gateway_id = gateway.send(text.id, text.phone, ANSWER_TO_STOP if text.is_answer else BODY)
    except Exception as error:  # noqa: BLE001 - whatever it is, the outcome is unclear
        # Not sent, or sent and the answer lost: nobody knows, so nobody tries again.
        log.warning("text_unknown", text_id=text.id, error=type(error).__name__)
        with begin_sending(tools.engine) as conn:
            mark_unknown(conn, text.id, tools.clock())
        return
    with begin_sending(tools.engine) as conn:
        mark_sent(conn, text.id, gateway_id, tools.clock())
