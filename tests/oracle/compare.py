"""Compares two exports of one account, the oracle's and the product's, without depending on ids or times."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.oracle.model import PROFILE

_PLAIN = (*PROFILE, "points", "favorite_store", "favorite_store_source", "loyalty_signup_date")

Key = tuple[str, str, str]


def _key(persona: Mapping[str, Any]) -> Key:
    return (persona.get("phone") or "", persona.get("email") or "", persona["status"])


def canonical(personas: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Personas sorted by (phone, e-mail, status), `merged_into` as such a key, ledger lines without their times."""
    given = list(personas)
    keys = {persona["persona_id"]: _key(persona) for persona in given}
    return sorted((_canonical_one(persona, keys) for persona in given), key=lambda persona: persona["key"])


def _canonical_one(persona: Mapping[str, Any], keys: Mapping[int, Key]) -> dict[str, Any]:
    into = persona.get("merged_into")
    consent = persona.get("consent") or {}
    return {
        "key": _key(persona),
        "merged_into": None if into is None else keys.get(into, ("", "", f"unknown persona {into}")),
        **{name: persona.get(name) or None for name in _PLAIN},
        "loyalty": bool(persona.get("loyalty")),
        "attributes": dict(persona.get("attributes") or {}),
        "consent": {channel: consent.get(channel) or "unknown" for channel in ("sms", "email")},
        "ledger": sorted(_ledger_line(line) for line in persona.get("ledger") or ()),
    }


def _ledger_line(line: Mapping[str, Any]) -> tuple[int, int, int]:
    """(import id, line, delta), zeros where no import made it. Reasons are free text, so they are not compared."""
    return (line.get("import_id") or 0, line.get("line") or 0, line["delta"])


def compare(export_a: Iterable[Mapping[str, Any]], export_b: Iterable[Mapping[str, Any]]) -> list[str]:
    """Differences in words, empty when the two mean the same. Both in the contract's persona shape."""
    a, b = canonical(export_a), canonical(export_b)
    by_key_a, by_key_b = ({persona["key"]: persona for persona in side} for side in (a, b))
    found = [f"only in the first: {_name(key)}" for key in sorted(by_key_a.keys() - by_key_b.keys())]
    found += [f"only in the second: {_name(key)}" for key in sorted(by_key_b.keys() - by_key_a.keys())]
    if len(by_key_a) != len(a) or len(by_key_b) != len(b):
        found.append("two personas share phone, e-mail and status")
    for key in sorted(by_key_a.keys() & by_key_b.keys()):
        one, other = by_key_a[key], by_key_b[key]
        found += [
            f"{_name(key)}: {name} is {one[name]!r} in the first, {other[name]!r} in the second"
            for name in one
            if one[name] != other[name]
        ]
    return found


def _name(key: Key) -> str:
    return f"{key[2]} persona ({key[0] or '-'}, {key[1] or '-'})"
