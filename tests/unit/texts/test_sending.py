"""Sending against a real PostgreSQL: what is due is looked at again, and reserved, and sent at most once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, update

from pipeline.texts.sending import cancel_waiting, claim_due, give_up, mark_sent, mark_unknown
from pipeline.work import Account
from schemas import tables
from tests.unit.texts.outbox import (
    LOS_ANGELES,
    NEW_YORK,
    NOON,
    AddPersona,
    make_account,
    only_text,
    rows,
    run_import,
    texts,
)

pytestmark = pytest.mark.services

NIGHT = datetime(2025, 7, 2, 4, tzinfo=UTC)  # midnight in New York


def test_claim_reserves_what_is_due_and_nothing_twice(conn: Connection, account: Account, add: AddPersona) -> None:
    run_import(conn, account, 1, add(NEW_YORK), add(LOS_ANGELES), add("+12125550124"))
    assert claim_due(conn, NOON - timedelta(seconds=1), 10) == []
    first, second, third = (claim_due(conn, NOON, 2), claim_due(conn, NOON, 2), claim_due(conn, NOON, 2))
    assert [len(claim) for claim in (first, second, third)] == [2, 1, 0]
    assert {text.phone for text in (*first, *second)} == {NEW_YORK, LOS_ANGELES, "+12125550124"}
    assert {state for _, _, state in rows(conn)} == {"sending"}


@pytest.mark.parametrize(
    "change",
    [
        {"sms_consent": "opted_out"},
        {"sms_consent": "opted_in"},
        {"status": "archived"},
        {"phone": LOS_ANGELES},
        {"phone": None, "email": "a@example.com"},
    ],
)
def test_claim_looks_again_at_the_persona(
    conn: Connection, account: Account, add: AddPersona, change: dict[str, Any]
) -> None:
    run_import(conn, account, 1, add(NEW_YORK))
    conn.execute(update(tables.personas).values(change))
    assert claim_due(conn, NOON, 10) == []
    assert rows(conn) == [(NEW_YORK, 1, "cancelled")]


def test_claim_obeys_an_account_that_no_longer_asks(conn: Connection, account: Account, add: AddPersona) -> None:
    run_import(conn, account, 1, add(NEW_YORK))
    conn.execute(update(tables.accounts).values(double_opt_in="never"))
    assert claim_due(conn, NOON, 10) == []
    assert rows(conn) == [(NEW_YORK, 1, "cancelled")]


def test_text_of_a_forgotten_persona_is_cancelled(conn: Connection, account: Account, add: AddPersona) -> None:
    run_import(conn, account, 1, add(NEW_YORK))
    conn.execute(tables.personas.delete())
    assert claim_due(conn, NOON, 10) == []
    assert rows(conn) == [(NEW_YORK, 1, "cancelled")]


def test_late_sender_waits_for_the_morning(conn: Connection, account: Account, add: AddPersona) -> None:
    run_import(conn, account, 1, add(NEW_YORK))
    assert claim_due(conn, NIGHT, 10) == []
    assert only_text(conn).state == "scheduled"
    assert only_text(conn).send_at == NIGHT + timedelta(hours=8)


def test_unwanted_texts_do_not_hide_others_from_a_small_claim(
    conn: Connection, account: Account, add: AddPersona
) -> None:
    people = [add(f"+1212555{number:04d}") for number in range(6)]
    run_import(conn, account, 1, *people)
    conn.execute(update(tables.personas).where(tables.personas.c.id != people[-1]).values(status="archived"))
    assert [text.persona_id for text in claim_due(conn, NOON, 1)] == [people[-1]]


def test_reserved_text_is_not_cancelled_and_settles_once(conn: Connection, account: Account, add: AddPersona) -> None:
    who = add(NEW_YORK)
    run_import(conn, account, 1, who)
    (text,) = claim_due(conn, NOON, 10)
    assert cancel_waiting(conn, account.id, who) == 0
    assert mark_sent(conn, text.id, "g1", NOON)
    assert not mark_sent(conn, text.id, "g2", NOON)
    assert not mark_unknown(conn, text.id, NOON)
    assert (only_text(conn).state, only_text(conn).gateway_id) == ("sent", "g1")


def test_text_of_a_dead_sender_becomes_unknown_and_is_not_sent_again(
    conn: Connection, account: Account, add: AddPersona
) -> None:
    run_import(conn, account, 1, add(NEW_YORK))
    (text,) = claim_due(conn, NOON, 10)
    later = NOON + timedelta(minutes=10)
    assert give_up(conn, NOON, later) == 0
    assert give_up(conn, later, later) == 1
    assert only_text(conn).state == "unknown"
    assert claim_due(conn, later, 10) == []
    # The gateway's report came after all.
    assert mark_sent(conn, text.id, "g1", later)
    assert only_text(conn).state == "sent"


def test_claim_skips_what_another_transaction_holds(engine: Engine) -> None:
    with engine.connect() as one, engine.connect() as two:
        account = make_account(one, "held")
        row = {"account_id": account.id, "phone": NEW_YORK}
        who = one.execute(insert(tables.personas).values(row).returning(tables.personas.c.id)).scalar_one()
        run_import(one, account, 1, who)
        one.commit()
        one.execute(update(tables.personas).where(tables.personas.c.id == who).values(sms_consent="opted_out"))
        assert claim_due(two, NOON, 10) == []
        one.commit()
        assert claim_due(two, NOON, 10) == []
        assert rows(two) == [(NEW_YORK, 1, "cancelled")]
        two.rollback()
        for table in (texts, tables.outcomes, tables.audiences, tables.personas, tables.accounts):
            two.execute(table.delete())
        two.commit()
