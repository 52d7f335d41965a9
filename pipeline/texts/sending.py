"""The life of a scheduled text: reserved, then sent, unknown or cancelled. Owns the moves; never talks to a gateway.

A sender reserves (`claim_due`), commits, calls the gateway and settles (`mark_sent`, `mark_unknown`). Whatever dies in
between leaves a reserved text behind, which `give_up` closes as unknown: a text is never sent a second time by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from pipeline.sql import statement
from pipeline.texts.quiet_hours import next_send_time

# Texts that turn out to be unwanted or out of hours free the way for others, but one claim must stay short.
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class DueText:
    """One text that its claimer must send now: it asks, or answers a STOP. The phone is for the gateway alone."""

    id: int
    account_id: int
    persona_id: int
    phone: str
    is_answer: bool = False


@contextmanager
def begin_sending(engine: Engine) -> Iterator[Connection]:
    """A transaction of the sender, who alone looks at all accounts."""
    with engine.begin() as conn:
        conn.execute(statement("texts", "as_sender"))
        yield conn


def claim_due(conn: Connection, now: datetime, limit: int) -> list[DueText]:
    """Reserve at most `limit` texts that are due; the caller commits before it sends any of them.

    Each is judged anew: the persona is active, still has this number and has neither agreed nor refused, and the
    account still asks; otherwise the text is cancelled. Where it is night by now, it is put off until the morning.
    Answers to STOP go first, whatever the hour.
    """
    answers = conn.execute(statement("texts", "lock_answers"), {"limit": limit}).all()
    if claimed := _reserve(conn, answers, now):
        return claimed
    for _ in range(_ROUNDS):
        rows = conn.execute(statement("texts", "lock_due"), {"now": now, "limit": limit}).all()
        if not rows:
            # They stand in nobody's way, so looking for them can wait until nothing else is due.
            conn.execute(statement("texts", "cancel_ownerless"), {"now": now})
        claimed = _sort(conn, rows, now)
        if claimed or not rows:
            return claimed
    return []


def mark_sent(conn: Connection, text_id: int, gateway_id: str, now: datetime) -> bool:
    """The gateway took the text. False: it was not reserved, so nothing has changed."""
    facts = {"text_id": text_id, "gateway_id": gateway_id, "now": now}
    return conn.execute(statement("texts", "sent"), facts).rowcount == 1


def mark_unknown(conn: Connection, text_id: int, now: datetime) -> bool:
    """The gateway's answer is unclear. False: the text was not reserved, so nothing has changed."""
    return conn.execute(statement("texts", "unknown"), {"text_id": text_id, "now": now}).rowcount == 1


def give_up(conn: Connection, reserved_before: datetime, now: datetime) -> int:
    """Close texts whose sender must have died: reserved before this moment and never settled. Returns how many."""
    facts = {"reserved_before": reserved_before, "now": now}
    return conn.execute(statement("texts", "give_up"), facts).rowcount


def cancel_waiting(conn: Connection, account_id: int, persona_id: int) -> int:
    """Cancel what asks a persona and is scheduled; returns how many. A reserved text is on its way and stays."""
    facts = {"account_id": account_id, "persona_id": persona_id}
    return conn.execute(statement("texts", "cancel_of_persona"), facts).rowcount


def _reserve(conn: Connection, answers: Any, now: datetime) -> list[DueText]:
    send = [DueText(row.id, row.account_id, row.persona_id, row.phone, True) for row in answers if row.wanted]
    cancel = [row.id for row in answers if not row.wanted]
    if cancel:
        conn.execute(statement("texts", "cancel"), {"ids": cancel, "now": now})
    if send:
        conn.execute(statement("texts", "reserve"), {"ids": [text.id for text in send], "now": now})
    return send


def _sort(conn: Connection, rows: Any, now: datetime) -> list[DueText]:
    send, cancel, later = [], [], {}
    for row in rows:
        moment = next_send_time(row.phone, now, row.timezone) if row.wanted else None
        if moment is None:
            cancel.append(row.id)
        elif moment > now:
            later[row.id] = moment
        else:
            send.append(DueText(row.id, row.account_id, row.persona_id, row.phone))
    if cancel:
        conn.execute(statement("texts", "cancel"), {"ids": cancel, "now": now})
    if later:
        conn.execute(statement("texts", "postpone"), {"ids": list(later), "send_ats": list(later.values())})
    if send:
        conn.execute(statement("texts", "reserve"), {"ids": [text.id for text in send], "now": now})
    return send
