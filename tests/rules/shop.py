"""A retailer with an account of its own, who brings small files: what tests of the rules say in one line each."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import openpyxl
from sqlalchemy import text

from pipeline.asking import driver_connection
from pipeline.files.parts import open_part, part_key
from pipeline.personas.archiving import archive_persona, restore_persona
from pipeline.reports import Finding, iter_findings, load_source
from tests.desk import Desk

ANN, BOB, CY = "+14155552671", "+12125550187", "+13105550123"
OUTCOMES = ("created", "updated", "unchanged", "rejected", "skipped")
_TEXTS = "SELECT id, phone, state, send_at, attempt FROM double_opt_in_texts WHERE account_id = :id ORDER BY id"


@dataclass(frozen=True, slots=True)
class Told:
    """What an import said: the object of its history, and what became of each line."""

    done: dict[str, Any]
    outcomes: dict[int, str]
    rejects: dict[int, str]
    #: Line → `field code`, in alphabetical order.
    notices: dict[int, list[str]]
    #: `line channel old>new`, in the order of the file.
    events: list[str]

    def __getitem__(self, name: str) -> Any:
        return self.done[name]


class Shop(Desk):
    """Staff of one account, who also bring files and look at what became of them."""

    def bring(self, data: str | bytes, name: str = "customers.csv", **options: Any) -> Told:
        """Import a file and expect it to be completed."""
        told = self.offer(data, name, **{"again": True, **options})
        assert told["status"] == "completed", (told["code"], told["message"])
        check_equations(told.done)
        return told

    def offer(self, data: str | bytes, name: str = "customers.csv", **options: Any) -> Told:
        """Import a file, however that ends."""
        body = data.encode() if isinstance(data, str) else data
        return self.tell(self.system.run_here(self.name, body, name, **options)["import_id"])

    def tell(self, import_id: int) -> Told:
        """What the import has said by now."""
        done = self.system.describe(import_id)

        def rows(what: str) -> list[dict[str, Any]]:
            return self.system.select(f"SELECT line, {what} WHERE import_id = :id ORDER BY 1, 2", id=import_id)

        notices: dict[int, list[str]] = {}
        for row in rows("field || ' ' || code AS said FROM notices"):
            notices.setdefault(row["line"], []).append(row["said"])
        return Told(
            done,
            {row["line"]: row["outcome"] for row in rows("outcome FROM outcomes")},
            {row["line"]: row["code"] for row in rows("code FROM rejects")},
            {line: sorted(said) for line, said in notices.items()},
            ["{line} {channel} {old}>{new}".format(**row) for row in rows("channel, old, new FROM consent_events")],
        )

    def findings(self, told: Told) -> list[Finding]:
        """The report of rejects and notices, read from the part files as staff get it."""
        with self.tools.engine.connect() as conn:
            raw = driver_connection(conn)
            prefix = load_source(raw, told["import_id"]).parts_prefix or ""
            return list(
                iter_findings(
                    raw, told["import_id"], lambda part: open_part(self.tools.store.get_bytes(part_key(prefix, part)))
                )
            )

    def people(self) -> list[dict[str, Any]]:
        """Every persona of the account, by phone and e-mail."""
        return sorted(self.system.export(self.name), key=lambda person: (person["phone"] or "", person["email"] or ""))

    def consent(self, who: object) -> tuple[str, str]:
        """The states of texts and e-mails."""
        told = self.show(who)["consent"]
        return told["sms"], told["email"]

    def set(self, who: int, **columns: Any) -> None:
        """What only other parts of the business can set."""
        named = ", ".join(f"{column} = :{column}" for column in columns)
        self.run(f"UPDATE personas SET {named} WHERE id = :id", id=who, **columns)

    def run(self, statement: str, **facts: Any) -> None:
        with self.system.system.engine.begin() as conn:
            conn.execute(text(statement), facts)

    def set_account(self, **settings: Any) -> None:
        named = ", ".join(f"{name} = :{name}" for name in settings)
        self.run(f"UPDATE accounts SET {named} WHERE name = :account", account=self.name, **settings)

    def archive(self, who: object) -> None:
        archive_persona(self.tools, self.account, str(who))

    def restore(self, who: object) -> None:
        restore_persona(self.tools, self.account, str(who))

    def waiting_texts(self) -> list[dict[str, Any]]:
        """The account's double opt-in texts, in the order in which they were scheduled."""
        return self.system.select(_TEXTS, id=self.account.id)


def at(shop: Shop, clock: Callable[[], datetime]) -> Shop:
    """The same shop, with another clock on its wall."""
    system = replace(shop.system.system, tools=replace(shop.tools, clock=clock))
    other = Shop.__new__(Shop)
    other.system, other.name, other.tools = replace(shop.system, system=system), shop.name, system.tools
    return other


def check_equations(done: dict[str, Any]) -> None:
    """Every row has one outcome, and the counts say the same as the rows."""
    rows = done["rows"]
    assert rows["read"] == sum(rows[name] for name in OUTCOMES)


def as_csv(*rows: list[str]) -> str:
    """Rows with whatever quotes they need."""
    lines = io.StringIO()
    csv.writer(lines).writerows(rows)
    return lines.getvalue()


def as_xlsx(*rows: list[Any]) -> bytes:
    """A workbook of one sheet; a text that begins with `=` is a formula without a stored value."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in rows:
        sheet.append(row)
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()
