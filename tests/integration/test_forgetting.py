"""Forgetting a shopper: afterwards nobody finds phone, e-mail or name anywhere, and every count still holds."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from pipeline.files.parts import open_part
from pipeline.history import describe_import, iter_plan
from pipeline.personas.finding import find_personas
from pipeline.personas.scrubbing import finish_scrubs
from pipeline.personas.unblocking import unblock
from pipeline.reports import iter_found_rows
from pipeline.stages.parse import part_key
from schemas.errors import Transient, WrongCommand
from tests.desk import Desk, paused
from tests.running import Running

pytestmark = pytest.mark.services

#: Nobody else in the whole run has any of these.
PHONE, NATIONAL, EMAIL, NAME = "+17024440199", "7024440199", "wanda.gone@example.org", "Wandalina"
SECOND = "+19074440198"
ROWS = f"""First Name,Phone,Email,City,Points,Opt-in SMS,Note
{NAME},(702) 444-0199,,Reno,5,yes,first
Bo,212-555-0187,b@example.org,Ely,7,,friend of 702.444.0199
{NAME},,{EMAIL.upper()},,3,,
{NAME},702 444 0199,b@example.org,,9,,
Cy,310-555-0123,,,1,,
"""


@pytest.fixture
def desk(system: Running) -> Desk:
    return Desk(system)


def traces(desk: Desk, *needles: str) -> list[str]:
    """Where any of these stands: tables, part files, export, find, history, plan and reports."""
    words = [needle.lower() for needle in needles or (PHONE, NATIONAL, EMAIL, NAME)]
    found = [f"table {name}" for name, told in _tables(desk) if any(word in told for word in words)]
    found += [f"part {key}" for key, told in _parts(desk) if any(word in told for word in words)]
    found += [f"told by {name}" for name, told in _told(desk) if any(word in told.lower() for word in words)]
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


def _told(desk: Desk) -> list[tuple[str, str]]:
    told = [("export", json.dumps(desk.system.export(desk.name)))]
    with desk.tools.engine.connect() as conn:
        for query in (PHONE, EMAIL, NAME, f"merge:{PHONE}", f"merge:{EMAIL}"):
            told.append((f"find {query}", json.dumps(find_personas(conn, desk.account, query))))
        for row in desk.system.select(
            "SELECT id, parts_prefix FROM imports WHERE account_id = :id", id=desk.account.id
        ):
            told.append(("history", json.dumps(describe_import(conn, row["id"]))))
            told.append(("plan", json.dumps(list(iter_plan(conn, row["id"])), default=str)))
            told.append(("report", repr(list(iter_found_rows(conn, row["id"], reader(desk, row["parts_prefix"]))))))
    return told


def reader(desk: Desk, prefix: str | None) -> Any:
    return lambda part: open_part(desk.tools.store.get_bytes(part_key(prefix or "", part)))


def test_a_forgotten_shopper_is_nowhere(desk: Desk) -> None:
    desk.add(phone=PHONE, first_name=NAME, points="2", reason="welcome", sms_opt_in="yes", attribute__Pet="Rex")
    who = desk.add(email=EMAIL, last_name=NAME)
    first = desk.load(ROWS, map={"Note": "attribute:Note"}, on_conflict="reject")
    desk.edit(PHONE, city="Winnemucca")
    desk.merge(PHONE, str(who))
    desk.schedule_text(who, PHONE)
    # Rows that were left out, and one that names the shopper only in a column that nobody mapped.
    second = desk.load(
        f"Phone,First Name,Junk\n7024440199,{NAME},\n,{NAME},{PHONE}\n2125550187,Bo,ask {EMAIL}\n", ignore=["Junk"]
    )
    assert len(traces(desk)) > 8
    done = desk.forget(EMAIL)
    assert len(done.persona_ids) == 2
    assert done.awaited == 0
    assert traces(desk) == []
    for before in (first, second):
        after = desk.system.describe(before["import_id"])
        assert {name: after[name] for name in ("rows", "points", "rejects", "notices", "audience")} == {
            name: before[name] for name in ("rows", "points", "rejects", "notices", "audience")
        }
    kept = desk.system.select("SELECT * FROM consent_events WHERE persona_id = ANY(:ids)", ids=list(done.persona_ids))
    assert kept, "the evidence of consent stays"
    assert desk.texts(who) == ["cancelled"]
    assert [persona["phone"] for persona in desk.system.export(desk.name)] == ["+12125550187", "+13105550123"]
    assert desk.system.select("SELECT * FROM scrubs") == []
    with pytest.raises(WrongCommand):
        desk.forget(PHONE)


def test_the_forgotten_cannot_come_back_unasked(desk: Desk) -> None:
    desk.add(phone=PHONE, email=EMAIL)
    desk.forget(PHONE)
    for values in ({"phone": "702-444-0199"}, {"email": EMAIL}):
        with pytest.raises(WrongCommand, match="asked to be forgotten"):
            desk.add(**values)
    desk.add(phone=SECOND)
    with pytest.raises(WrongCommand, match="asked to be forgotten"):
        desk.edit(SECOND, email=EMAIL)
    done = desk.load(ROWS, map={"Note": "attribute:Note"})
    assert done["rejects"] == {"blocked": 3}
    assert (done["points"]["refused"], done["rows"]["created"]) == (17, 2)


def test_unblocking_takes_the_shoppers_word_and_is_recorded(desk: Desk) -> None:
    who = desk.add(phone=PHONE)
    desk.schedule_text(who, PHONE)
    desk.forget(PHONE)
    with pytest.raises(WrongCommand, match="not on the blocklist"):
        unblock(desk.tools, desk.account, "phone", SECOND, reason="asked", by="ann")
    with pytest.raises(WrongCommand, match="Say why"):
        unblock(desk.tools, desk.account, "phone", PHONE, reason=" ", by="ann")
    unblock(desk.tools, desk.account, "phone", "(702) 444-0199", reason="asked at the till", by="ann")
    noted = desk.system.select("SELECT kind, reason, made_by FROM unblocks WHERE account_id = :id", id=desk.account.id)
    assert noted == [{"kind": "phone", "reason": "asked at the till", "made_by": "ann"}]
    # The texts that the number has had still count.
    texts = desk.system.select("SELECT phone FROM double_opt_in_texts WHERE account_id = :id", id=desk.account.id)
    assert texts == [{"phone": PHONE}]
    back = desk.add(phone=PHONE)
    desk.forget(back)


@pytest.mark.parametrize("stage", ["map", "dedupe", "apply", "audience", "texts"])
@pytest.mark.parametrize("conflict", ["reject", "email"])
def test_forgetting_while_an_import_is_under_way(desk: Desk, stage: str, conflict: str) -> None:
    desk.add(phone=PHONE, first_name=NAME)
    desk.add(email="b@example.org")
    with paused(desk, ROWS, stage, map={"Note": "attribute:Note"}, on_conflict=conflict) as import_id:
        done = desk.forget(PHONE)
        assert done.awaited == 1
        if stage not in ("map",):
            assert [each for each in traces(desk, PHONE, NATIONAL) if not each.startswith("part")] == friend(stage)
    told = desk.system.describe(import_id)
    assert (told["status"], told["code"]) == ("completed", None)
    assert sum(told["rows"][name] for name in ("created", "updated", "unchanged", "rejected", "skipped")) == 5
    assert told["points"]["added"] + told["points"]["refused"] == (25 if stage != "map" else 11)
    assert finish_scrubs(desk.tools, desk.account) == 0
    left = desk.system.export(desk.name)
    assert PHONE not in {persona["phone"] for persona in left}
    assert desk.system.select("SELECT * FROM scrubs") == []
    # Only the friend's note is left, who is somebody else.
    desk.forget("b@example.org")
    # The e-mail of a row by itself is another persona until somebody merges the two.
    for persona in desk.system.export(desk.name):
        if persona["email"] == EMAIL:
            desk.forget(EMAIL)
    assert traces(desk) == []


def friend(stage: str) -> list[str]:
    """The note of somebody else's row that has been read already."""
    return []


def test_rows_of_a_blocked_shopper_go_at_the_end_of_the_import(desk: Desk) -> None:
    """Forgotten while the file was being read: its rows come after, are blocked, and lose their cells at the end."""
    desk.add(phone=PHONE, first_name=NAME)
    with paused(desk, f"Phone,First Name\n7024440199,{NAME}\n3105550123,Cy\n", "parse") as import_id:
        assert desk.forget(PHONE).awaited == 1
    assert desk.system.describe(import_id)["rejects"] == {"blocked": 1}
    assert traces(desk) != []
    assert finish_scrubs(desk.tools, desk.account) == 0
    assert traces(desk) == []


def test_part_files_are_emptied_later_where_the_bucket_is_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.load(ROWS, map={"Note": "attribute:Note"})
    store = type(desk.tools.store)

    def refuse(*_: object) -> None:
        raise Transient("away")

    with monkeypatch.context() as patched:
        patched.setattr(store, "put_bytes", refuse)
        assert desk.forget(PHONE).awaited == 1
    assert [each.split(" ")[0] for each in traces(desk, PHONE, NATIONAL)] == ["part"]
    assert finish_scrubs(desk.tools, desk.account) == 0
    assert traces(desk, PHONE, NATIONAL) == []
    desk.forget(EMAIL)
    assert traces(desk) == []


def test_parts_of_a_reader_that_died_go_too(desk: Desk) -> None:
    done = desk.load(ROWS, map={"Note": "attribute:Note"})
    number = done["import_id"]
    (prefix,) = desk.system.select("SELECT parts_prefix FROM imports WHERE id = :id", id=number)
    body = desk.tools.store.get_bytes(part_key(prefix["parts_prefix"], 0))
    desk.tools.store.put_bytes(f"imports/{number}/parts/stray/00000.arrow", body)
    desk.forget(PHONE)
    desk.forget(EMAIL)
    assert traces(desk) == []
    assert len(list(desk.tools.store.list(f"imports/{number}/"))) == 1


def test_two_shoppers_of_one_file_forgotten_at_once(desk: Desk) -> None:
    from concurrent.futures import ThreadPoolExecutor

    desk.load(f"Phone,First Name\n{PHONE},{NAME}\n{SECOND},{NAME}\n2125550187,Bo\n")
    with ThreadPoolExecutor(2) as pool:
        assert [len(done.persona_ids) for done in pool.map(desk.forget, (PHONE, SECOND))] == [1, 1]
    assert finish_scrubs(desk.tools, desk.account) == 0
    assert traces(desk, PHONE, NATIONAL, SECOND, SECOND[2:], NAME) == []


def test_forgetting_is_of_one_account(desk: Desk, system: Running) -> None:
    other = Desk(system)
    desk.add(phone=PHONE)
    who = other.add(phone=PHONE)
    desk.forget(PHONE)
    assert other.show(who)["phone"] == PHONE
    assert other.load("Phone\n7024440199\n")["rows"]["unchanged"] == 1
    other.forget(who)
    assert traces(desk) == []


def test_short_hashes_of_keys_do_not_outlive_the_shopper(desk: Desk) -> None:
    who = desk.add(phone=PHONE)
    desk.edit(PHONE, phone=SECOND)
    desk.forget(who)
    rows = desk.system.select("SELECT key_hashes FROM identity_changes WHERE persona_id = :id", id=who)
    assert {tuple(row["key_hashes"]) for row in rows} == {()}
    with desk.tools.engine.begin() as conn:
        conn.execute(text("UPDATE identity_changes SET at = at - interval '2 hours'"))
    desk.add(phone="+13105550123")
    assert desk.system.select("SELECT * FROM identity_changes WHERE persona_id = :id", id=who) == []
