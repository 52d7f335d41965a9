"""Scheduling and sending against a real PostgreSQL: at most two texts per number, each sent at most once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Row, create_engine, insert, select, update

from infra.embedded import postgres
from pipeline.texts import schedule
from pipeline.texts.schedule import earliest_time, schedule_texts
from pipeline.texts.sending import cancel_waiting, claim_due, give_up, mark_sent, mark_unknown
from pipeline.work import Account
from schemas import tables

pytestmark = pytest.mark.services

NOON = datetime(2025, 7, 1, 16, tzinfo=UTC)  # in New York; 9:00 in Los Angeles
NIGHT = datetime(2025, 7, 2, 4, tzinfo=UTC)  # midnight in New York
NEW_YORK, LOS_ANGELES, FIXED_LINE = "+12125550123", "+13105550123", "+442079460958"

AddPersona = Callable[..., int]
texts = tables.double_opt_in_texts


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    home = tmp_path_factory.mktemp("texts")
    engine = create_engine(postgres.start(home).url)
    try:
        tables.metadata.create_all(engine)
        yield engine
    finally:
        engine.dispose()
        postgres.stop(home)


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def account(conn: Connection) -> Account:
    return make_account(conn, "shop")


@pytest.fixture
def add(conn: Connection, account: Account) -> AddPersona:
    def add_persona(phone: str | None, **values: Any) -> int:
        row = {"account_id": account.id, "phone": phone, **values}
        return int(conn.execute(insert(tables.personas).values(row).returning(tables.personas.c.id)).scalar_one())

    return add_persona


def make_account(conn: Connection, name: str) -> Account:
    account_id = conn.execute(
        insert(tables.accounts).values(name=name, double_opt_in="after_import").returning(tables.accounts.c.id)
    ).scalar_one()
    return Account(account_id, name, "US", "America/New_York", "after_import", False, None)


def run_import(conn: Connection, account: Account, import_id: int, *persona_ids: int, now: datetime = NOON) -> int:
    values = {"account_id": account.id, "import_id": import_id, "name": f"import {import_id}"}
    audience = conn.execute(insert(tables.audiences).values(values).returning(tables.audiences.c.id)).scalar_one()
    members = [{"audience_id": audience, "persona_id": persona_id} for persona_id in persona_ids]
    conn.execute(insert(tables.audience_members), members)
    return schedule_texts(conn, import_id, account, now)


def rows(conn: Connection) -> list[tuple[str, int, str]]:
    found = conn.execute(select(texts.c.phone, texts.c.attempt, texts.c.state).order_by(texts.c.phone, texts.c.attempt))
    return [tuple(row) for row in found]


def only_text(conn: Connection) -> Row[Any]:
    return conn.execute(select(texts)).one()


def send_all(conn: Connection, now: datetime = NOON) -> None:
    for text in claim_due(conn, now, 100):
        assert mark_sent(conn, text.id, f"g{text.id}", now)


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
        for table in (texts, tables.audience_members, tables.audiences, tables.personas, tables.accounts):
            two.execute(table.delete())
        two.commit()


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
