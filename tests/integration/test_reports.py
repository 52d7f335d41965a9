"""Rejects and notices come back with their cells, and a mended report does the rest and nothing twice."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from sqlalchemy import insert, text

from pipeline.asking import driver_connection
from pipeline.blocklist import hash_of
from pipeline.files.parts import open_part, part_key
from pipeline.report_cells import ReadPart
from pipeline.report_files import write_report
from pipeline.reports import Finding, FoundRow, iter_findings, iter_found_rows, load_source
from schemas import tables
from schemas.errors import WrongCommand
from tests.running import Running

pytestmark = pytest.mark.services

CUSTOMERS = """First Name,Phone,Email,Points,Birthday,Opt-in SMS,Note
Ann,(415) 555-2671,ann@example.org,50,1990-01-31,yes,fine
 Bo ,415-555-2672,,10,1990-13-45,no,bad date
Cy,12,,-5,,,no key
Dé,415-555-2674,d@,x,,yes,two notices
"""


def read_parts(system: Running, import_id: int) -> ReadPart:
    with system.system.engine.connect() as conn:
        prefix = load_source(driver_connection(conn), import_id).parts_prefix or ""

    def read(part: int) -> pa.Table:
        return open_part(system.system.store.get_bytes(part_key(prefix, part)))

    return read


def findings(system: Running, import_id: int, read: ReadPart | None = None) -> list[Finding]:
    with system.system.engine.connect() as conn:
        return list(iter_findings(driver_connection(conn), import_id, read or read_parts(system, import_id)))


def found_rows(system: Running, import_id: int) -> list[FoundRow]:
    with system.system.engine.connect() as conn:
        return list(iter_found_rows(driver_connection(conn), import_id, read_parts(system, import_id)))


def report(system: Running, import_id: int, path: Path) -> pd.DataFrame:
    with system.system.engine.connect() as conn:
        source = load_source(driver_connection(conn), import_id)
    write_report(path, source, found_rows(system, import_id))
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype="str", keep_default_na=False)
    return pd.read_excel(path, dtype="str", keep_default_na=False, engine="openpyxl")


def test_every_reject_and_notice_is_told_with_its_cell(system: Running) -> None:
    told = system.run_here(system.make_account(), CUSTOMERS.encode())
    found = findings(system, told["import_id"])
    assert [(each.line, each.column, each.value, each.code) for each in found] == [
        (3, "Birthday", "1990-13-45", "date_invalid"),
        (4, None, None, "no_phone_or_email"),
        (4, "Phone", "12", "phone_invalid"),
        (5, "Email", "d@", "email_invalid"),
        (5, "Points", "x", "points_invalid"),
    ]
    assert [each.is_reject for each in found] == [False, True, False, False, False]
    counted = {**told["rejects"], **told["notices"]}
    assert sum(counted.values()) == len(found)
    assert all(each.sentence for each in found)


def test_what_names_no_column_needs_no_part(system: Running) -> None:
    told = system.run_here(system.make_account(), b"First Name,Phone\nAnn,\nBo,12\n")

    def read(part: int) -> pa.Table | None:
        raise LookupError(part)

    with system.system.engine.connect() as conn:
        found = iter_findings(driver_connection(conn), told["import_id"], read)
        bare = [next(found), next(found)]
        with pytest.raises(LookupError):
            next(found)
    assert [(each.line, each.code, each.column) for each in bare] == [
        (2, "no_phone_or_email", None),
        (3, "no_phone_or_email", None),
    ]


def test_the_source_tells_how_much_was_found(system: Running) -> None:
    told = system.run_here(system.make_account(), CUSTOMERS.encode())
    with system.system.engine.connect() as conn:
        source = load_source(driver_connection(conn), told["import_id"])
    assert (source.rejects, source.notices) == (told["rejects"], told["notices"])


@pytest.mark.parametrize("page", [1, 2, 3])
def test_pages_lose_and_repeat_nothing(system: Running, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    told = system.run_here(system.make_account(), CUSTOMERS.encode())
    whole = findings(system, told["import_id"])
    for name in (
        "reports._ROWS_AT_ONCE",
        "reports._FIRST_ROWS",
        "report_cells._ROWS_AT_ONCE",
        "report_cells._FIRST_ROWS",
    ):
        monkeypatch.setattr(f"pipeline.{name}", page)
    assert findings(system, told["import_id"]) == whole


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_files_own_columns_come_back_unchanged(system: Running, tmp_path: Path, ending: str) -> None:
    told = system.run_here(system.make_account(), CUSTOMERS.encode())
    frame = report(system, told["import_id"], tmp_path / f"report.{ending}")
    assert list(frame.columns) == [
        *("First Name", "Phone", "Email", "Points", "Birthday", "Opt-in SMS", "Note"),
        *("line", "column", "code", "sentence"),
    ]
    rows = frame.iloc[:, :7].to_numpy().tolist()
    # The first was applied, its ten points with it.
    assert rows[0] == [" Bo ", "415-555-2672", "", "", "1990-13-45", "no", "bad date"]
    assert rows[1] == ["Cy", "12", "", "-5", "", "", "no key"]
    assert rows[2] == ["Dé", "415-555-2674", "d@", "x", "", "yes", "two notices"]
    assert frame["line"].tolist() == ["3", "4", "5"]
    assert frame["code"].tolist() == [
        "date_invalid",
        "no_phone_or_email; phone_invalid",
        "email_invalid; points_invalid",
    ]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_mended_report_does_the_rest_and_nothing_twice(system: Running, tmp_path: Path, ending: str) -> None:
    account = system.make_account()
    told = system.run_here(account, CUSTOMERS.encode())
    frame = report(system, told["import_id"], tmp_path / f"report.{ending}")
    mended = frame.replace({"1990-13-45": "1990-12-31", "12": "415-555-2673", "d@": "d@example.org", "x": "7"})
    path = tmp_path / f"mended.{ending}"
    mended.to_csv(path, index=False) if ending == "csv" else mended.to_excel(path, index=False)
    again = system.run_here(account, path, path.name)
    assert again["status"] == "completed"
    assert again["rows"] == {"read": 3, "created": 1, "updated": 2, "unchanged": 0, "rejected": 0, "skipped": 0}
    people = {persona["phone"]: persona for persona in system.export(account)}
    assert {phone: persona["points"] for phone, persona in people.items()} == {
        "+14155552671": 50,
        "+14155552672": 10,
        "+14155552673": 0,  # five below zero were refused
        "+14155552674": 7,
    }
    assert people["+14155552672"]["birthday"] == "1990-12-31"
    assert people["+14155552674"]["email"] == "d@example.org"
    events = system.select("SELECT import_id FROM consent_events WHERE import_id = :id", id=again["import_id"])
    assert events == []


def test_an_unmended_report_changes_nothing(system: Running, tmp_path: Path) -> None:
    account = system.make_account()
    told = system.run_here(account, CUSTOMERS.encode())
    before = system.export(account)
    report(system, told["import_id"], tmp_path / "report.csv")
    again = system.run_here(account, tmp_path / "report.csv", "report.csv")
    assert again["rows"] == {"read": 3, "created": 0, "updated": 0, "unchanged": 2, "rejected": 1, "skipped": 0}
    assert system.export(account) == before


def test_whoever_is_blocked_leaves_a_line_and_a_code(system: Running, tmp_path: Path) -> None:
    account = system.make_account()
    with system.system.engine.begin() as conn:
        account_id = conn.execute(text("SELECT id FROM accounts WHERE name = :name"), {"name": account}).scalar_one()
        entry = hash_of(system.system.tools.blocklist_key, account_id, "phone", "+14155552671")
        conn.execute(insert(tables.blocklist).values(account_id=account_id, hash=entry))
    told = system.run_here(account, CUSTOMERS.encode())
    blocked = [each for each in findings(system, told["import_id"]) if each.line == 2]
    assert [(each.column, each.value, each.code) for each in blocked] == [(None, None, "blocked")]
    frame = report(system, told["import_id"], tmp_path / "report.csv")
    assert frame.iloc[:1, :7].to_numpy().tolist() == [[""] * 7]
    assert [frame[name].iloc[0] for name in ("line", "column", "code")] == ["2", "", "blocked"]


def test_a_conflict_names_both_personas(system: Running) -> None:
    account = system.make_account()
    system.run_here(account, b"Phone,Email\n(415) 555-2671,\n,two@example.org\n")
    told = system.run_here(account, b"Phone,Email\n(415) 555-2671,two@example.org\n")
    phone, email = (persona["persona_id"] for persona in system.export(account))
    (found,) = findings(system, told["import_id"])
    assert found.code == "identity_conflict"
    assert found.sentence.endswith(f"(phone: persona {phone}, e-mail: persona {email})")


def test_rows_of_many_parts_find_their_cells(system: Running) -> None:
    """With parts made small, so that pages of findings and parts meet in every way."""
    told = system.run_here(
        system.make_account(), b"Phone,Note\n" + b"".join(b"1,%d\n" % n for n in range(40)), map={"Phone": "phone"}
    )
    with system.system.engine.begin() as conn:
        conn.execute(
            text("UPDATE imports SET profile = jsonb_set(profile, '{part_rows}', '[7,0,20,1,12]') WHERE id = :id"),
            {"id": told["import_id"]},
        )
    whole = read_parts(system, told["import_id"])(0)
    assert whole is not None
    bounds = {0: (0, 7), 2: (7, 20), 3: (27, 1)}  # the second is empty, the last is gone

    def read(part: int) -> pa.Table | None:
        if part == 4:
            return None
        start, length = bounds.get(part, (0, 0))
        return whole.slice(start, length)

    with system.system.engine.connect() as conn:
        rows = list(iter_found_rows(driver_connection(conn), told["import_id"], read))
    assert [row.cells[1] for row in rows] == [*map(str, range(28)), *[None] * 12]
    assert [row.line for row in rows] == list(range(2, 42))


def test_an_unknown_import_is_a_wrong_command(system: Running) -> None:
    with system.system.engine.connect() as conn, pytest.raises(WrongCommand, match="no import"):
        load_source(driver_connection(conn), 999_999_999)
