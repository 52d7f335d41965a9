"""A persona as the outside sees it: one JSON-ready object, the same for find, show and export. Owns no finding."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping

from pipeline.sql import statement
from pipeline.work import Account
from schemas.fields import FIELDS
from schemas.tables.personas import CHANNELS, personas

#: Fields that are columns of a persona and stand in its object as they are.
_LAST = ("favorite_store", "favorite_store_source", "customer_type", "loyalty", "loyalty_signup_date")
_PLAIN = tuple(name for name in FIELDS if name in personas.c and name not in {"points", *_LAST})

Persona = dict[str, Any]


def load_personas(conn: Connection, account: Account, persona_ids: Sequence[int]) -> list[Persona]:
    """The objects of these personas, by id."""
    rows = conn.execute(statement("personas", "load"), {"persona_ids": list(persona_ids)}).mappings().all()
    return build_personas(conn, account, load_spellings(conn, account), rows)


def load_spellings(conn: Connection, account: Account) -> dict[str, str]:
    """Attribute key → the name as the account first spelled it."""
    rows = conn.execute(statement("personas", "attribute_names"), {"account_id": account.id})
    return {row.key: row.name for row in rows}


def build_personas(
    conn: Connection, account: Account, spellings: Mapping[str, str], rows: Sequence[RowMapping]
) -> list[Persona]:
    """The objects of rows of `personas`, each with its ledger."""
    lines = _load_ledger(conn, [row["id"] for row in rows])
    return [_build(account, spellings, row, lines[row["id"]]) for row in rows]


def _load_ledger(conn: Connection, persona_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for persona_id, import_id, line, delta, reason, at in conn.execute(
        statement("personas", "ledger"), {"persona_ids": persona_ids}
    ):
        entry = {"import_id": import_id, "line": line, "delta": delta, "reason": reason, "at": at.isoformat()}
        found[persona_id].append(entry)
    return found


def _build(account: Account, spellings: Mapping[str, str], row: RowMapping, ledger: list[dict[str, Any]]) -> Persona:
    return {
        "persona_id": row["id"],
        "account": account.name,
        "status": row["status"],
        "merged_into": row["merged_into"],
        **{name: _plain(row[name]) for name in _PLAIN},
        "points": row["points"],
        "attributes": {spellings.get(key, key): value for key, value in row["attributes"].items()},
        "consent": {channel: row[f"{channel}_consent"] for channel in CHANNELS},
        **{name: _plain(row[name]) for name in _LAST},
        "ledger": ledger,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
