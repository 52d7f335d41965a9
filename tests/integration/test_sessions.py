"""Sessions on the database for real: their limits, and what their errors may not say."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from infra.database import make_engine
from tests.running import Running

pytestmark = pytest.mark.services


def test_sessions_have_limits_that_a_rollback_does_not_lift(system: Running) -> None:
    engine = make_engine(system.system.services.database_url, "a test")
    wanted = {"statement_timeout": "1min", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "1min"}
    wanted |= {"transaction_timeout": "15min", "TimeZone": "UTC", "application_name": "a test"}
    with engine.connect() as connection:
        for _ in range(2):
            found = {name: connection.scalar(text("SELECT current_setting(:name)"), {"name": name}) for name in wanted}
            assert found == wanted
            connection.rollback()
    engine.dispose()


def test_errors_hide_parameters(system: Running) -> None:
    engine = make_engine(
        system.system.services.database_url.replace("postgresql://", "postgresql+psycopg://"), "a test"
    )
    with engine.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text("SELECT 1 / 0 WHERE :secret = 'jane@example.com'"), {"secret": "jane@example.com!"})
    assert "!" not in str(caught.value)
    engine.dispose()
