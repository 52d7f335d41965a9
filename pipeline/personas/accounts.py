"""Accounts and their settings: finding, adding, changing. Knows nothing of what the settings do."""

import re
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import Connection

from pipeline.sql import statement
from pipeline.work import Account
from schemas.errors import UnknownAccount, WrongCommand

#: Made at its first use; every other account is made by a person.
DEFAULT = "default"
#: What `account set` can change.
SETTINGS = ("accept_terms_by", "double_opt_in", "confirm_opt_ins", "timezone", "region")

# A name is a folder of the bucket, so it has no slash and can't be hidden.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_YES_NO = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
# Several zones have one of their own: where most of the region's people live.
_MAIN_ZONES = {"US": "America/New_York", "CA": "America/Toronto", "AU": "Australia/Sydney", "BR": "America/Sao_Paulo"}


def find_account(conn: Connection, name: str) -> Account:
    """The account of this name. Raises `UnknownAccount` if there is none."""
    row = conn.execute(statement("accounts", "find"), {"name": name}).mappings().one_or_none()
    if row is None:
        raise UnknownAccount(name)
    return Account(**{field.name: row[field.name] for field in fields(Account)})


def use_account(conn: Connection, name: str) -> Account:
    """Like `find_account`, but the default account is made at its first use."""
    if name == DEFAULT:
        facts = {"name": name, "region": "US", "timezone": _MAIN_ZONES["US"]}
        conn.execute(statement("accounts", "add"), facts)
    return find_account(conn, name)


def add_account(conn: Connection, name: str, region: str = "US", timezone: str | None = None) -> Account:
    """A new account. Raises `WrongCommand` for a name that is taken or can't be a folder, and for wrong settings."""
    if not _NAME.fullmatch(name):
        raise WrongCommand("An account's name has up to 63 letters, digits, dots, dashes and underscores.")
    facts = {"name": name, "region": _region(region), "timezone": _timezone(timezone or zone_of(_region(region)))}
    if conn.execute(statement("accounts", "add"), facts).scalar_one_or_none() is None:
        raise WrongCommand(f"There is an account {name!r} already.")
    return find_account(conn, name)


def change_account(conn: Connection, name: str, settings: Mapping[str, str]) -> Account:
    """Change some of `SETTINGS`, given as a person types them. Raises `WrongCommand` for what can't be set."""
    account = find_account(conn, name)
    for key, text in settings.items():
        account = _changed(account, key, text.strip())
    conn.execute(statement("accounts", "change"), asdict(account))
    return account


def describe_account(conn: Connection, name: str) -> dict[str, Any]:
    """Name and settings, JSON-ready. Raises `WrongCommand` if there is no such account."""
    find_account(conn, name)
    row = conn.execute(statement("accounts", "find"), {"name": name}).mappings().one()
    plain = {key: row[key] for key in ("region", "timezone", "double_opt_in", "confirm_opt_ins")}
    accepted = row["terms_accepted_at"]
    return {
        "account": row["name"],
        **plain,
        "accept_terms_by": row["terms_accepted_by"],
        "terms_accepted_at": accepted.isoformat() if accepted else None,
        "created_at": row["created_at"].isoformat(),
    }


def has_mapping(conn: Connection, account: str, name: str) -> bool:
    """Whether the account has a saved mapping of this name."""
    facts = {"account": account, "name": name}
    return conn.execute(statement("accounts", "find_mapping"), facts).first() is not None


def zone_of(region: str) -> str:
    """The main time zone of a region, by the time zone database; UTC where it names none."""
    return _MAIN_ZONES.get(region) or _zones().get(region, "UTC")


@cache
def _zones() -> dict[str, str]:
    """Region → the first zone of its block, which the database keeps in order of population for most regions."""
    zones: dict[str, str] = {}
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            region, _, zone = line.split("\t")[:3]
            zones.setdefault(region, zone)
    return zones


def _changed(account: Account, key: str, text: str) -> Account:
    match key:
        case "accept_terms_by":
            return replace(account, terms_accepted_by=text or None)
        case "double_opt_in":
            return replace(account, double_opt_in=_double_opt_in(text))
        case "confirm_opt_ins":
            if text.lower() not in _YES_NO:
                raise WrongCommand("confirm_opt_ins is true or false.")
            return replace(account, confirm_opt_ins=_YES_NO[text.lower()])
        case "timezone":
            return replace(account, timezone=_timezone(text))
        case "region":
            return replace(account, region=_region(text))
    raise WrongCommand(f"There is no setting {key!r}; there are {', '.join(SETTINGS)}.")


def _double_opt_in(text: str) -> str:
    if text in ("never", "after_import"):
        return text
    time = _TIME.fullmatch(text)
    if time is None:
        raise WrongCommand("double_opt_in is never, after_import or a time as HH:MM.")
    return f"{int(time[1]):02d}:{time[2]}"


def _timezone(text: str) -> str:
    if text not in available_timezones():
        raise WrongCommand(f"There is no time zone {text!r}; name one like America/New_York.")
    return text


def _region(text: str) -> str:
    import phonenumbers

    region = text.upper()
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise WrongCommand(f"There is no region {text!r}; name one in two letters, like US.")
    return region
