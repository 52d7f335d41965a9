"""Forgetting a shopper: afterwards nobody finds phone, e-mail or name anywhere, and every count still holds."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from pipeline.files.parts import part_key
from pipeline.personas.scrubbing import finish_scrubs
from pipeline.personas.unblocking import unblock
from schemas.errors import Transient, WrongCommand
from tests.desk import Desk
from tests.running import Running
from tests.traces import NOTE, Shopper, scrubs, traces

pytestmark = pytest.mark.services


@pytest.fixture
def shopper() -> Shopper:
    return Shopper()


@pytest.fixture
def desk(system: Running) -> Desk:
    return Desk(system)


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
    assert finish_scrubs(desk.system.worker_tools, desk.account) == 0
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
    desk.load(f"Phone,First Name\n{shopper.phone},{shopper.name}\n{shopper.second},{shopper.name}\n2125550187,Bo\n")
    with ThreadPoolExecutor(2) as pool:
        assert [len(done.persona_ids) for done in pool.map(desk.forget, (shopper.phone, shopper.second))] == [1, 1]
    assert finish_scrubs(desk.system.worker_tools, desk.account) == 0
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
