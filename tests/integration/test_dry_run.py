"""A dry run shows the exact plan and changes nothing; approving runs that plan, or says what drifted since."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.answers import approve, cancel
from pipeline.asking import driver_connection
from pipeline.plan_rows import iter_plan, write_plan
from tests.factories.files import write_table
from tests.factories.rows import Knobs, make_table
from tests.running import Running

pytestmark = pytest.mark.services

FILE = b"Phone,Email,First Name,Points,Opt-in SMS\n4155552671,,Ada,10,yes\n,bob@example.org,Bob,-5,\nnope,,Cy,1,\n"


def test_a_dry_run_ends_planned_with_the_counts_of_the_real_thing(system: Running, tmp_path: Path) -> None:
    table = make_table(7, Knobs(portable=False))
    path = write_table(table, tmp_path / "customers.csv")
    options: dict[str, Any] = {
        "map": {header: field for header, field in table.mapping.items() if field},
        "ignore": [header for header, field in table.mapping.items() if not field],
    }
    dry_account, real_account = system.make_account(), system.make_account()
    planned = system.run_here(dry_account, path, dry_run=True, **options)
    real = system.run_here(real_account, path, **options)
    assert (planned["status"], planned["dry_run"]) == ("planned", True)
    for name in ("rows", "rejects", "notices", "points", "consent"):
        assert planned[name] == real[name], name
    assert system.export(dry_account) == []


def test_a_plan_says_row_by_row_what_would_happen(system: Running, tmp_path: Path) -> None:
    account = system.make_account(double_opt_in="after_import")
    system.run_here(account, b"Phone,First Name,City\n4155552671,Ann,Reno\n")
    file = b"Phone,First Name,Points,Opt-in SMS\n4155552671,Ada,10,\n4155552672,Bob,-5,yes\nnope,Cy,1,\n"
    planned = system.run_here(account, file, dry_run=True)
    with system.system.engine.connect() as conn:
        ada, bob, cy = iter_plan(driver_connection(conn), planned["import_id"])
        write_plan(tmp_path / "plan.csv", iter_plan(driver_connection(conn), planned["import_id"]))
    assert (ada["outcome"], ada["changes"], ada["points"]) == ("updated", {"first_name": ["Ann", "Ada"]}, 10)
    assert (ada["texted"], ada["persona_id"] is not None) == (True, True)
    assert (bob["outcome"], bob["created"]["first_name"], bob["sms"]) == ("created", "Bob", ["unknown", "opted_in"])
    assert (bob["points_refused"], bob["notices"], bob["texted"]) == (-5, ["points points_below_zero"], False)
    assert (cy["outcome"], cy["code"]) == ("rejected", "no_phone_or_email")
    lines = (tmp_path / "plan.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4
    assert "first_name: Ann → Ada" in lines[1]


def test_approving_a_plan_carries_it_out(system: Running) -> None:
    account = system.make_account()
    planned = system.run_here(account, FILE, dry_run=True)
    system.ring_here(approve(system.system.tools, planned["import_id"], accept_terms=False, again=False, by="tests"))
    done = system.describe(planned["import_id"])
    assert (done["status"], done["dry_run"], done["rows"]) == ("completed", False, planned["rows"])
    assert [persona["points"] for persona in system.export(account)] == [10, 0]


def test_approving_a_plan_that_no_longer_fits_says_what_drifted(system: Running) -> None:
    account = system.make_account()
    planned = system.run_here(account, FILE, dry_run=True)
    system.run_here(account, b"Phone,First Name,Points\n4155552671,Ada,100\n")
    tools = system.system.tools
    system.ring_here(approve(tools, planned["import_id"], accept_terms=False, again=False, by="tests"))
    parked = system.describe(planned["import_id"])
    assert (parked["status"], parked["code"]) == ("needs_approval", "plan_drifted")
    assert "2" in parked["message"]
    assert system.export(account)[0]["points"] == 100
    system.ring_here(approve(tools, planned["import_id"], accept_terms=False, again=False, by="tests"))
    assert system.describe(planned["import_id"])["status"] == "completed"
    assert [persona["points"] for persona in system.export(account) if persona["phone"]] == [110]


def test_a_dry_run_needs_no_terms_and_shows_what_would_stop_it(system: Running) -> None:
    account = system.make_account(terms_accepted_by=None)
    planned = system.run_here(account, FILE, dry_run=True)
    assert (planned["status"], planned["code"]) == ("planned", "terms_not_accepted")
    cancel(system.system.tools, planned["import_id"])
    assert system.describe(planned["import_id"])["status"] == "cancelled"
