"""A PostgreSQL for the texts alone, of which every test leaves nothing behind."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, insert

from infra.embedded import postgres
from pipeline.work import Account
from schemas import tables
from tests.unit.texts.outbox import AddPersona, make_account


@pytest.fixture(scope="session")
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
