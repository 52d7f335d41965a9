"""Scheduling against a real PostgreSQL: who is asked, when, and at most twice per number."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, update

from pipeline.texts import schedule
from pipeline.texts.schedule import earliest_time, schedule_texts
from pipeline.texts.sending import cancel_waiting, claim_due, mark_unknown
from pipeline.work import Account
from schemas import tables
from tests.unit.texts.outbox import (
    FIXED_LINE,
    LOS_ANGELES,
    NEW_YORK,
    NOON,
    AddPersona,
    make_account,
    only_text,
    rows,
    run_import,
    send_all,
)

pytestmark = pytest.mark.services


@pytest.mark.parametrize(
    ("phone", "values", "expected"),
    [
        (NEW_YORK, {}, 1),
        (NEW_YORK, {"sms_consent": "pending"}, 1),
        (NEW_YORK, {"sms_consent": "opted_in"}, 0),
        (NEW_YORK, {"sms_consent": "opted_out", "sms_withheld": True}, 0),
        (NEW_YORK, {"status": "archived"}, 0),
        (NEW_YORK, {"status": "merged", "merged_into": 1, "survivor_id": 1}, 0),
        (None, {"email": "a@example.com"}, 0),
        (FIXED_LINE, {}, 0),
    ],
)
def test_who_is_asked(
    conn: Connection, account: Account, add: AddPersona, phone: str, values: dict[str, Any], expected: int
) -> None:
    assert run_import(conn, account, 1, add(phone, **values)) == expected
    assert len(rows(conn)) == expected


def test_text_is_due_in_the_hours_of_the_recipient(conn: Connection, account: Account, add: AddPersona) -> None:
    run_import(conn, account, 1, add(LOS_ANGELES), now=datetime(2025, 7, 1, 13, tzinfo=UTC))
    assert only_text(conn).send_at == datetime(2025, 7, 1, 15, tzinfo=UTC)


def test_never_is_never(conn: Connection, account: Account, add: AddPersona) -> None:
    silent = Account(account.id, "shop", "US", "America/New_York", "never", False, None)
    assert run_import(conn, silent, 1, add(NEW_YORK)) == 0


def test_personas_outside_of_the_audience_and_other_accounts_are_left_alone(
    conn: Connection, account: Account, add: AddPersona
) -> None:
    mine, other = add(NEW_YORK), make_account(conn, "other")
    add(LOS_ANGELES)
    assert run_import(conn, account, 1, mine) == 1
    assert schedule_texts(conn, 1, other, NOON) == 0
    assert rows(conn) == [(NEW_YORK, 1, "scheduled")]


def test_an_import_schedules_once_however_often_it_is_run(conn: Connection, account: Account, add: AddPersona) -> None:
    assert run_import(conn, account, 1, add(NEW_YORK)) == 1
    assert schedule_texts(conn, 1, account, NOON) == 0
    send_all(conn)
    assert schedule_texts(conn, 1, account, NOON) == 0


def test_one_waits_at_a_time_and_two_is_the_end(conn: Connection, account: Account, add: AddPersona) -> None:
    who = add(NEW_YORK)
    assert [run_import(conn, account, number, who) for number in (1, 2)] == [1, 0]
    send_all(conn)
    assert [run_import(conn, account, number, who) for number in (3, 4)] == [1, 0]
    send_all(conn)
    assert run_import(conn, account, 5, who) == 0
    assert rows(conn) == [(NEW_YORK, 1, "sent"), (NEW_YORK, 2, "sent")]


def test_number_keeps_its_count_when_it_goes_to_another_persona(
    conn: Connection, account: Account, add: AddPersona
) -> None:
    first = add(NEW_YORK)
    for number in (1, 2):
        run_import(conn, account, number, first)
        send_all(conn)
    conn.execute(update(tables.personas).values(phone=LOS_ANGELES))
    assert run_import(conn, account, 3, add(NEW_YORK)) == 0


def test_cancelled_text_frees_its_place(conn: Connection, account: Account, add: AddPersona) -> None:
    who = add(NEW_YORK)
    for number in (1, 2, 3):
        assert run_import(conn, account, number, who) == 1
        assert cancel_waiting(conn, account.id, who) == 1
        assert only_text(conn).ended_at is not None
    assert run_import(conn, account, 4, who) == 1
    assert rows(conn) == [(NEW_YORK, 1, "scheduled")]
    assert only_text(conn).import_id == 4
    assert only_text(conn).ended_at is None


def test_unclear_text_counts_as_sent(conn: Connection, account: Account, add: AddPersona) -> None:
    who = add(NEW_YORK)
    for number in (1, 2):
        run_import(conn, account, number, who)
        (text,) = claim_due(conn, NOON, 10)
        assert mark_unknown(conn, text.id, NOON)
    assert run_import(conn, account, 3, who) == 0


def test_pages_cover_the_whole_audience(
    conn: Connection, account: Account, add: AddPersona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "PAGE", 3)
    people = [
        add(f"+1212555{number:04d}" if number % 4 else FIXED_LINE[:-1] + str(number // 4)) for number in range(20)
    ]
    assert run_import(conn, account, 1, *people) == 15


@pytest.mark.parametrize(
    ("setting", "now", "expected"),
    [
        ("never", "2025-07-01 12:00", None),
        ("after_import", "2025-07-01 12:00", "2025-07-01 12:00"),
        ("10:30", "2025-07-01 14:30", "2025-07-01 14:30"),
        ("10:30", "2025-07-01 14:31", "2025-07-02 14:30"),
        ("10:30", "2025-07-01 01:00", "2025-07-01 14:30"),
        ("00:15", "2025-07-01 03:50", "2025-07-01 04:15"),
        # The clock jumps over 2:30 on this day; 3:30 is meant.
        ("02:30", "2025-03-09 05:00", "2025-03-09 07:30"),
    ],
)
def test_earliest_time(setting: str, now: str, expected: str | None) -> None:
    moment = earliest_time(setting, "America/New_York", datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert moment == (expected and datetime.fromisoformat(expected).replace(tzinfo=UTC))


def test_other_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        earliest_time("sometimes", "America/New_York", NOON)
