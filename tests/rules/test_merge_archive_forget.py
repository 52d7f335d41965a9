"""Merge and its undoing, archive and restore, and a forgotten shopper of whom nothing is left but counts."""

import json
from typing import Any

import pytest
import structlog

from pipeline import blocklist
from pipeline.asking import driver_connection
from pipeline.files.parts import open_part, part_key
from pipeline.history import describe_import
from pipeline.personas.finding import find_personas
from pipeline.plan_rows import iter_plan
from pipeline.work import Doorbell
from schemas.errors import WrongCommand
from tests.rules.shop import ANN, BOB, CY, Shop, Told
from tests.running import Running

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def merged(system: Running) -> tuple[Shop, int, int, list[dict[str, Any]]]:
    """Ann, into whom Bob was merged; and both as they were before."""
    shop = Shop(system)
    ann = shop.add(
        phone=ANN, first_name="Ann", city="Reno", attribute__Hat="red", points="5", reason="a", sms_opt_in="yes"
    )
    bob = shop.add(
        email="b@example.org",
        first_name="Bob",
        last_name="Lee",
        birthday="1990-01-31",
        favorite_store="Uptown",
        attribute__Hat="blue",
        attribute__Shoe="42",
        loyalty_signup_date="2024-01-31",
        sms_opt_out="yes",
        email_opt_in="yes",
    )
    shop.bring("Email,Points\nb@example.org,7\n")
    before = shop.people()
    shop.merge(str(ann), str(bob))
    return shop, ann, bob, before


def test_the_first_named_survives(merged: tuple[Shop, int, int, Any]) -> None:
    """Merge lets the first persona named survive."""
    shop, ann, bob, _ = merged
    assert (shop.show(ann)["status"], shop.show(bob)["status"], shop.show(bob)["merged_into"]) == (
        "active",
        "merged",
        ann,
    )


def test_the_survivors_blanks_are_filled(merged: tuple[Shop, int, int, Any]) -> None:
    """Its blank profile values, attributes, store and dates are filled from the other."""
    shop, ann, _, _ = merged
    told = shop.show(ann)
    assert (told["first_name"], told["last_name"], told["city"]) == ("Ann", "Lee", "Reno")
    assert (told["attributes"], told["favorite_store"]) == ({"Hat": "red", "Shoe": "42"}, "Uptown")
    assert (told["birthday"], told["loyalty_signup_date"]) == ("1990-01-31", "2024-01-31")


def test_ledger_lines_move(merged: tuple[Shop, int, int, Any]) -> None:
    """Ledger lines move to the survivor."""
    shop, ann, bob, _ = merged
    assert [line["delta"] for line in shop.show(ann)["ledger"]] == [5, 7]
    assert (shop.show(ann)["points"], shop.show(bob)["points"], shop.show(bob)["ledger"]) == (12, 0, [])


def test_an_opt_out_of_either_holds(merged: tuple[Shop, int, int, Any]) -> None:
    """An opt-out of either holds for it."""
    shop, ann, _, _ = merged
    assert shop.consent(ann)[0] == "opted_out"


def test_identifiers_stay_and_lead_to_the_survivor(merged: tuple[Shop, int, int, Any]) -> None:
    """Identifiers stay where they are: the other persona remains as merged …"""
    shop, ann, bob, _ = merged
    assert (shop.show(ann)["email"], shop.show(bob)["email"]) == (None, "b@example.org")
    with shop.tools.engine.connect() as conn:
        (found,) = find_personas(conn, shop.account, "merge:b@example.org")
    assert found["persona_id"] == ann
    told = shop.bring("Email,Gender\nb@example.org,f\n")
    assert (told.outcomes, shop.show(ann)["gender"], shop.show(bob)["gender"]) == ({2: "updated"}, "f", None)
    shop.edit(ANN, gender="")


def test_unmerge_gives_everything_back(merged: tuple[Shop, int, int, Any]) -> None:
    """Unmerge gives everything back."""
    shop, _, bob, before = merged
    shop.unmerge(str(bob))
    assert shop.people() == before


def test_archive_and_restore_change_the_status_alone(shop: Shop) -> None:
    """Archive and restore change the status and nothing else."""
    who = shop.add(phone=ANN, email="a@example.org", city="Reno", points="5", reason="a", sms_opt_in="yes")
    before, events = shop.show(who), shop.events(who)
    shop.archive(ANN)
    assert shop.show(who) == {**before, "status": "archived"}
    shop.restore(ANN)
    assert (shop.show(who), shop.events(who)) == (before, events)


NEEDLES = ("9075550142", "wandalina", "wanda@forgotten.example")


@pytest.fixture(scope="module")
def forgotten(system: Running) -> tuple[Shop, Told, int]:
    """A shopper with rows of every outcome, an event, points and a waiting text, who asked to be forgotten."""
    with structlog.testing.capture_logs() as logs:
        shop = Shop(system)
        told = shop.bring(
            "Phone,Email,First Name,Points,Opt-in SMS,Note\n9075550142,wanda@forgotten.example,Wandalina,5,yes,x\n"
            "(907) 555-0142,wanda@,Wandalina,,,\n4155552671,,Ann,7,,friend of 907 555 0142\n2125550187,,Bob,,,\n"
            "2125550187,WANDA@forgotten.example,Wandalina,3,,\n"
        )
        who = shop.show("+19075550142")["persona_id"]
        shop.schedule_text(who, "+19075550142")
        shop.forget("wanda@forgotten.example")
        shop.offer("Phone,First Name\n9075550142,Wandalina\n4155552671,Ann\n")
    shop.logged = json.dumps(logs, default=str)  # type: ignore[attr-defined]
    return shop, told, who


def holds(text: str) -> bool:
    return any(needle in text.lower() for needle in NEEDLES)


def test_forget_deletes_data_and_ledger(forgotten: tuple[Shop, Told, int]) -> None:
    """Forget deletes the persona's data and ledger lines."""
    shop, _, who = forgotten
    for table, column in (("personas", "id"), ("ledger", "persona_id"), ("audience_members", "persona_id")):
        assert shop.system.select(f"SELECT 1 FROM {table} WHERE {column} = :id", id=who) == []
    assert [person["phone"] for person in shop.people()] == [BOB, ANN]


def test_both_identifiers_are_blocked_as_keyed_hashes(forgotten: tuple[Shop, Told, int]) -> None:
    """Both identifiers enter the blocklist as keyed hashes.
    Nobody can read the blocklist: the one question that it answers is whether a value that somebody has is on it.
    """
    shop, _, _ = forgotten
    rows = shop.system.select("SELECT * FROM blocklist WHERE account_id = :id", id=shop.account.id)
    assert len(rows) == 2
    assert {frozenset(row) for row in rows} == {frozenset({"account_id", "hash", "created_at"})}
    keyed = blocklist.hash_of(shop.tools.blocklist_key, shop.account.id, "phone", "+19075550142")
    other = blocklist.hash_of(b"x" * 32, shop.account.id, "phone", "+19075550142")
    hashes = {bytes(row["hash"]) for row in rows}
    assert (keyed in hashes, other in hashes, {len(each) for each in hashes}) == (True, False, {32})
    assert not any(each.hex() in text["phone"] for each in hashes for text in shop.waiting_texts())
    with pytest.raises(WrongCommand):
        shop.add(phone="+19075550142")


def test_waiting_texts_are_cancelled(forgotten: tuple[Shop, Told, int]) -> None:
    """Waiting texts are cancelled."""
    shop, _, _ = forgotten
    assert [(waiting["state"], holds(waiting["phone"])) for waiting in shop.waiting_texts()] == [("cancelled", False)]


def test_staging_part_files_and_reports_lose_the_rows(forgotten: tuple[Shop, Told, int]) -> None:
    """Staging, part files and reject reports lose the rows."""
    shop, told, _ = forgotten
    (stored,) = shop.system.select("SELECT parts_prefix FROM imports WHERE id = :id", id=told["import_id"])
    part = open_part(shop.tools.store.get_bytes(part_key(stored["parts_prefix"], 0)))
    assert not holds(json.dumps(part.to_pylist(), default=str))
    assert "Bob" in json.dumps(part.to_pylist(), default=str)
    for table in (f"staging.rows_{told['import_id']}", f"staging.plan_{told['import_id']}"):
        assert not holds(str(shop.system.select(f"SELECT t::text AS told FROM {table} t")))
    assert not holds(str(shop.findings(told)))


def test_nothing_that_people_look_at_names_the_shopper(forgotten: tuple[Shop, Told, int]) -> None:
    """Exports, searches and histories no longer name the shopper."""
    shop, told, _ = forgotten
    assert not holds(json.dumps(shop.people()))
    with shop.tools.engine.connect() as conn:
        for needle in ("+19075550142", "wanda@forgotten.example", "Wandalina", "merge:+19075550142"):
            assert find_personas(conn, shop.account, needle) == []
        raw = driver_connection(conn)
        told_of = [describe_import(raw, told["import_id"]), *iter_plan(raw, told["import_id"])]
    assert not holds(json.dumps(told_of, default=str))


def test_counts_of_past_imports_stay(forgotten: tuple[Shop, Told, int]) -> None:
    """Counts of past imports stay as numbers."""
    shop, told, _ = forgotten
    after = shop.tell(told["import_id"])
    for name in ("rows", "points", "consent", "rejects", "notices"):
        assert after[name] == told[name]


def test_the_evidence_of_consent_stays_without_the_name(forgotten: tuple[Shop, Told, int]) -> None:
    """The evidence of consent that the law asks for stays without the name."""
    shop, told, who = forgotten
    (event,) = shop.system.select("SELECT * FROM consent_events WHERE persona_id = :id", id=who)
    assert (event["new"], event["import_id"], event["line"], event["raw"]) == ("opted_in", told["import_id"], 2, "yes")
    assert not holds(str(event))


def test_logs_and_tasks_know_ids_alone(forgotten: tuple[Shop, Told, int]) -> None:
    """Phones, e-mails and names appear in no log, task, queue or error text.
    Ids do.
    """
    shop, told, _ = forgotten
    logged: str = shop.logged  # type: ignore[attr-defined]
    assert str(told["import_id"]) in logged
    assert not holds(logged)
    assert list(Doorbell.__slots__) == ["stage", "import_id", "part", "small"]
    with pytest.raises(WrongCommand) as refused:
        shop.edit(CY, city="Reno")
    assert CY not in str(refused.value)
