"""Files for fault tests and what they must come to: an account with personas, a file, and the oracle's world."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from pipeline.submission import submit
from pipeline.work import Doorbell
from schemas.states import Trigger
from tests.factories.files import write_csv
from tests.factories.people import People
from tests.factories.rows import FileTable, Knobs, make_table
from tests.oracle import World, apply_import, compare
from tests.running import Running

_ZONE = "America/New_York"
_KNOWN = 12  # personas that are there before the file, of the 40 shoppers in it


@dataclass(frozen=True, slots=True)
class Customers:
    """One account and one file of it, submitted but not rung."""

    account: str
    world: World
    table: FileTable
    import_id: int
    doorbells: list[Doorbell]


def bring(system: Running, folder: Path, seed: int, rows: int = 110, account: str | None = None) -> Customers:
    """Submit a generated file of an account, by default of a new one with some of its shoppers known."""
    world = World(region="US", timezone=_ZONE, today=datetime.now(UTC).astimezone(ZoneInfo(_ZONE)).date())
    name = account or system.make_account()
    add_known(system, name, world)
    table = make_table(seed, Knobs(rows=rows, shoppers=max(40, rows // 4), messy=0.05))
    path = write_csv(table, folder / f"{name}-{seed}.csv")
    mapped = {header: field for header, field in table.mapping.items() if field}
    ignored = [header for header, field in table.mapping.items() if not field]
    key = system.put(name, path, map=mapped, ignore=ignored, again=True)
    path.unlink()
    submission = submit(system.system.tools, key, Trigger.EVENT)
    assert submission is not None
    return Customers(name, world, table, submission.import_id, submission.doorbells)


def add_known(system: Running, account: str, world: World) -> None:
    """The same few personas for product and oracle."""
    people = People()
    insert = text(
        "INSERT INTO personas (account_id, phone, email) SELECT id, :phone, :email FROM accounts WHERE name = :account"
    )
    with system.system.engine.begin() as conn:
        for number in range(_KNOWN):
            email = people.email(number).replace("müller", "xn--mller-kva").lower()
            values = {"phone": people.phone(number), "email": email}
            world.add(values)
            conn.execute(insert, {"account": account, **values})


def find_differences(system: Running, customers: Customers) -> list[str]:
    """How the import differs from what its rows mean one after the other; empty if it does not."""
    done, world = system.describe(customers.import_id), customers.world
    table = customers.table
    expected = apply_import(world, table.headers, table.rows, table.mapping, {}, done["import_id"])
    found = [f"status is {done['status']}: {done['code']}"] if done["status"] != "completed" else []
    number = {"id": customers.import_id}
    outcomes = system.select("SELECT line, outcome FROM outcomes WHERE import_id = :id", **number)
    notices = system.select("SELECT line, field, code FROM notices WHERE import_id = :id", **number)
    events = system.select("SELECT line, channel, old, new FROM consent_events WHERE import_id = :id", **number)
    told: dict[str, Any] = {
        "outcomes": {row["line"]: row["outcome"] for row in outcomes},
        "notices": {(row["line"], row["field"], row["code"]) for row in notices},
        "events": sorted((row["line"], row["channel"], row["old"], row["new"]) for row in events),
        "rows": done["rows"],
        "points": done["points"],
        "consent": done["consent"],
        "audience": done["audience"]["members"],
    }
    wanted: dict[str, Any] = {
        "outcomes": expected.outcomes,
        "notices": expected.notice_set,
        "events": sorted((event.line or 0, event.channel, event.before, event.after) for event in expected.events),
        "rows": expected.rows,
        "points": expected.points,
        "consent": expected.consent,
        "audience": len(expected.audience),
    }
    found += [f"{name}: {told[name]} instead of {wanted[name]}" for name in told if told[name] != wanted[name]]
    return found + compare(system.export(customers.account), world.export())
