"""An entry of the catalogue as a file, with all that the product must say about it, and how to ask. Owns no entries."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from tests.running import Running

#: What the product can't bear yet: name of a test's case → why. One that passes fails the suite until it is taken out.
OPEN: dict[str, str] = {}

Notice = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """A file, and all that it must and may draw: rejects and notices are complete lists, not examples."""

    #: In the catalogue.
    number: int
    name: str
    data: bytes
    file: str = "customers.csv"
    #: Of the account.
    settings: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    status: str = "completed"
    code: str | None = None
    #: Line → code.
    rejects: dict[int, str] = field(default_factory=dict)
    #: Line, field, code.
    notices: frozenset[Notice] = frozenset()
    #: For each persona, by e-mail and phone, what must be true of it; None: none of that is asked.
    personas: list[dict[str, Any]] | None = None
    read: int | None = None


def named(name: str, value: object) -> ParameterSet:
    """One case of a test, which is expected to fail while it is `OPEN`."""
    marks = [pytest.mark.xfail(reason=OPEN[name], strict=True)] if name in OPEN else []
    return pytest.param(value, id=name, marks=marks)


def table(*lines: str, encoding: str = "utf-8") -> bytes:
    """A file of lines."""
    return ("\n".join(lines) + "\n").encode(encoding)


def notices(field_name: str, code: str, *lines: int) -> frozenset[Notice]:
    """The same notice on several lines."""
    return frozenset((line, field_name, code) for line in lines)


def expect(case: Case) -> dict[str, Any]:
    """What `observe` must give."""
    return {
        "status": case.status,
        "code": case.code,
        "rejects": case.rejects,
        "notices": set(case.notices),
        "personas": case.personas or [],
        "read": case.read,
    }


def observe(system: Running, case: Case) -> dict[str, Any]:
    """What the whole pipeline makes of the file, in an account of its own; of personas and rows only what is asked."""
    account = system.make_account(**case.settings)
    told = system.run_here(account, case.data, case.file, **case.options)
    import_id = told["import_id"]
    rejects = system.select("SELECT line, code FROM rejects WHERE import_id = :id", id=import_id)
    notes = system.select("SELECT line, field, code FROM notices WHERE import_id = :id", id=import_id)
    people = system.export(account)
    if case.personas is not None and len(case.personas) == len(people):
        people.sort(key=lambda persona: (persona["email"] or "", persona["phone"] or ""))
        people = [_part(persona, asked) for persona, asked in zip(people, case.personas, strict=True)]
    return {
        "status": told["status"],
        "code": told["code"],
        "rejects": {row["line"]: row["code"] for row in rejects},
        "notices": {tuple(row.values()) for row in notes},
        "personas": people if case.personas is not None or case.status != "completed" else [],
        "read": told["rows"]["read"] if case.read is not None else None,
    }


def _part(persona: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """What is asked of a persona; channels of consent go by `sms` and `email_consent`."""
    flat = {**persona, "sms": persona["consent"]["sms"], "email_consent": persona["consent"]["email"]}
    return {name: flat[name] for name in asked}
