"""A shopper whom nobody resembles, and the search for them: tables, part files, and whatever the product tells."""

import itertools
import json
from typing import Any

from pipeline.asking import driver_connection
from pipeline.files.parts import open_part, part_key
from pipeline.history import describe_import
from pipeline.personas.finding import find_personas
from pipeline.plan_rows import iter_plan
from pipeline.reports import iter_found_rows
from tests.desk import Desk

_numbers = itertools.count(100)


class Shopper:
    """Somebody whom nobody else in the whole run resembles, and a file that names them in several rows."""

    def __init__(self) -> None:
        number = next(_numbers)
        self.national, self.name, self.email = f"7024440{number}", f"Wandalina{number}", f"gone.{number}@example.org"
        self.phone, self.spelled = f"+1{self.national}", f"(702) 444-0{number}"
        self.second = f"+19074440{number}"
        self.rows = (
            "First Name,Phone,Email,City,Points,Opt-in SMS,Note\n"
            f"{self.name},{self.spelled},,Reno,5,yes,first\n"
            f"Bo,212-555-0187,b@example.org,Ely,7,,friend of 702.444.0{number}\n"
            f"{self.name},,{self.email.upper()},,3,,\n"
            f",{self.national},b@example.org,,9,,\n"
            "Cy,310-555-0123,,,1,,\n"
        )

    @property
    def needles(self) -> tuple[str, ...]:
        return self.phone, self.national, self.email, self.name, self.second, self.second[2:]


NOTE = {"Note": "attribute:Note"}


def traces(desk: Desk, shopper: Shopper, *needles: str) -> list[str]:
    """Where any of these stands: tables, part files, export, find, history, plan and reports."""
    words = [needle.lower() for needle in needles or shopper.needles]
    found = [f"table {name}" for name, told in _tables(desk) if any(word in told for word in words)]
    found += [f"part {key}" for key, told in _parts(desk) if any(word in told for word in words)]
    found += [f"told by {name}" for name, told in _told(desk, shopper) if any(word in told.lower() for word in words)]
    return found


def _tables(desk: Desk) -> list[tuple[str, str]]:
    names = desk.system.select(
        "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables "
        "WHERE table_schema IN ('public', 'staging') AND table_type = 'BASE TABLE'"
    )
    told = []
    for row in names:
        rows = desk.system.select(f"SELECT t::text AS told FROM {row['name']} t")
        told.append((row["name"], "\n".join(each["told"] for each in rows).lower()))
    return told


def _parts(desk: Desk) -> list[tuple[str, str]]:
    """The raw memory of every column, so that nothing hides behind a null."""
    told = []
    for each in desk.tools.store.list("imports/"):
        table = open_part(desk.tools.store.get_bytes(each.key))
        chunks = [chunk for column in table.columns for chunk in column.chunks]
        memory = b"".join(bytes(buffer) for chunk in chunks for buffer in chunk.buffers() if buffer is not None)
        told.append((each.key, memory.decode("utf-8", "replace").lower()))
    return told


def _told(desk: Desk, shopper: Shopper) -> list[tuple[str, str]]:
    told = [("export", json.dumps(desk.system.export(desk.name)))]
    with desk.tools.engine.connect() as conn:
        for query in (shopper.phone, shopper.email, shopper.name, f"merge:{shopper.phone}", f"merge:{shopper.email}"):
            told.append(("find", json.dumps(find_personas(conn, desk.account, query))))
        for row in desk.system.select(
            "SELECT id, parts_prefix FROM imports WHERE account_id = :id", id=desk.account.id
        ):
            told.append(("history", json.dumps(describe_import(driver_connection(conn), row["id"]))))
            told.append(("plan", json.dumps(list(iter_plan(driver_connection(conn), row["id"])), default=str)))
            rows = iter_found_rows(driver_connection(conn), row["id"], reader(desk, row["parts_prefix"]))
            told.append(("report", repr(list(rows))))
    return told


def scrubs(desk: Desk) -> list[dict[str, Any]]:
    return desk.system.select(
        "SELECT * FROM scrubs JOIN imports i ON i.id = import_id WHERE account_id = :id", id=desk.account.id
    )


def reader(desk: Desk, prefix: str | None) -> Any:
    return lambda part: open_part(desk.tools.store.get_bytes(part_key(prefix or "", part)))
