"""Imports as the scheduling of texts sees them: an account, an audience, waiting texts. Owns no expectations."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from pipeline.texts.schedule import schedule_texts
from pipeline.texts.sending import claim_due, mark_sent
from pipeline.work import Account
from schemas import tables

NOON = datetime(2025, 7, 1, 16, tzinfo=UTC)  # in New York; 9:00 in Los Angeles
NEW_YORK, LOS_ANGELES, FIXED_LINE = "+12125550123", "+13105550123", "+442079460958"

#: Makes a persona with a phone and other values; its id.
AddPersona = Callable[..., int]
texts = tables.double_opt_in_texts


def make_account(conn: Connection, name: str) -> Account:
    account_id = conn.execute(
        insert(tables.accounts).values(name=name, double_opt_in="after_import").returning(tables.accounts.c.id)
    ).scalar_one()
    return Account(account_id, name, "US", "America/New_York", "after_import", False, None)


def run_import(conn: Connection, account: Account, import_id: int, *persona_ids: int, now: datetime = NOON) -> int:
    values = {"account_id": account.id, "import_id": import_id, "name": f"import {import_id}"}
    conn.execute(insert(tables.audiences).values(values))
    rows = [
        {"import_id": import_id, "line": line, "persona_id": persona_id, "outcome": "created"}
        for line, persona_id in enumerate(persona_ids, 2)
    ]
    conn.execute(insert(tables.outcomes), rows)
    return schedule_texts(conn, import_id, account, now)


def rows(conn: Connection) -> list[tuple[str, int, str]]:
    found = conn.execute(select(texts.c.phone, texts.c.attempt, texts.c.state).order_by(texts.c.phone, texts.c.attempt))
    return [tuple(row) for row in found]


def only_text(conn: Connection) -> Row[Any]:
    return conn.execute(select(texts)).one()


def send_all(conn: Connection, now: datetime = NOON) -> None:
    for text in claim_due(conn, now, 100):
        assert mark_sent(conn, text.id, f"g{text.id}", now)
