"""What each role of the database may do, tried as that role on the real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from infra.database import make_engine
from infra.embedded import postgres
from infra.migrations import upgrade
from infra.roles import missing_roles
from infra.sessions import RoleRefused
from schemas.roles import Role
from schemas.tables import metadata
from tests.running import Running

pytestmark = pytest.mark.services

_TABLES = sorted(metadata.tables)


@pytest.fixture(scope="module")
def as_role(system: Running) -> Iterator[dict[Role, Engine]]:
    engines = {role: make_engine(system.system.services.database_url, "a test", role) for role in Role}
    yield engines
    for engine in engines.values():
        engine.dispose()


def refused(engine: Engine, statement: str) -> bool:
    """Whether the server says that this role may not."""
    with engine.connect() as conn:
        try:
            conn.execute(text(statement))
        except ProgrammingError as error:
            if isinstance(error.orig, InsufficientPrivilege):
                return True
            raise
        conn.rollback()
    return False


@pytest.mark.parametrize("table", ["ledger", "consent_events"])
@pytest.mark.parametrize("act", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}"])
def test_workers_can_neither_change_nor_delete_what_was_written_down(
    as_role: dict[Role, Engine], table: str, act: str
) -> None:
    assert refused(as_role[Role.WORKER], act.format(table))


@pytest.mark.parametrize("act", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}"])
def test_nobody_rewrites_consent(as_role: dict[Role, Engine], act: str) -> None:
    assert all(refused(engine, act.format("consent_events")) for engine in as_role.values())


def test_staff_moves_and_deletes_ledger_lines_and_changes_no_delta(as_role: dict[Role, Engine]) -> None:
    staff = as_role[Role.STAFF]
    assert not refused(staff, "UPDATE ledger SET persona_id = 1, booked_to = 2 WHERE false")
    assert not refused(staff, "DELETE FROM ledger WHERE false")
    assert refused(staff, "UPDATE ledger SET delta = 1")


def test_nobody_reads_the_blocklist(as_role: dict[Role, Engine]) -> None:
    for role, engine in as_role.items():
        for column in ("hash", "account_id", "created_at"):
            assert refused(engine, f"SELECT {column} FROM blocklist"), role
        assert refused(engine, "SELECT hash FROM unblocks"), role


def test_workers_and_staff_ask_whether_one_is_on_the_blocklist(system: Running, as_role: dict[Role, Engine]) -> None:
    with system.system.engine.begin() as conn:
        conn.execute(text("INSERT INTO blocklist (account_id, hash) VALUES (-1, 'one'), (-1, 'three'), (-2, 'two')"))
    ask = text("SELECT on_blocklist(-1, ARRAY[7, 8, 9, 10], ARRAY['zero', 'one', 'two', 'three']::bytea[])")
    for role in (Role.WORKER, Role.STAFF):
        with as_role[role].connect() as conn:
            assert sorted(conn.execute(ask).scalars()) == [8, 10]
            assert conn.scalar(text("SELECT blocklist_in_use(-2)"))
            assert not conn.scalar(text("SELECT blocklist_in_use(-3)"))
    for role in (Role.READER, Role.SENDER):
        assert refused(as_role[role], str(ask))
    assert refused(as_role[Role.WORKER], "SELECT take_off_blocklist(-1, 'one')")


@pytest.mark.parametrize("table", _TABLES)
def test_a_reader_changes_nothing(as_role: dict[Role, Engine], table: str) -> None:
    column = metadata.tables[table].columns.keys()[0]
    for act in (f"INSERT INTO {table} DEFAULT VALUES", f"UPDATE {table} SET {column} = NULL", f"DELETE FROM {table}"):
        assert refused(as_role[Role.READER], act)
    assert refused(as_role[Role.READER], "CREATE TABLE staging.mine ()")


def test_a_reader_sees_what_the_import_stages_hold(system: Running, as_role: dict[Role, Engine]) -> None:
    planned = system.run_here(system.make_account(), b"Phone\n4155552671\n", dry_run=True)
    assert not refused(as_role[Role.READER], f"SELECT * FROM staging.plan_{planned['import_id']}")


@pytest.mark.parametrize("role", list(Role))
def test_no_role_makes_or_changes_tables(as_role: dict[Role, Engine], role: Role) -> None:
    for act in ("CREATE TABLE mine ()", "ALTER TABLE personas ADD mine text", "DROP TABLE personas", "CREATE SCHEMA x"):
        assert refused(as_role[role], act)


def test_the_sender_sees_no_name(as_role: dict[Role, Engine]) -> None:
    assert not refused(as_role[Role.SENDER], "SELECT id, phone, sms_consent FROM personas")
    for column in ("first_name", "full_name", "email", "birthday", "address", "attributes", "points"):
        assert refused(as_role[Role.SENDER], f"SELECT {column} FROM personas")
    assert refused(as_role[Role.SENDER], "UPDATE personas SET sms_consent = 'opted_in'")
    assert refused(as_role[Role.SENDER], "SELECT FROM ledger")


def test_a_login_of_its_own_can_take_its_role_alone(system: Running) -> None:
    with system.system.engine.begin() as conn:
        conn.execute(text("CREATE ROLE hired LOGIN PASSWORD 'hired' IN ROLE personas_worker"))
    url = make_url(system.system.services.database_url).set(username="hired", password="hired")
    for role, may in ((Role.WORKER, True), (Role.SENDER, True), (Role.STAFF, False), (Role.READER, False)):
        engine = make_engine(url.render_as_string(hide_password=False), "a test", role)
        if may:
            assert refused(engine, "DELETE FROM ledger")
        else:
            with pytest.raises(RoleRefused):
                engine.connect()
        engine.dispose()


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[str]:
    """A server of which no database has been migrated yet."""
    yield postgres.start(tmp_path).url
    postgres.stop(tmp_path)


def test_a_login_that_may_make_no_roles_is_told_what_to_type(bare: str) -> None:
    """It owns its database and nothing else, as on servers that are run by others."""
    superuser = make_engine(bare, "a test", None).execution_options(isolation_level="AUTOCOMMIT")
    with superuser.connect() as conn:
        conn.execute(text("CREATE ROLE plain LOGIN PASSWORD 'plain'"))
        conn.execute(text("CREATE DATABASE lent OWNER plain"))
        url = make_url(bare).set(username="plain", password="plain", database="lent")
        lent = url.render_as_string(hide_password=False)
        with pytest.raises(RoleRefused) as told:
            upgrade(lent)
        for command in str(told.value).rpartition(": ")[2].split(";")[:-1]:
            conn.execute(text(command))
    superuser.dispose()
    upgrade(lent)
    staff, worker = (make_engine(lent, "a test", role) for role in (Role.STAFF, Role.WORKER))
    with staff.begin() as conn:
        assert missing_roles(conn) == []
        conn.execute(text("INSERT INTO blocklist (account_id, hash) VALUES (1, 'one')"))
    with worker.connect() as conn:
        asked = text("SELECT on_blocklist(1, ARRAY[5, 6], ARRAY['zero', 'one']::bytea[])")
        assert conn.scalars(asked).all() == [6]
    with staff.begin() as conn:
        assert conn.scalar(text("SELECT take_off_blocklist(1, 'one')"))
        assert not conn.scalar(text("SELECT blocklist_in_use(1)"))
    for engine in (staff, worker):
        engine.dispose()
