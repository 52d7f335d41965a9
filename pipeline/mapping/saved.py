"""Mappings that an account has saved: kept under a name, found again by a file's headers. Owns no guessing."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection

from pipeline.mapping.names import header_key
from pipeline.sql import statement
from schemas.errors import ImportRefused
from schemas.mapping import Mapping


def headers_key(headers: Sequence[str]) -> str:
    """What makes two files alike: their headers in order, compared like auto-mapping does."""
    return "\n".join(header_key(header) for header in headers)


def find_mapping(conn: Connection, account_id: int, name: str | None, headers: Sequence[str]) -> Mapping | None:
    """The saved mapping of that name, else the latest one for the same headers; bad_options for an unknown name."""
    facts = {"account_id": account_id, "name": name, "header_key": headers_key(headers)}
    found = conn.execute(statement("mapping", "find"), facts).scalar_one_or_none()
    if found is None and name is not None:
        raise ImportRefused("bad_options", "There is no saved mapping of that name.")
    return Mapping(**found) if found else None


def save_mapping(conn: Connection, account_id: int, name: str, mapping: Mapping) -> None:
    """Keep a mapping under a name; an older one of that name is replaced."""
    facts = {
        "account_id": account_id,
        "name": name,
        "header_key": headers_key(list(mapping.fields)),
        "mapping": json.dumps(asdict(mapping)),
    }
    conn.execute(statement("mapping", "save"), facts)
