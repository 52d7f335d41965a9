"""What a shopper's text does: STOP, START and YES. Owns who may say what with which effect; knows no gateway.

Kept are ids and what was meant; the word itself stands with the change of consent that it made, the number nowhere.
"""

from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Connection

from pipeline.personas.consent import shopper_start, shopper_stop
from pipeline.personas.contention import carry_out
from pipeline.personas.naming import State, lock_persona, name_persona
from pipeline.rows.cleaning import clean, clean_key
from pipeline.rows.phones import read_phone
from pipeline.sql import statement
from pipeline.texts.words import read_meaning
from pipeline.work import Account, Tools
from schemas.errors import WrongCommand
from schemas.states import Consent, Meaning

log = structlog.get_logger()

#: More of a word is no better evidence.
_EVIDENCE = 160


@dataclass(frozen=True, slots=True)
class IncomingText:
    """One text as its gateway tells of it; `message_id` is the gateway's own. Number and words stay out of logs."""

    gateway: str
    message_id: str
    phone: str = field(repr=False)
    text: str = field(repr=False)


def take_text(tools: Tools, account: Account, incoming: IncomingText) -> Meaning | None:
    """Do what a text says and remember that it was done, in one transaction; None for one that was told before.

    Raises `Transient` if an import is at work on the persona for too long: then nothing has happened.
    """
    return carry_out(tools.engine, lambda conn: _take(conn, tools, account, incoming))


def _take(conn: Connection, tools: Tools, account: Account, incoming: IncomingText) -> Meaning | None:
    meaning = read_meaning(incoming.text)
    told = {"gateway": incoming.gateway, "message_id": incoming.message_id, "meaning": meaning}
    incoming_id = conn.execute(statement("texts", "take_in"), {"account_id": account.id, **told}).scalar_one_or_none()
    if incoming_id is None:
        return None
    phone = _read_number(incoming.phone, account.region)
    sender = _lock_sender(conn, account, phone)
    took_effect = False
    if sender is not None and phone is not None:
        took_effect = _act(conn, account, sender, phone, meaning, _evidence(incoming.text))
        facts: dict[str, Any] = {"incoming_id": incoming_id, "persona_id": sender["id"], "took_effect": took_effect}
        conn.execute(statement("texts", "note_sender"), facts)
        if meaning == Meaning.STOP and took_effect:
            answer = {"account_id": account.id, "phone": phone, "now": tools.clock()}
            conn.execute(statement("texts", "answer"), {**facts, **answer})
    log.info("text_taken", incoming_id=incoming_id, account_id=account.id, meaning=meaning, took_effect=took_effect)
    return meaning


def _act(  # noqa: PLR0917
    conn: Connection, account: Account, sender: State, phone: str, meaning: Meaning, raw: str
) -> bool:
    """The effect on whoever answers for the number; whether anything is other than before."""
    if meaning == Meaning.STOP:
        return shopper_stop(conn, account.id, sender["id"], "sms", raw)
    if meaning not in (Meaning.START, Meaning.YES) or sender["phone"] != phone:
        # A yes is given for the number that it comes from, never for another one of whoever answers for it.
        return False
    if meaning == Meaning.YES and not _may_say_yes(conn, account, sender, phone):
        return False
    return shopper_start(conn, account.id, sender["id"], "sms", raw)


def _may_say_yes(conn: Connection, account: Account, sender: State, phone: str) -> bool:
    """Whether YES answers something of ours: a question that is open, a text, or the shopper's own STOP."""
    if sender["sms_consent"] == Consent.PENDING or sender["sms_withheld"]:
        return True
    facts = {"account_id": account.id, "phone": phone}
    return bool(conn.execute(statement("texts", "was_asked"), facts).scalar_one())


def _evidence(text: str) -> str:
    """The word as it came, as far as the database can hold it."""
    return clean(text).encode("utf-8", "replace").decode()[:_EVIDENCE]


def _read_number(text: str, region: str) -> str | None:
    """Gateways send the international form, some without its plus."""
    digits = clean_key(text)
    return read_phone(digits, region)[0] or read_phone(f"+{digits}", region)[0]


def _lock_sender(conn: Connection, account: Account, phone: str | None) -> State | None:
    """Whoever answers for a number, held to the end of the transaction; None if it is nobody's."""
    while phone is not None:
        try:
            state = lock_persona(conn, account, phone)
            # Between the look and the lock the number may have gone to somebody else.
            if name_persona(conn, account, phone).answering == state["id"]:
                return state
        except WrongCommand:
            break
    return None
