"""What all tables share: one metadata with stable constraint names, and the few column types used everywhere."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Identity, MetaData, Text, func
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key_text() -> TypeEngine[str]:
    """Text of a phone or e-mail: the same collation everywhere, or its index can't be used."""
    return Text(collation="C")


def identity_column(cache: int | None = None) -> Column[int]:
    """A number by itself; `cache` is how many a session takes at a time."""
    return Column("id", BigInteger, Identity(cache=cache), primary_key=True)


def moment(name: str, *, now: bool = False) -> Column[Any]:
    """A point in time with zone; set by the database at insert where `now`, else null until known."""
    if now:
        return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())
    return Column(name, DateTime(timezone=True), nullable=True)


def one_of(column: str, values: Iterable[str], name: str | None = None) -> CheckConstraint:
    """The database refuses any other word."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=name or column)
