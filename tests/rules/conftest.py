"""A fresh account for each test of the rules, where no clock but the test's own ticks."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, make_url, text

from infra.migrations import upgrade
from tests.rules.shop import Shop
from tests.running import Running, open_running

NAME = "rules"


@pytest.fixture(scope="package")
def system(system: Running) -> Iterator[Running]:
    """A database and a bucket of their own: other tests' workers would send what is due by the real clock."""
    services = system.system.services
    assert services.postgres is not None
    url = make_url(services.database_url).set(drivername="postgresql+psycopg")
    owner = create_engine(url, isolation_level="AUTOCOMMIT")
    with owner.connect() as conn:
        conn.execute(text(f"CREATE DATABASE {NAME}"))
    owner.dispose()
    own = make_url(services.database_url).set(database=NAME).render_as_string(hide_password=False)
    upgrade(own)
    services = replace(
        services, postgres=replace(services.postgres, url=own), object_store=replace(services.store, bucket=NAME)
    )
    services.store.connect().ensure_bucket()
    running = open_running(system.system.settings, services)
    yield running
    running.close()


@pytest.fixture
def shop(system: Running) -> Shop:
    return Shop(system)
