"""The migrated database and the tables of `schemas` are the same."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.schema import CreateSchema

from infra.migrations import upgrade
from schemas.tables import metadata
from tests.running import Running

pytestmark = pytest.mark.services

_CHECKS = """
SELECT conrelid::regclass::text AS "table", conname, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2
"""
_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
_OPTIONS = """
SELECT relname, reloptions FROM pg_class
WHERE reloptions IS NOT NULL AND relnamespace = 'public'::regnamespace ORDER BY 1
"""


def test_migrations_give_the_tables_of_the_schema(system: Running) -> None:
    with system.system.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_constraints_and_indexes_are_the_same_as_of_a_fresh_schema(system: Running) -> None:
    url = make_url(system.system.services.database_url).set(drivername="postgresql+psycopg")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(text("DROP DATABASE IF EXISTS fresh"))
        conn.execute(text("CREATE DATABASE fresh"))
    admin.dispose()
    fresh = create_engine(url.set(database="fresh"))
    with fresh.begin() as conn:
        conn.execute(CreateSchema("staging"))
        metadata.create_all(conn)
        expected = _describe(conn)
    fresh.dispose()
    with system.system.engine.connect() as conn:
        found = _describe(conn)
    assert found == expected


def _describe(conn: Connection) -> list[list[tuple[str, ...]]]:
    kept = []
    for query in (_CHECKS, _INDEXES, _OPTIONS):
        rows = [tuple(map(str, row)) for row in conn.execute(text(query))]
        kept.append([row for row in rows if "alembic" not in row[0]])
    return kept


def test_migrating_twice_changes_nothing(system: Running) -> None:
    upgrade(system.system.services.database_url)
    test_migrations_give_the_tables_of_the_schema(system)
