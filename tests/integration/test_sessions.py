"""Sessions on the database for real: their limits, who keeps one alive, and what their errors may not say."""

import time

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from infra import watched
from infra.database import make_engine
from pipeline import checkpoints, wakefulness
from schemas.roles import Role
from tests.running import Running

pytestmark = pytest.mark.services


def test_sessions_have_limits_that_a_rollback_does_not_lift(system: Running) -> None:
    engine = make_engine(system.system.services.database_url, "a test", Role.READER)
    wanted = {"statement_timeout": "1min", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "1min"}
    wanted |= {"idle_session_timeout": "1min", "client_connection_check_interval": "1s", "tcp_keepalives_idle": "15"}
    wanted |= {"transaction_timeout": "15min", "TimeZone": "UTC", "application_name": "a test"}
    wanted |= {"role": "personas_reader"}
    with engine.connect() as connection:
        for _ in range(2):
            found = {name: connection.scalar(text("SELECT current_setting(:name)"), {"name": name}) for name in wanted}
            assert found == wanted
            connection.rollback()
    engine.dispose()


def test_errors_hide_parameters(system: Running) -> None:
    engine = make_engine(
        system.system.services.database_url.replace("postgresql://", "postgresql+psycopg://"), "a test", None
    )
    with engine.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text("SELECT 1 / 0 WHERE :secret = 'jane@example.com'"), {"secret": "jane@example.com!"})
    assert "!" not in str(caught.value)
    engine.dispose()


def test_a_session_lives_as_long_as_its_process_shows_it(system: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakefulness, "EVERY_SECONDS", 0.1)
    engine = make_engine(system.system.services.database_url, "a test", Role.WORKER)
    with engine.connect() as connection:
        connection.execute(text("SET idle_session_timeout = '400ms'"))
        connection.commit()
        with wakefulness.awake(connection):
            time.sleep(0.8)
        connection.execute(text("SELECT 1"))
        connection.commit()
        time.sleep(0.8)
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))
    engine.dispose()


def test_a_copy_that_stands_still_is_ended(system: Running) -> None:
    """None of the database's own limits ends it: its session is at work, but for a client that sends nothing."""
    url = system.system.services.database_url
    with psycopg.connect(url, application_name="personas worker") as frozen:
        frozen.execute("CREATE TEMPORARY TABLE numbers (a integer)")
        copying = frozen.cursor().copy("COPY numbers FROM STDIN")
        copy = copying.__enter__()
        copy.write_row((1,))
        with system.system.engine.begin() as conn:
            assert checkpoints.end_frozen(conn, 300) == 0
            time.sleep(0.1)
            assert checkpoints.end_frozen(conn, 0) == 1
        with pytest.raises(psycopg.errors.AdminShutdown):
            copying.__exit__(None, None, None)


def test_a_long_statement_is_waited_for(system: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its session is asked about on a second connection, and found at work."""
    monkeypatch.setattr(watched, "SILENCE_SECONDS", 0.1)
    engine = make_engine(system.system.services.database_url, "a test", Role.WORKER)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1 FROM pg_sleep(0.8)")).scalar_one() == 1
    engine.dispose()
