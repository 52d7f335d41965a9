"""Forgetting a shopper: afterwards nobody finds phone, e-mail or name anywhere, and every count still holds."""

import itertools
import json
from typing import Any

import pytest
from sqlalchemy import text

from pipeline import answers
from pipeline.files.parts import open_part
from pipeline.history import describe_import, iter_plan
from pipeline.personas.archiving import archive_persona
from pipeline.personas.finding import find_personas
from pipeline.personas.scrubbing import finish_scrubs
from pipeline.personas.unblocking import unblock
from pipeline.reports import iter_found_rows
from pipeline.stages.parse import part_key
from schemas.errors import Transient, WrongCommand
from tests.desk import Desk, paused
from tests.running import Running

pytestmark = pytest.mark.services

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


@pytest.fixture
def shopper() -> Shopper:
    return Shopper()


@pytest.fixture
def desk(system: Running) -> Desk:
    return Desk(system)


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
            told.append(("history", json.dumps(describe_import(conn, row["id"]))))
            told.append(("plan", json.dumps(list(iter_plan(conn, row["id"])), default=str)))
            told.append(("report", repr(list(iter_found_rows(conn, row["id"], reader(desk, row["parts_prefix"]))))))
    return told


def scrubs(desk: Desk) -> list[dict[str, Any]]:
    return desk.system.select(
        "SELECT * FROM scrubs JOIN imports i ON i.id = import_id WHERE account_id = :id", id=desk.account.id
    )


def reader(desk: Desk, prefix: str | None) -> Any:
    return lambda part: open_part(desk.tools.store.get_bytes(part_key(prefix or "", part)))


def test_a_forgotten_shopper_is_nowhere(desk: Desk, shopper: Shopper) -> None:
    desk.add(
        phone=shopper.phone,
        first_name=shopper.name,
        points="2",
        reason="welcome",
        sms_opt_in="yes",
        attribute__Pet="Rex",
    )
    who = desk.add(email=shopper.email, last_name=shopper.name)
    first = desk.load(shopper.rows, map=NOTE, on_conflict="reject")
    desk.edit(shopper.phone, city="Winnemucca")
    desk.merge(shopper.phone, str(who))
    desk.schedule_text(who, shopper.phone)
    # Rows that were left out, and one that names the shopper only in a column that nobody mapped.
    left_out = f"{shopper.spelled},{shopper.name},,surplus\n,{shopper.name},{shopper.phone}\n"
    rows = f"{shopper.national},{shopper.name},\n{left_out}2125550187,Bo,ask {shopper.email}\n"
    second = desk.load(f"Phone,First Name,Junk\n{rows}", ignore=["Junk"])
    assert len(traces(desk, shopper)) > 8
    done = desk.forget(shopper.email)
    assert len(done.persona_ids) == 2
    assert done.awaited == 0
    assert traces(desk, shopper) == []
    for before in (first, second):
        after = desk.system.describe(before["import_id"])
        assert {name: after[name] for name in ("rows", "points", "rejects", "notices", "audience")} == {
            name: before[name] for name in ("rows", "points", "rejects", "notices", "audience")
        }
    kept = desk.system.select("SELECT * FROM consent_events WHERE persona_id = ANY(:ids)", ids=list(done.persona_ids))
    assert kept, "the evidence of consent stays"
    assert desk.texts(who) == ["cancelled"]
    assert {persona["phone"] for persona in desk.system.export(desk.name)} == {"+12125550187", "+13105550123"}
    assert scrubs(desk) == []
    with pytest.raises(WrongCommand):
        desk.forget(shopper.phone)


def test_the_forgotten_cannot_come_back_unasked(desk: Desk, shopper: Shopper) -> None:
    desk.add(phone=shopper.phone, email=shopper.email)
    desk.forget(shopper.phone)
    for values in ({"phone": shopper.spelled}, {"email": shopper.email}):
        with pytest.raises(WrongCommand, match="asked to be forgotten"):
            desk.add(**values)
    desk.add(phone=shopper.second)
    with pytest.raises(WrongCommand, match="asked to be forgotten"):
        desk.edit(shopper.second, email=shopper.email)
    done = desk.load(shopper.rows, map=NOTE)
    assert done["rejects"] == {"blocked": 3}
    assert (done["points"]["refused"], done["rows"]["created"]) == (17, 2)


def test_unblocking_takes_the_shoppers_word_and_is_recorded(desk: Desk, shopper: Shopper) -> None:
    who = desk.add(phone=shopper.phone)
    desk.schedule_text(who, shopper.phone)
    desk.forget(shopper.phone)
    with pytest.raises(WrongCommand, match="not on the blocklist"):
        unblock(desk.tools, desk.account, "phone", shopper.second, reason="asked", by="ann")
    with pytest.raises(WrongCommand, match="Say why"):
        unblock(desk.tools, desk.account, "phone", shopper.phone, reason=" ", by="ann")
    unblock(desk.tools, desk.account, "phone", shopper.spelled, reason="asked at the till", by="ann")
    noted = desk.system.select("SELECT kind, reason, made_by FROM unblocks WHERE account_id = :id", id=desk.account.id)
    assert noted == [{"kind": "phone", "reason": "asked at the till", "made_by": "ann"}]
    # The texts that the number has had still count.
    texts = desk.system.select("SELECT phone FROM double_opt_in_texts WHERE account_id = :id", id=desk.account.id)
    assert texts == [{"phone": shopper.phone}]
    back = desk.add(phone=shopper.phone)
    desk.forget(back)


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
    assert finish_scrubs(desk.tools, desk.account) == 0
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
    assert finish_scrubs(desk.tools, desk.account) == 0
    assert traces(desk, shopper) == []


def test_part_files_are_emptied_later_where_the_bucket_is_away(
    desk: Desk, shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load(shopper.rows, map=NOTE)
    store = type(desk.tools.store)

    def refuse(*_: object) -> None:
        raise Transient("away")

    with monkeypatch.context() as patched:
        patched.setattr(store, "put_bytes", refuse)
        assert desk.forget(shopper.phone).awaited == 1
    assert [each.split(" ")[0] for each in traces(desk, shopper, shopper.phone, shopper.national)] == ["part", "told"]
    assert finish_scrubs(desk.tools, desk.account) == 0
    assert traces(desk, shopper, shopper.phone, shopper.national) == []
    desk.forget(shopper.email)
    assert traces(desk, shopper) == []


def test_parts_of_a_reader_that_died_go_too(desk: Desk, shopper: Shopper) -> None:
    done = desk.load(shopper.rows, map=NOTE)
    number = done["import_id"]
    (prefix,) = desk.system.select("SELECT parts_prefix FROM imports WHERE id = :id", id=number)
    body = desk.tools.store.get_bytes(part_key(prefix["parts_prefix"], 0))
    desk.tools.store.put_bytes(f"imports/{number}/parts/stray/00000.arrow", body)
    desk.forget(shopper.phone)
    desk.forget(shopper.email)
    assert traces(desk, shopper) == []
    assert len(list(desk.tools.store.list(f"imports/{number}/"))) == 1


def test_two_shoppers_of_one_file_forgotten_at_once(desk: Desk, shopper: Shopper) -> None:
    from concurrent.futures import ThreadPoolExecutor

    desk.load(f"Phone,First Name\n{shopper.phone},{shopper.name}\n{shopper.second},{shopper.name}\n2125550187,Bo\n")
    with ThreadPoolExecutor(2) as pool:
        assert [len(done.persona_ids) for done in pool.map(desk.forget, (shopper.phone, shopper.second))] == [1, 1]
    assert finish_scrubs(desk.tools, desk.account) == 0
    assert traces(desk, shopper) == []


def test_forgetting_is_of_one_account(desk: Desk, shopper: Shopper, system: Running) -> None:
    other = Desk(system)
    desk.add(phone=shopper.phone)
    who = other.add(phone=shopper.phone)
    desk.forget(shopper.phone)
    assert other.show(who)["phone"] == shopper.phone
    assert other.load(f"Phone\n{shopper.national}\n")["rows"]["unchanged"] == 1
    other.forget(who)
    assert traces(desk, shopper) == []


def test_short_hashes_of_keys_do_not_outlive_the_shopper(desk: Desk, shopper: Shopper) -> None:
    who = desk.add(phone=shopper.phone)
    desk.edit(shopper.phone, phone=shopper.second)
    desk.forget(who)
    rows = desk.system.select("SELECT key_hashes FROM identity_changes WHERE persona_id = :id", id=who)
    assert {tuple(row["key_hashes"]) for row in rows} == {()}
    with desk.tools.engine.begin() as conn:
        conn.execute(text("UPDATE identity_changes SET at = at - interval '2 hours'"))
    desk.add(phone="+13105550123")
    assert desk.system.select("SELECT * FROM identity_changes WHERE persona_id = :id", id=who) == []


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
    assert finish_scrubs(desk.tools, desk.account) == 0
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
