"""Entries 62 to 76 of the catalogue: keys, rows, whole files, and what the product gives out again."""

import csv
import io
import json
from collections import deque
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline import runner
from pipeline.asking import driver_connection
from pipeline.files.limits import ReadLimits
from pipeline.report_files import write_report
from pipeline.reports import iter_found_rows, load_source
from pipeline.submission import options_key, submit
from schemas.errors import ImportRefused
from schemas.states import Trigger
from tests.desk import Desk
from tests.hostile.catalogue import Case, expect, named, notices, observe, table
from tests.hostile.files import read, xls_of, xlsx, xlsx_of
from tests.integration.test_reports import read_parts
from tests.running import Running

pytestmark = pytest.mark.services

TWO = ["First Name,Phone,Points", "Ann,4155552671,5", "Bo,4155552672,7"]
NAMES = ['=HYPERLINK("http://example.org")', "@SUM(A1)", "+1+1", "-2+3", " =1+1", "\t=1", "\r=1", "=cmd|' /C calc'!A0"]
MARKUP = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "{{7*7}}", "&lt;b&gt;"]
SHARP = ["id", "tenant_id", "points; drop table personas", "line", "marks", "c0", "a'b\"c", "%(x)s", ":name", "{}"]


def attributed(headers: list[str], cells: list[str]) -> bytes:
    data = io.StringIO()
    csv.writer(data).writerows([["Email", *headers], ["a@example.org", *cells]])
    return data.getvalue().encode()


def as_attributes(headers: list[str]) -> dict[str, Any]:
    return {"map": {header: f"attribute:{header}" for header in headers}}


CASES = [
    Case(62, "twice in one file", table("Phone,First Name,Points", "4155552671,Ann,5", "(415) 555-2671,Anna,7",
         "+1 415 555 2671,,-2"), read=3, personas=[{"phone": "+14155552671", "first_name": "Anna", "points": 10}]),
    Case(63, "phone of one, e-mail of another", table("Phone,Email,Points,First Name", "4155552671,,5,Ann",
         ",b@example.org,7,Bo", "4155552671,b@example.org,100,Eve"), rejects={4: "identity_conflict"},
         personas=[{"phone": "+14155552671", "email": None, "points": 5, "first_name": "Ann"},
                   {"phone": None, "email": "b@example.org", "points": 7, "first_name": "Bo"}]),
    Case(64, "neither phone nor e-mail", table("Phone,Email,First Name", ",,Ann", "12,b@,Bo", ",\u200b,Cy"),
         rejects=dict.fromkeys((2, 3, 4), "no_phone_or_email"), personas=[],
         notices=notices("phone", "phone_invalid", 3) | notices("email", "email_invalid", 3)),
    Case(66, "thousands of blank rows", table(*TWO, *[",,"] * 5_000, " ,\u00a0,\u200b"), read=2),
    Case(67, "a row of totals", table(*TWO, "Total,,12"), rejects={4: "no_phone_or_email"}, read=3,
         personas=[{"points": 5}, {"points": 7}]),
    Case(68, "no bytes", b"", status="failed", code="empty_file"),
    Case(68, "header alone", table(TWO[0]), status="failed", code="no_rows"),
    Case(68, "header alone in a workbook", xlsx_of([["Phone"]]), "a.xlsx", status="failed", code="no_rows"),
    Case(68, "nothing in an old workbook", xls_of([]), "a.xls", status="failed", code="empty_file"),
    Case(69, "cut in a row", "\n".join(TWO).encode()[:-10], rejects={3: "no_phone_or_email"}, read=2,
         personas=[{"phone": "+14155552671", "points": 5}], notices=notices("phone", "phone_invalid", 3)),
    Case(69, "cut in a quoted cell", (TWO[0] + '\nAnn,4155552671,5\n"Bo').encode(), status="failed", code="unreadable"),
    Case(69, "cut workbook", xlsx_of([line.split(",") for line in TWO])[:-30], "a.xlsx", status="failed",
         code="unreadable"),
    Case(74, "a long header that nobody mapped", table(f"Phone,{'x' * 5_000}", "4155552671,y"),
         personas=[{"attributes": {}}]),
    Case(74, "an attribute of 64 characters", attributed(["x" * 64], ["v"]), options=as_attributes(["x" * 64]),
         personas=[{"attributes": {"x" * 64: "v"}}]),
    Case(74, "an attribute of 65 characters", attributed(["x" * 65], ["v"]), options=as_attributes(["x" * 65]),
         status="failed", code="bad_options"),
    Case(74, "five thousand attributes", attributed(many := [f"h{n}" for n in range(5_000)], ["v"] * 5_000),
         options=as_attributes(many), personas=[{"attributes": dict.fromkeys(many, "v")}]),
    Case(75, "headers that mean something elsewhere", attributed(SHARP, [f"v{n}" for n in range(len(SHARP))]),
         options=as_attributes(SHARP),
         personas=[{"attributes": {header: f"v{n}" for n, header in enumerate(SHARP)}, "points": 0}]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number}-{case.name.replace(' ', '-')}")
def test_rows(system: Running, case: Case) -> None:
    assert observe(system, case) == expect(case)


# 65
def test_a_forgotten_shopper_stays_away_and_is_not_shown(system: Running, tmp_path: Path) -> None:
    desk = Desk(system)
    desk.add(phone="4155552671", email="ann@example.org")
    desk.forget("4155552671")
    told = desk.load("Phone,Email,First Name\n4155552671,bo@example.org,Bo\n,ann@example.org,Ann\n")
    assert (told["rejects"], told["notices"], system.export(desk.name)) == ({"blocked": 2}, {}, [])
    path = write(system, told["import_id"], tmp_path / "report.csv")
    for line, row in enumerate(csv.reader(io.StringIO(path.read_text())), 1):
        assert row[:5] == (
            ["Phone", "Email", "First Name", "line", "column"] if line == 1 else ["", "", "", str(line), ""]
        )


# 70
@pytest.mark.parametrize("change", ["overwritten", "deleted"])
def test_a_file_that_changes_while_it_is_imported(system: Running, change: str) -> None:
    account, store = system.make_account(), system.system.store
    key = system.put(account, table(*TWO))
    submission = submit(system.system.tools, key, Trigger.EVENT)
    assert submission is not None
    if change == "overwritten":
        store.put_bytes(key, table(*TWO, "Cy,4155552673,9"))
    else:
        store.delete_prefix(f"uploads/{account}/")
    system.ring_here(submission.doorbells)
    told = system.describe(submission.import_id)
    assert (told["status"], told["code"], system.export(account)) == ("failed", "source_changed", [])


def test_a_file_that_changes_after_it_was_read(system: Running) -> None:
    account = system.make_account()
    key = system.put(account, table(*TWO))
    submission = submit(system.system.tools, key, Trigger.EVENT)
    assert submission is not None
    later: deque[Any] = deque()
    runner.run_part(system.worker_tools, submission.doorbells[0], f"read-{submission.import_id}", later.extend)
    system.system.store.put_bytes(key, table(*TWO, "Cy,4155552673,9"))
    system.ring_here(list(later))
    assert system.describe(submission.import_id)["status"] == "completed"
    assert [persona["points"] for persona in system.export(account)] == [5, 7]


# 71
def test_the_same_file_twice(system: Running) -> None:
    account = system.make_account()
    first = system.run_here(account, table(*TWO))
    second = system.run_here(account, table(*TWO), "copy.csv")
    assert (first["status"], second["status"], second["code"]) == ("completed", "needs_approval", "already_imported")
    assert [persona["points"] for persona in system.export(account)] == [5, 7]


# 72, 73
@pytest.mark.parametrize("names", [named("72-formulas", NAMES), named("73-markup", MARKUP)])
def test_sharp_names_are_kept_and_given_out_blunt(system: Running, tmp_path: Path, names: list[str]) -> None:
    data = io.StringIO()
    rows = [[name, f"p{number}@example.org", "x"] for number, name in enumerate(names)]
    csv.writer(data).writerows([["First Name", "Email", "Points"], *rows])
    account = system.make_account()
    mapped = {"First Name": "first_name", "Points": "points"}
    told = system.run_here(account, data.getvalue().encode(), map=mapped)
    assert (told["status"], told["notices"]) == ("completed", {"points_invalid": len(names)})
    people = sorted(system.export(account), key=lambda persona: str(persona["email"]))
    assert [persona["first_name"] for persona in people] == [" ".join(name.split()) for name in names]
    with write(system, told["import_id"], tmp_path / "report.csv").open(newline="") as file:
        for name, row in zip(names, list(csv.reader(file))[1:], strict=True):
            assert row[0] == (f"'{name}" if names is NAMES else name)
    sheet = openpyxl.load_workbook(write(system, told["import_id"], tmp_path / "report.xlsx")).active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    # XML makes a line end of a bare CR.
    shown = [f"'{name}".replace("\r", "\n") if names is NAMES else name for name in names]
    assert [cell.value for cell in next(sheet.iter_cols())[1:]] == shown


def write(system: Running, import_id: int, path: Path) -> Path:
    with system.system.engine.connect() as conn:
        raw = driver_connection(conn)
        write_report(path, load_source(raw, import_id), iter_found_rows(raw, import_id, read_parts(system, import_id)))
    return path


# 76
def test_a_file_above_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes(table(*TWO))
    with pytest.raises(ImportRefused) as refused:
        read(path, ReadLimits(file_bytes=10))
    assert refused.value.code == "file_too_large"
    sheet = tmp_path / "customers.xlsx"
    sheet.write_bytes(xlsx(lambda workbook: workbook.active.append(["Phone", "x" * 30_000])))
    with pytest.raises(ImportRefused) as refused:
        read(sheet, ReadLimits(inflated_bytes=10_000))
    assert refused.value.code == "file_too_large"


# Beside the catalogue: the options that lie beside a file are a file too.
@pytest.mark.parametrize(
    "options",
    [
        named("options-blank", b""),
        named("options-list", b"[]"),
        named("options-cut", b"{"),
        named("options-not-text", b"\xff\xfe"),
        named("options-misspelt", b'{"nmae": 1}'),
        named("options-nested", b"[" * 100_000),
        named("options-long-number", b'{"name": ' + b"9" * 5_000 + b"}"),
        named("options-nul", json.dumps({"name": "a\0b"}).encode()),
        named("options-surrogate", json.dumps({"name": "a\ud800"}).encode()),
        named("options-nul-in-map", json.dumps({"map": {"Phone\0": "phone"}}).encode()),
        named("options-long", b'{"name": "' + b"x" * (1 << 18) + b'"}'),
    ],
)
def test_options_that_are_no_options(system: Running, options: bytes) -> None:
    account, store = system.make_account(), system.system.store
    key = system.put(account, table(*TWO))
    store.put_bytes(options_key(key), options)
    try:
        submission = submit(system.system.tools, key, Trigger.EVENT)
        assert submission is not None
        told = system.describe(submission.import_id)
        assert (told["status"], told["code"]) == ("failed", "bad_options")
    finally:
        # Or the sweep of every later test would stumble over it.
        store.delete_prefix(f"uploads/{account}/")
