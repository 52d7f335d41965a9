"""How Alembic connects: one lock against a second migration, short waits for tables in use. Owns no steps."""

from functools import partial

from alembic import context
from psycopg import connect
from sqlalchemy import create_engine, pool, text

from infra.sessions import read_address
from schemas.tables import metadata

_LOCK = 7_221_001


def run() -> None:
    """Migrate, as `infra.migrations.upgrade` asks."""
    address = read_address(context.config.attributes["database_url"])
    engine = create_engine("postgresql+psycopg://", creator=partial(connect, address), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.commit()
        context.configure(connection=connection, target_metadata=metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
        connection.commit()
    engine.dispose()


run()
