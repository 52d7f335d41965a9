"""The script that most teams write first: SQLAlchemy, a look-up by phone and by e-mail per row, a commit per thousand.

Customers alone: no ledger, balance, consent or audience, no report, and after a crash nobody knows where it stood.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import JSONB

from bench.peers.contest import TEXTS, Task, read_date, read_email, read_phone, read_rows, run

_COMMIT_EVERY = 1_000


class Base(orm.DeclarativeBase):
    """The tables of this script."""


class Customer(Base):
    """One customer, as in the limit's tables."""

    __tablename__ = "customers"
    id: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    account_id: orm.Mapped[int] = orm.mapped_column(sa.BigInteger)
    phone: orm.Mapped[str | None]
    email: orm.Mapped[str | None]
    first_name: orm.Mapped[str | None]
    last_name: orm.Mapped[str | None]
    birthday: orm.Mapped[date | None]
    address: orm.Mapped[str | None]
    city: orm.Mapped[str | None]
    state: orm.Mapped[str | None]
    postal_code: orm.Mapped[str | None]
    customer_type: orm.Mapped[str | None]
    loyalty_signup_date: orm.Mapped[date | None]
    favorite_store: orm.Mapped[str | None]
    attributes: orm.Mapped[dict[str, Any]] = orm.mapped_column(JSONB)
    updated_at: orm.Mapped[datetime] = orm.mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.now(), onupdate=sa.func.now()
    )


def load(task: Task) -> int:
    engine = sa.create_engine(task.database.replace("postgresql://", "postgresql+psycopg://"))
    with orm.Session(engine) as session:
        for number, row in enumerate(read_rows(task.file), start=1):
            _put(session, row)
            if number % _COMMIT_EVERY == 0:
                session.commit()
        session.commit()
        count: int = session.scalar(sa.select(sa.func.count()).select_from(Customer)) or 0
    engine.dispose()
    return count


def _put(session: orm.Session, row: dict[str, str]) -> None:
    phone, email = read_phone(row["Phone"]), read_email(row["Email"])
    if not phone and not email:
        return
    by_phone, by_email = _find(session, Customer.phone, phone), _find(session, Customer.email, email)
    customer = by_phone or by_email
    if customer is None:
        customer = Customer(account_id=1, attributes={})
        session.add(customer)
    found = {column: row[header] for header, column in TEXTS.items()}
    dates = {
        "birthday": read_date(row["Birthday"], "%m/%d/%Y"),
        "loyalty_signup_date": read_date(row["Loyalty Signup Date"], "%Y-%m-%d"),
    }
    keys = {"phone": None if by_phone else phone, "email": None if by_email else email}
    for column, value in {**found, **dates, **keys}.items():
        if value:
            setattr(customer, column, value)
    if row["Veteran"]:
        customer.attributes = {**customer.attributes, "veteran": row["Veteran"]}


def _find(session: orm.Session, column: Any, value: str | None) -> Customer | None:
    if value is None:
        return None
    return session.scalar(sa.select(Customer).where(Customer.account_id == 1, column == value))


if __name__ == "__main__":
    run(load)
