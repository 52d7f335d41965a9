"""Forgetting a shopper while imports that name them are on their way, in whatever stage, or wait for a person."""

from typing import Any

import pytest

from pipeline import answers
from pipeline.personas.archiving import archive_persona
from pipeline.personas.scrubbing import finish_scrubs
from tests.desk import Desk, paused
from tests.running import Running
from tests.traces import NOTE, Shopper, scrubs, traces

pytestmark = pytest.mark.services


@pytest.fixture
def shopper() -> Shopper:
    return Shopper()


@pytest.fixture
def desk(system: Running) -> Desk:
    return Desk(system)


@pytest.mark.parametrize("stage", ["map", "dedupe", "apply", "audience", "texts"])
@pytest.mark.parametrize("conflict", ["reject", "email"])
def test_forgetting_while_an_import_is_under_way(desk: Desk, shopper: Shopper, stage: str, conflict: str) -> None:
    desk.add(phone=shopper.phone, first_name=shopper.name)
    desk.add(email="b@example.org")
    with paused(desk, shopper.rows, stage, map=NOTE, on_conflict=conflict) as import_id:
        done = desk.forget(shopper.phone)
        assert done.awaited == 1
        assert traces(desk, shopper, shopper.phone, shopper.national) == []
    told = desk.system.describe(import_id)
    assert (told["status"], told["code"]) == ("completed", None)
    assert sum(told["rows"][name] for name in ("created", "updated", "unchanged", "rejected", "skipped")) == 5
    assert told["points"]["added"] + told["points"]["refused"] == (25 if stage != "map" else 11)
    assert finish_scrubs(desk.system.worker_tools, desk.account) == 0
    left = desk.system.export(desk.name)
    assert shopper.phone not in {persona["phone"] for persona in left}
    assert scrubs(desk) == []
    # The e-mail of a row by itself is another persona until somebody merges the two.
    desk.forget(shopper.email)
    assert traces(desk, shopper) == []


def test_rows_of_a_blocked_shopper_go_at_the_end_of_the_import(desk: Desk, shopper: Shopper) -> None:
    """Forgotten while the file was being read: its rows come after, are blocked, and lose their cells at the end."""
    desk.add(phone=shopper.phone, first_name=shopper.name)
    with paused(desk, f"Phone,First Name\n{shopper.national},{shopper.name}\n3105550123,Cy\n", "parse") as import_id:
        assert desk.forget(shopper.phone).awaited == 1
    assert desk.system.describe(import_id)["rejects"] == {"blocked": 1}
    assert traces(desk, shopper) != []
    assert finish_scrubs(desk.system.worker_tools, desk.account) == 0
    assert traces(desk, shopper) == []


@pytest.mark.parametrize("waits", ["needs_mapping", "needs_approval", "planned"])
def test_forgetting_while_an_import_waits_for_a_person(system: Running, shopper: Shopper, waits: str) -> None:
    desk = Desk(system, terms_accepted_by=None if waits == "needs_approval" else "tests")
    who = desk.add(phone=shopper.phone)
    rows = shopper.rows.replace("Phone", "Ring") if waits == "needs_mapping" else shopper.rows
    rows = rows.replace("Email", "Box") if waits == "needs_mapping" else rows
    options: dict[str, Any] = {"dry_run": True} if waits == "planned" else {}
    told = system.run_here(desk.name, rows.encode(), ignore=["Note"], **options)
    assert told["status"] == waits
    assert desk.forget(who).awaited == 1
    assert traces(desk, shopper, shopper.phone, shopper.national) == []
    number = told["import_id"]
    if waits == "needs_mapping":
        system.ring_here(answers.map_columns(desk.tools, number, {"Ring": "phone", "Box": "email"}))
    else:
        system.ring_here(answers.approve(desk.tools, number, accept_terms=True, again=False, by="ann"))
    done = system.describe(number)
    assert (done["status"], done["rows"]["created"], done["rows"]["rejected"]) == ("completed", 3, 2)
    # Rows that were emptied before anybody knew their columns have neither phone nor e-mail.
    assert done["rejects"] == {"no_phone_or_email" if waits == "needs_mapping" else "blocked": 2}
    assert finish_scrubs(desk.system.worker_tools, desk.account) == 0
    assert traces(desk, shopper, shopper.phone, shopper.national) == []


def test_rows_that_were_planned_in_view_of_the_forgotten_are_planned_again(desk: Desk, shopper: Shopper) -> None:
    """Rows of the shopper freed a phone for one persona, and brought another one back from the archive."""
    desk.add(phone=shopper.phone, email=shopper.email)
    archived = desk.add(email="y@example.org")
    archive_persona(desk.tools, desk.account, str(archived))
    csv = (
        "Phone,Email,City\n"
        f"{shopper.second},{shopper.email},Reno\n"
        f"{shopper.phone},n@example.org,Ely\n"
        ",n@example.org,Elko\n"
        f"{shopper.second},y@example.org,Reno\n"
        ",y@example.org,Ely\n"
    )
    options = {"replace_identifiers": True, "on_conflict": "email", "archived": "restore"}
    with paused(desk, csv, "apply", **options) as import_id:
        desk.forget(shopper.email)
    done = desk.system.describe(import_id)
    assert (done["status"], done["rejects"]) == ("completed", {"blocked": 2})
    assert (done["rows"]["created"], done["rows"]["updated"]) == (1, 2)
    told = {persona["email"]: persona for persona in desk.system.export(desk.name)}
    assert {email: (each["status"], each["city"], each["phone"]) for email, each in told.items()} == {
        "n@example.org": ("active", "Elko", None),
        "y@example.org": ("active", "Ely", shopper.second),
    }
