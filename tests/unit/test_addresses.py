"""Addresses of the database as people write them, and as the driver reads them."""

import pytest
from psycopg.conninfo import conninfo_to_dict

from infra.sessions import AddressInvalid, read_address

WHOLE = {"user": "me", "password": "secret", "host": "db", "port": "5433", "dbname": "personas"}


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_an_address_may_name_a_driver_or_none(scheme: str) -> None:
    assert conninfo_to_dict(read_address(f"{scheme}://me:secret@db:5433/personas")) == WHOLE


@pytest.mark.parametrize("written", ["a/b", "a?b#c", "a:b", "50%", "100%25", "a%40b", "a%2Fb", "a+b", "a b", "ü"])
def test_a_password_may_hold_anything_but_an_at_sign(written: str) -> None:
    read = conninfo_to_dict(read_address(f"postgresql://me:{written}@db/personas"))
    assert read["password"] == written.replace("%25", "%").replace("%40", "@").replace("%2F", "/")
    assert read["host"] == "db"


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("postgresql://db", {"host": "db"}),
        ("postgresql://db:5433/personas", {"host": "db", "port": "5433", "dbname": "personas"}),
        ("postgresql://me@[::1]/personas", {"user": "me", "host": "::1", "dbname": "personas"}),
        ("postgresql:///personas?host=/run/postgresql", {"host": "/run/postgresql", "dbname": "personas"}),
        ("postgresql://db/personas?sslmode=require", {"host": "db", "dbname": "personas", "sslmode": "require"}),
    ],
)
def test_parts_may_be_left_out_and_options_added(url: str, read: dict[str, str]) -> None:
    assert conninfo_to_dict(read_address(url)) == read


def test_what_is_no_address_is_refused_without_being_shown() -> None:
    with pytest.raises(AddressInvalid) as refused:
        read_address("me:secret@db")
    assert "secret" not in str(refused.value)
