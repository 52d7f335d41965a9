"""What a worker sees of shoppers: those of the account it is at work for, and nobody's in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from pipeline.imports import confine
from tests.running import Running

pytestmark = pytest.mark.services

FILE = b"Phone,First Name,Points,SMS Opt In,attribute\n4155552671,Ann,10,yes,blue\n2125550187,Bob,5,yes,\n"
_PROTECTED = text("""
    SELECT c.relname AS "table", c.relrowsecurity AND c.relforcerowsecurity AS forced,
           EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) AS has_policy
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'account_id'
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
""")
#: All that a worker may read of shoppers.
SHOPPERS = ("personas", "audiences", "attribute_names", "double_opt_in_texts", "outcomes")


@dataclass(frozen=True, slots=True)
class Shop:
    """An account with one import that is done."""

    account_id: int
    import_id: int


@pytest.fixture(scope="module")
def shops(system: Running) -> tuple[Shop, Shop]:
    made = []
    for _ in range(2):
        name = system.make_account(double_opt_in="after_import")
        done = system.run_here(name, FILE, map={"attribute": "attribute:Colour", "SMS Opt In": "sms_opt_in"})
        assert done["status"] == "completed", done["message"]
        [row] = system.select("SELECT account_id FROM imports WHERE id = :id", id=done["import_id"])
        system.run_here(name, b"Phone\n3105550123\n")
        made.append(Shop(row["account_id"], done["import_id"]))
    return made[0], made[1]


@contextmanager
def at_work(system: Running, shop: Shop) -> Iterator[Connection]:
    with system.worker.begin() as conn:
        confine(conn, shop.account_id, shop.import_id)
        yield conn


def count(conn: Connection, table: str) -> int:
    return int(conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_every_table_of_an_account_is_protected(system: Running) -> None:
    with system.system.engine.connect() as conn:
        found = conn.execute(_PROTECTED).all()
    assert len(found) > 10
    assert [row.table for row in found if not (row.forced and row.has_policy)] == []


@pytest.mark.parametrize("table", SHOPPERS)
def test_a_worker_sees_the_shoppers_of_its_import_alone(system: Running, shops: tuple[Shop, Shop], table: str) -> None:
    with system.system.engine.connect() as conn:
        everybody = count(conn, table)
    for shop in shops:
        with at_work(system, shop) as conn:
            assert 0 < count(conn, table) < everybody
            key = "import_id" if table == "outcomes" else "account_id"
            assert set(conn.execute(text(f"SELECT {key} FROM {table}")).scalars()) == {getattr(shop, key)}


@pytest.mark.parametrize("table", [*SHOPPERS, "saved_mappings", "identity_changes"])
def test_between_two_parts_a_worker_sees_nobody(system: Running, shops: tuple[Shop, Shop], table: str) -> None:
    with system.worker.connect() as conn:
        confine(conn, shops[0].account_id, shops[0].import_id)
        conn.rollback()
        # What was set for a transaction is empty after it, and not as it was before.
        assert conn.scalar(text("SELECT current_setting('personas.account', true)")) == ""
        assert count(conn, table) == 0


def test_sweeps_see_the_imports_of_all_accounts_and_a_part_its_own(system: Running, shops: tuple[Shop, Shop]) -> None:
    with system.worker.connect() as conn:
        seen = set(conn.execute(text("SELECT account_id FROM imports")).scalars())
        assert seen >= {shop.account_id for shop in shops}
    with at_work(system, shops[0]) as conn:
        assert set(conn.execute(text("SELECT account_id FROM imports")).scalars()) == {shops[0].account_id}


def test_a_worker_changes_nobody_of_another_account(system: Running, shops: tuple[Shop, Shop]) -> None:
    own, other = shops
    with at_work(system, own) as conn:
        for table, column in (("personas", "city"), ("audiences", "name"), ("imports", "message")):
            changed = conn.execute(
                text(f"UPDATE {table} SET {column} = 'gone' WHERE account_id = :id"), {"id": other.account_id}
            )
            assert changed.rowcount == 0
        assert (
            conn.execute(
                text("UPDATE outcomes SET changes = NULL WHERE import_id = :id"), {"id": other.import_id}
            ).rowcount
            == 0
        )


@pytest.mark.parametrize(
    "smuggle",
    [
        "INSERT INTO personas (account_id, phone) VALUES (:account_id, '+13055550100')",
        "UPDATE personas SET account_id = :account_id",
        "INSERT INTO ledger (account_id, persona_id, delta, reason) VALUES (:account_id, 1, 1, 'x')",
        "INSERT INTO consent_events (account_id, persona_id, channel, old, new, actor)"
        " VALUES (:account_id, 1, 'sms', 'unknown', 'opted_in', 'file')",
        "INSERT INTO outcomes (import_id, line, outcome) VALUES (:import_id, 1000, 'rejected')",
    ],
)
def test_a_worker_writes_nothing_into_another_account(system: Running, shops: tuple[Shop, Shop], smuggle: str) -> None:
    own, other = shops
    facts = {"account_id": other.account_id, "import_id": other.import_id}
    with pytest.raises(ProgrammingError, match="row-level security"), at_work(system, own) as conn:
        conn.execute(text(smuggle), {name: value for name, value in facts.items() if f":{name}" in smuggle})
