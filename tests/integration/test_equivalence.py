"""Row-order equivalence: the pipeline's sets give what the oracle gives row after row, on generated files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.answers import approve
from tests.factories.files import write_table
from tests.factories.rows import FileTable, Knobs, make_table
from tests.factories.scenarios import ImportStep, make_scenario
from tests.oracle import ImportResult, World, apply_import, compare
from tests.running import Running

pytestmark = pytest.mark.services


def make_world(**settings: Any) -> World:
    zone = "America/New_York"
    return World(region="US", timezone=zone, today=datetime.now(UTC).astimezone(ZoneInfo(zone)).date(), **settings)


def import_both(
    system: Running,
    account: str,
    world: World,
    table: FileTable,
    folder: Path,
    style: str,
    by_workers: bool = False,
    **options: Any,
) -> tuple[dict[str, Any], ImportResult]:
    """The same file through the product and the oracle."""
    told = {name: value for name, value in options.items() if value is not None}
    path = write_table(table, folder / f"customers.{style}")
    mapped = {header: field for header, field in table.mapping.items() if field}
    ignored = [header for header, field in table.mapping.items() if not field]
    run = system.run if by_workers else system.run_here
    done = run(account, path, path.name, map=mapped, ignore=ignored, again=True, **told)
    if done["code"] == "too_many_rejects":
        tools = system.system.tools
        system.ring_here(approve(tools, done["import_id"], accept_terms=False, again=False, by="tests"))
        done = system.describe(done["import_id"])
    expected = apply_import(
        world, table.headers, table.rows, table.mapping, options, done["import_id"], workbook=style != "csv"
    )
    return done, expected


def check_same(system: Running, account: str, world: World, done: dict[str, Any], expected: ImportResult) -> None:
    """Personas, ledger, consent, outcomes, rejects, notices and every count."""
    import_id = done["import_id"]
    assert done["status"] == "completed", (done["code"], done["message"])
    rejects = system.select("SELECT line, code FROM rejects WHERE import_id = :id", id=import_id)
    assert {row["line"]: row["code"] for row in rejects} == {
        line: code for line, code in expected.codes.items() if expected.outcomes[line] == "rejected"
    }
    outcomes = system.select("SELECT line, outcome FROM outcomes WHERE import_id = :id", id=import_id)
    assert {row["line"]: row["outcome"] for row in outcomes} == expected.outcomes
    notices = system.select("SELECT line, field, code FROM notices WHERE import_id = :id", id=import_id)
    assert {(row["line"], row["field"], row["code"]) for row in notices} == expected.notice_set
    assert compare(system.export(account), world.export()) == []
    wanted = expected.as_json()
    for name in ("rows", "points", "consent"):
        assert done[name] == wanted[name], name
    for name in ("rejects", "notices"):
        assert {code: count for code, count in done[name].items() if count} == wanted[name], name
    assert done["audience"]["members"] == wanted["audience"]["members"]
    check_events(system, import_id, expected)


def check_events(system: Running, import_id: int, expected: ImportResult) -> None:
    """Consent events, with their evidence."""
    rows = system.select("SELECT line, channel, old, new, raw FROM consent_events WHERE import_id = :id", id=import_id)
    told = sorted((row["line"], row["channel"], row["old"], row["new"]) for row in rows)
    assert told == sorted((event.line or 0, event.channel, event.before, event.after) for event in expected.events)


@pytest.mark.parametrize("seed", range(12))
def test_one_tangled_file_means_what_its_rows_mean(system: Running, tmp_path: Path, seed: int) -> None:
    account, world = system.make_account(), make_world()
    table = make_table(seed, Knobs(portable=False))
    done, expected = import_both(system, account, world, table, tmp_path, "csv")
    check_same(system, account, world, done, expected)


@pytest.mark.parametrize("seed", range(12))
def test_imports_in_a_row_with_options_mean_what_their_rows_mean(system: Running, tmp_path: Path, seed: int) -> None:
    account, world = system.make_account(), make_world()
    for step in make_scenario(seed):
        if isinstance(step, ImportStep):
            done, expected = import_both(
                system, account, world, step.table, tmp_path, step.format, **dict(step.options)
            )
            check_same(system, account, world, done, expected)


@pytest.mark.parametrize("seed", range(100, 103))
def test_the_same_through_celery_and_real_workers(worker: Running, tmp_path: Path, seed: int) -> None:
    account, world = worker.make_account(), make_world()
    for step in make_scenario(seed, imports=3):
        if isinstance(step, ImportStep):
            options = dict(step.options)
            done, expected = import_both(
                worker, account, world, step.table, tmp_path, step.format, by_workers=True, **options
            )
            check_same(worker, account, world, done, expected)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(1, 60),
    shoppers=st.integers(1, 10),
    tangled=st.sampled_from([0.0, 0.5, 1.0]),
    on_conflict=st.sampled_from(["reject", "phone", "email"]),
    replace_identifiers=st.booleans(),
)
def test_any_small_file_means_what_its_rows_mean(
    system: Running, tmp_path: Path, seed: int, rows: int, shoppers: int, tangled: float, **options: Any
) -> None:
    account, world = system.make_account(), make_world()
    for number in range(2):
        table = make_table(seed + number, Knobs(rows=rows, shoppers=shoppers, tangled=tangled, portable=False))
        done, expected = import_both(system, account, world, table, tmp_path, "csv", **options)
        if done["status"] == "completed":
            check_same(system, account, world, done, expected)
        else:
            # All rows may be blank: then there is nothing to mean anything.
            assert done["code"] == "no_rows"
