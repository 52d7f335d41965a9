"""The import history tells every import in the form of the contract, and stays quick when it is long."""

import json
import os
import subprocess
import sys
import time
from datetime import datetime

import pytest
from sqlalchemy import text

from pipeline.asking import driver_connection
from pipeline.history import describe_import, list_imports, list_stages, look_at_import
from pipeline.personas.accounts import change_account
from pipeline.plan_rows import iter_plan
from schemas.errors import WrongCommand
from schemas.states import ImportStatus, StageName
from tests.running import Running

pytestmark = pytest.mark.services

CUSTOMERS = b"""First Name,Zip,Phone,Points,Opt-in SMS,Junk
Ann,12345,(415) 555-2671,50,yes,a
Bo,,415-555-2672,x,,
Cy,,12,-5,,
Ann,,(415) 555-2671,-20,,
"""
NOTHING_DONE = {"created": 0, "updated": 0, "unchanged": 0, "rejected": 0, "skipped": 0}


def test_a_completed_import_is_told_in_full(system: Running) -> None:
    account = system.make_account()
    told = system.run_here(account, CUSTOMERS, "May.csv", ignore=["Junk"])
    assert list(told) == [
        *("import_id", "account", "name", "status", "stage", "code", "message", "dry_run", "object", "trigger"),
        *("mapping", "rows", "rejects", "notices", "points", "consent", "texts", "audience"),
        *("stages", "attempts", "submitted_at", "finished_at", "rows_per_second"),
    ]
    assert (told["account"], told["name"], told["status"], told["stage"]) == (
        account,
        told["name"],
        "completed",
        "texts",
    )
    assert told["name"].endswith("May.csv")
    assert told["code"] is told["message"] is None
    assert list(told["mapping"].items()) == [
        ("First Name", "first_name"),
        ("Zip", "postal_code"),
        ("Phone", "phone"),
        ("Points", "points"),
        ("Opt-in SMS", "sms_opt_in"),
        ("Junk", None),
    ]
    assert told["rows"] == {"read": 4, "created": 2, "updated": 1, "unchanged": 0, "rejected": 1, "skipped": 0}
    assert told["rejects"] == {"no_phone_or_email": 1}
    assert told["notices"] == {"phone_invalid": 1, "points_invalid": 1}
    assert told["points"] == {"added": 50, "subtracted": 20, "refused": -5}
    assert told["consent"]["sms_opted_in"] == 1
    assert set(told["consent"]) == {
        *("sms_opted_in", "sms_opted_out", "sms_pending", "email_opted_in", "email_opted_out", "withheld")
    }
    assert told["audience"]["members"] == 2
    assert told["object"]["bytes"] == len(CUSTOMERS)
    assert set(told["object"]) == {"bucket", "key", "etag", "version_id", "bytes", "sha256"}
    assert told["rows_per_second"] > 0
    assert datetime.fromisoformat(told["submitted_at"]) < datetime.fromisoformat(told["finished_at"])
    assert json.loads(json.dumps(told)) == told


def test_stages_stand_in_their_order_and_attempts_carry_task_ids(system: Running) -> None:
    told = system.run_here(system.make_account(), CUSTOMERS)
    assert [stage["stage"] for stage in told["stages"]] == list(StageName)
    assert all(stage["state"] == "done" and stage["parts"] == stage["parts_done"] for stage in told["stages"])
    assert told["stages"][0]["rows"] == 4
    assert {attempt["outcome"] for attempt in told["attempts"]} == {"done"}
    assert all(attempt["task_id"] and attempt["finished_at"] for attempt in told["attempts"])
    with system.system.engine.connect() as conn:
        assert list_stages(driver_connection(conn), told["import_id"]) == told["stages"]
        glance = look_at_import(driver_connection(conn), told["import_id"])
    assert glance.is_over
    assert glance.status is ImportStatus.COMPLETED


def test_an_import_that_waits_shows_rows_read_and_nothing_else(system: Running) -> None:
    told = system.run_here(system.make_account(terms_accepted_by=None), CUSTOMERS)
    assert (told["status"], told["code"]) == ("needs_approval", "terms_not_accepted")
    assert told["rows"] == {"read": 4, **NOTHING_DONE}
    assert told["points"] == {"added": 0, "subtracted": 0, "refused": 0}
    assert told["audience"] == {"id": None, "members": 0}
    assert told["mapping"]["Phone"] == "phone"
    assert told["finished_at"] is None
    assert told["rows_per_second"] == 0.0
    with system.system.engine.connect() as conn:
        assert look_at_import(driver_connection(conn), told["import_id"]).is_over


def test_a_failed_import_says_why(system: Running) -> None:
    told = system.run_here(system.make_account(), b"Phone,Email\n")
    assert (told["status"], told["code"]) == ("failed", "no_rows")
    assert told["message"]
    assert told["attempts"][-1]["outcome"] == "failed"
    assert told["attempts"][-1]["error"] == "no_rows"


def test_the_newest_come_first_and_accounts_are_apart(system: Running) -> None:
    mine, other = system.make_account(), system.make_account()
    ids = [system.run_here(mine, b"Phone\n(415) 555-267%d\n" % number)["import_id"] for number in (1, 2)]
    foreign = system.run_here(other, b"Phone\n(415) 555-2671\n")["import_id"]
    with system.system.engine.connect() as conn:
        assert [each["import_id"] for each in list_imports(driver_connection(conn), mine, 10)] == ids[::-1]
        assert [each["import_id"] for each in list_imports(driver_connection(conn), mine, 1)] == [ids[1]]
        assert [each["import_id"] for each in list_imports(driver_connection(conn), None, 1)] == [foreign]
        assert list_imports(driver_connection(conn), "nobody", 10) == []
        assert list_imports(driver_connection(conn), mine, 1)[0] == describe_import(driver_connection(conn), ids[1])


def test_an_unknown_import_is_a_wrong_command(system: Running) -> None:
    with system.system.engine.connect() as conn:
        for ask in (describe_import, look_at_import, iter_plan):
            with pytest.raises(WrongCommand, match="no import 999999999"):
                ask(driver_connection(conn), 999_999_999)


def test_the_plan_tells_every_row_before_and_after(system: Running) -> None:
    account = system.make_account()
    told = system.run_here(account, CUSTOMERS)
    with system.system.engine.connect() as conn:
        lines = list(iter_plan(driver_connection(conn), told["import_id"]))
    assert [(line["line"], line["outcome"], line["code"]) for line in lines] == [
        (2, "created", None),
        (3, "created", None),
        (4, "rejected", "no_phone_or_email"),
        (5, "updated", None),
    ]
    assert lines[0]["persona_id"] == lines[3]["persona_id"]
    with system.system.engine.begin() as conn:
        change_account(conn, account, {"accept_terms_by": ""})
    waiting = system.run_here(account, b"Phone\n(415) 555-2671\n(415) 555-2679\n12\n")
    assert waiting["status"] == "needs_approval"
    with system.system.engine.connect() as conn:
        planned = list(iter_plan(driver_connection(conn), waiting["import_id"]))
    assert [(line["line"], line["outcome"]) for line in planned] == [(2, "updated"), (3, "created"), (4, "rejected")]
    assert planned[0]["persona_id"] == lines[0]["persona_id"]
    assert planned[1]["persona_id"] is None


def test_ten_thousand_imports_are_listed_quickly(system: Running) -> None:
    account = system.make_account()
    with system.system.engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO imports (account_id, turn, name, trigger, bucket, key, version, etag, bytes) "
                "SELECT a.id, n, 'x', 'api', 'b', a.name || n, 'v', 'e', 1 "
                "FROM accounts a CROSS JOIN generate_series(1, 10000) n WHERE a.name = :account"
            ),
            {"account": account},
        )
    with system.system.engine.connect() as conn:
        begun = time.perf_counter()
        found = list_imports(driver_connection(conn), account, 20)
        assert time.perf_counter() - begun < 0.5
    assert len(found) == 20
    # They would stand in the account's lane for ever.
    with system.system.engine.begin() as conn:
        conn.execute(
            text("DELETE FROM imports i USING accounts a WHERE a.id = i.account_id AND a.name = :account"),
            {"account": account},
        )


#: Loading any of these would take most of the time that looking something up may take.
_HEAVY = ("sqlalchemy", "alembic", "celery", "botocore", "pyarrow", "numpy", "pandas", "structlog")


@pytest.mark.parametrize(
    ("words", "also"),
    [
        (["history"], []),
        (["history", "--account", "ACCOUNT"], []),
        (["show", "IMPORT"], []),
        (["rejects", "IMPORT"], []),
        (["rejects", "IMPORT", "--json"], ["rich"]),
    ],
    ids=" ".join,
)
def test_looking_something_up_loads_the_driver_alone(system: Running, words: list[str], also: list[str]) -> None:
    account = system.make_account()
    told = system.run_here(account, b"First Name,Phone,Email\nAnn,(415) 555-2671,\nCy,,\n")
    names = {"ACCOUNT": account, "IMPORT": str(told["import_id"])}
    command = [names.get(word, word) for word in words]
    lines = (
        "import sys",
        "from console.cli import gather_commands",
        f"gather_commands({words[0]!r})({command!r}, standalone_mode=False)",
        f"print(sorted({set(_HEAVY) | set(also)!r} & set(sys.modules)))",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        env={**os.environ, "PERSONAS_HOME": str(system.system.settings.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(done.stdout.splitlines()) > 1
    assert done.stdout.splitlines()[-1] == "[]", done.stdout
