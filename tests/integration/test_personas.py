"""Finding, showing and exporting personas, and the settings of accounts."""

import pytest
from sqlalchemy import update

from pipeline.personas import accounts, tokens
from pipeline.personas.export import export_personas
from pipeline.personas.finding import find_personas, show_persona
from pipeline.work import Account
from schemas import tables
from schemas.errors import WrongCommand
from tests.running import Running

pytestmark = pytest.mark.services

CUSTOMERS = """First Name,Last Name,Full,Phone,Email,ID,Points,Birthday,Shoe Size,State
Ada,Lovelace,,(415) 555-2671,Ada@Example.org,X-1,50,1990-01-31,38,NY
Bo,Li,,+44 20 7946 0958,,,,,,
,,Cy de la Cruz,,cy@bücher.example,,,,,
"""
MAPPED = {"Full": "full_name", "ID": "external_id", "Shoe Size": "attribute:Shoe Size"}


@pytest.fixture(scope="module")
def account(system: Running) -> Account:
    name = system.make_account()
    told = system.run_here(name, CUSTOMERS.encode(), map=MAPPED)
    assert told["status"] == "completed"
    assert told["rows"]["created"] == 3
    system.run_here(name, b"Phone,Points\n(415) 555-2671,-20\n")
    with system.system.engine.connect() as conn:
        return accounts.find_account(conn, name)


def names(system: Running, account: Account, query: str) -> list[str]:
    with system.system.engine.connect() as conn:
        return [each["first_name"] or each["full_name"] for each in find_personas(conn, account, query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("415.555.2671", ["Ada"]),
        ("+1 (415) 555-2671", ["Ada"]),
        ("ada@example.ORG", ["Ada"]),
        ("  ada   LOVELACE ", ["Ada"]),
        ("X-1", ["Ada"]),
        ("+442079460958", ["Bo"]),
        ("cy@bücher.example", ["Cy de la Cruz"]),
        ("cy DE la cruz", ["Cy de la Cruz"]),
        ("merge:ada@example.org", ["Ada"]),
        ("merge:X-1", []),
        ("Ada", []),
        ("x-1", []),
        ("415-555-9999", []),
        ("%", []),
        ("", []),
    ],
)
def test_finding(system: Running, account: Account, query: str, expected: list[str]) -> None:
    assert names(system, account, query) == expected


def test_nobody_is_found_across_accounts(system: Running, account: Account) -> None:
    with system.system.engine.connect() as conn:
        other = accounts.find_account(conn, system.make_account())
        assert find_personas(conn, other, "ada@example.org") == []
        mine = find_personas(conn, account, "ada@example.org")[0]["persona_id"]
        with pytest.raises(WrongCommand):
            show_persona(conn, other, str(mine))


def test_the_object_of_a_persona(system: Running, account: Account) -> None:
    with system.system.engine.connect() as conn:
        persona = show_persona(conn, account, "ada@example.org")
        assert show_persona(conn, account, str(persona["persona_id"])) == persona
    ledger = persona.pop("ledger")
    assert [(line["delta"], line["line"], line["reason"]) for line in ledger] == [(50, 2, None), (-20, 2, None)]
    assert all(line["import_id"] and line["at"] for line in ledger)
    assert persona == {
        "persona_id": persona["persona_id"],
        "account": account.name,
        "status": "active",
        "merged_into": None,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "full_name": None,
        "phone": "+14155552671",
        "email": "ada@example.org",
        "birthday": "1990-01-31",
        "address": None,
        "address2": None,
        "city": None,
        "state": "NY",
        "postal_code": None,
        "country": None,
        "gender": None,
        "external_id": "X-1",
        "points": 30,
        "attributes": {"Shoe Size": "38"},
        "consent": {"sms": "unknown", "email": "unknown"},
        "favorite_store": None,
        "favorite_store_source": None,
        "customer_type": None,
        "loyalty": False,
        "loyalty_signup_date": None,
    }


def test_a_merged_persona_answers_for_its_survivor(system: Running) -> None:
    name = system.make_account()
    system.run_here(name, b"First Name,Phone\nOld,(415) 555-2671\nNew,(415) 555-2672\n")
    old, new = (persona["persona_id"] for persona in system.export(name))
    with system.system.engine.begin() as conn:
        change = update(tables.personas).where(tables.personas.c.id == old)
        conn.execute(change.values(status="merged", merged_into=new, survivor_id=new))
        account = accounts.find_account(conn, name)
        (found,) = find_personas(conn, account, "415 555 2671")
        assert (found["persona_id"], found["status"], found["merged_into"]) == (old, "merged", new)
        (survivor,) = find_personas(conn, account, "merge:415 555 2671")
        assert survivor["persona_id"] == new


def test_the_export_has_everybody_once_by_id(system: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.personas.export._PAGE", 3)
    name = system.make_account()
    rows = b"".join(b"(415) 555-%04d,%d\n" % (number, number) for number in range(2000, 2020))
    system.run_here(name, b"Phone,Points\n" + rows)
    personas = system.export(name)
    ids = [persona["persona_id"] for persona in personas]
    assert len(ids) == 20
    assert ids == sorted(ids)
    assert all(persona["points"] == sum(line["delta"] for line in persona["ledger"]) for persona in personas)


def test_the_export_of_an_unknown_account_is_a_wrong_command(system: Running) -> None:
    with pytest.raises(WrongCommand, match="nobody"):
        list(export_personas(system.system.engine, "nobody"))


def test_accounts_are_added_shown_and_changed(system: Running) -> None:
    with system.system.engine.connect() as conn:
        accounts.add_account(conn, "acme.jp", region="jp")
        told = accounts.describe_account(conn, "acme.jp")
        assert (told["region"], told["timezone"], told["double_opt_in"]) == ("JP", "Asia/Tokyo", "never")
        assert (told["accept_terms_by"], told["terms_accepted_at"]) == (None, None)
        settings = {"accept_terms_by": "Jo Li", "double_opt_in": "9:05", "confirm_opt_ins": "Yes", "timezone": "UTC"}
        accounts.change_account(conn, "acme.jp", settings)
        told = accounts.describe_account(conn, "acme.jp")
        assert (told["double_opt_in"], told["confirm_opt_ins"], told["timezone"]) == ("09:05", True, "UTC")
        assert told["accept_terms_by"] == "Jo Li"
        accepted = told["terms_accepted_at"]
        assert accepted
        accounts.change_account(conn, "acme.jp", {"double_opt_in": "never"})
        assert accounts.describe_account(conn, "acme.jp")["terms_accepted_at"] == accepted
        accounts.change_account(conn, "acme.jp", {"accept_terms_by": ""})
        assert accounts.describe_account(conn, "acme.jp")["terms_accepted_at"] is None
        with pytest.raises(WrongCommand, match="already"):
            accounts.add_account(conn, "acme.jp")


@pytest.mark.parametrize("name", ["", "a/b", ".hidden", "a b", "ä", "x" * 64, "-x"])
def test_a_name_that_is_no_folder_is_refused(system: Running, name: str) -> None:
    with system.system.engine.connect() as conn, pytest.raises(WrongCommand, match="name"):
        accounts.add_account(conn, name)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("double_opt_in", "24:00"),
        ("double_opt_in", "soon"),
        ("confirm_opt_ins", "maybe"),
        ("timezone", "Mars"),
        ("region", "Europe"),
        ("name", "x"),
    ],
)
def test_settings_that_cannot_be_are_refused(system: Running, account: Account, key: str, value: str) -> None:
    with system.system.engine.connect() as conn, pytest.raises(WrongCommand):
        accounts.change_account(conn, account.name, {key: value})


def test_the_default_account_is_made_at_its_first_use_and_no_other(system: Running) -> None:
    with system.system.engine.connect() as conn:
        assert accounts.use_account(conn, "default").name == "default"
        assert accounts.use_account(conn, "default").region == "US"
        with pytest.raises(WrongCommand, match="account add"):
            accounts.use_account(conn, "unheard-of")


def test_a_token_opens_one_account_until_it_is_revoked(system: Running, account: Account) -> None:
    with system.system.engine.connect() as conn:
        token = tokens.add_token(conn, "till", account.name, "staff")
        assert tokens.find_holder(conn, token) == tokens.Holder("till", account.name, "staff")
        assert tokens.find_holder(conn, token + "x") is None
        stored = conn.execute(tables.api_tokens.select().where(tables.api_tokens.c.name == "till")).mappings().one()
        assert token not in str(dict(stored))
        with pytest.raises(WrongCommand, match="till"):
            tokens.add_token(conn, "till", account.name, "owner")
        with pytest.raises(WrongCommand, match="role"):
            tokens.add_token(conn, "other", account.name, "king")
        with pytest.raises(WrongCommand, match="nobody"):
            tokens.add_token(conn, "other", "nobody", "staff")
        tokens.revoke_token(conn, "till")
        assert tokens.find_holder(conn, token) is None
        with pytest.raises(WrongCommand, match="till"):
            tokens.revoke_token(conn, "till")
