"""Staff's commands on single personas, and the shopper's own words: what they change, refuse, and leave behind."""

import threading
import time

import pytest
from sqlalchemy import text

from pipeline.personas.archiving import archive_persona, restore_persona
from pipeline.personas.provenance import list_sources
from schemas.errors import WrongCommand
from tests.desk import Desk, paused
from tests.running import Running

pytestmark = pytest.mark.services

PHONE, OTHER = "+14155552671", "+12125550187"


@pytest.fixture
def desk(system: Running) -> Desk:
    return Desk(system)


def test_adding_reads_values_like_a_file(desk: Desk) -> None:
    who = desk.add(
        phone="(415) 555-2671",
        email=" Ada@Example.ORG ",
        first_name="  Ada\tL ",
        birthday="1/31/1990",
        customer_type="Med",
        loyalty_signup_date="2024-01-31",
        favorite_store="Downtown",
        attribute__Shoe="42",
        attribute__Veteran="Yes",
        points="+50",
        reason="welcome",
        sms_opt_in="x",
    )
    told = desk.show(who)
    assert (told["phone"], told["email"], told["first_name"]) == (PHONE, "ada@example.org", "Ada L")
    assert (told["birthday"], told["customer_type"]) == ("1990-01-31", "medical")
    assert (told["loyalty"], told["loyalty_signup_date"]) == (True, "2024-01-31")
    assert (told["favorite_store"], told["favorite_store_source"]) == ("Downtown", "staff")
    assert told["attributes"] == {"Shoe": "42", "Veteran": True}
    assert [(line["delta"], line["reason"], line["import_id"]) for line in told["ledger"]] == [(50, "welcome", None)]
    assert told["points"] == 50
    assert told["consent"] == {"sms": "opted_in", "email": "unknown"}
    assert desk.events(who) == [("sms", "unknown", "opted_in", "staff")]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"first_name": "Ada"}, "needs a phone or an e-mail"),
        ({"phone": "123"}, "phone: This is not a valid phone"),
        ({"phone": "415 555 2671 x5"}, "extension"),
        ({"phone": PHONE, "email": "bob@"}, "email: "),
        ({"phone": PHONE, "birthday": "31/31/1990"}, "birthday: This is not a date"),
        ({"phone": PHONE, "birthday": "1899-12-31"}, "birthday: "),
        ({"phone": PHONE, "customer_type": "vip"}, "customer type must be"),
        ({"phone": PHONE, "loyalty": "maybe"}, "yes or no"),
        ({"phone": PHONE, "points": "5.5"}, "Points must be a whole number"),
        ({"phone": PHONE, "points": ""}, "Points must be"),
        ({"phone": PHONE, "points": "5"}, "--reason"),
        ({"phone": PHONE, "sms_opt_in": ""}, "yes or no"),
        ({"phone": PHONE, "email_opt_in": "yes"}, "doesn't have the address"),
        ({"phone": PHONE, "shoe": "42"}, "There is no field 'shoe'"),
        ({"phone": PHONE, "attribute__": "42"}, "attribute:NAME"),
        ({"phone": PHONE, "city": "x" * 32_768}, "longer than"),
        ({"phone": PHONE, "city": "a\0b"}, "not text"),
    ],
)
def test_what_cannot_be_read_is_refused_whole(desk: Desk, values: dict[str, str], sentence: str) -> None:
    with pytest.raises(WrongCommand, match=sentence):
        desk.add(**values)
    assert desk.system.export(desk.name) == []


def test_identifiers_are_never_taken_from_another_persona(desk: Desk) -> None:
    first, second = desk.add(phone=PHONE), desk.add(email="b@example.org")
    with pytest.raises(WrongCommand, match=f"The phone belongs to persona {first} already"):
        desk.add(phone=PHONE)
    with pytest.raises(WrongCommand, match=f"The phone belongs to persona {first} already"):
        desk.edit(str(second), phone=PHONE)
    desk.merge(str(second), str(first))
    with pytest.raises(WrongCommand, match="belongs to persona"):
        desk.edit(str(second), phone=PHONE)


def test_an_edit_replaces_and_takes_away(desk: Desk) -> None:
    who = desk.add(phone=PHONE, email="a@example.org", first_name="Ada", attribute__Shoe="42", favorite_store="Uptown")
    desk.edit("a@example.org", first_name="Bo", attribute__shoe="no", favorite_store="", email="")
    told = desk.show(who)
    assert (told["first_name"], told["email"], told["attributes"]) == ("Bo", None, {})
    assert (told["favorite_store"], told["favorite_store_source"]) == (None, None)
    with pytest.raises(WrongCommand, match="needs a phone or an e-mail"):
        desk.edit(str(who), phone="")
    with pytest.raises(WrongCommand, match="no persona"):
        desk.edit("nobody@example.org", first_name="Cy")


def test_the_shoppers_own_choice_of_store_stays(desk: Desk) -> None:
    who = desk.add(phone=PHONE)
    chosen = "UPDATE personas SET favorite_store = 'A', favorite_store_source = 'app' WHERE id = :id"
    with desk.tools.engine.begin() as conn:
        conn.execute(text(chosen), {"id": who})
    with pytest.raises(WrongCommand, match="wallet or app"):
        desk.edit(PHONE, favorite_store="B")
    desk.load("Phone,Store\n4155552671,C\n", map={"Store": "favorite_store"})
    assert desk.show(who)["favorite_store"] == "A"


def test_staffs_store_outranks_a_file(desk: Desk) -> None:
    who = desk.add(phone=PHONE, favorite_store="Downtown")
    desk.load("Phone,Favorite Store\n4155552671,Harbour\n")
    assert desk.show(who)["favorite_store"] == "Downtown"


def test_points_do_not_go_below_zero_unasked(desk: Desk) -> None:
    who = desk.add(phone=PHONE, points="10", reason="welcome")
    with pytest.raises(WrongCommand, match="below zero"):
        desk.edit(PHONE, points="-11", reason="returned goods")
    desk.edit(PHONE, points="-11", reason="returned goods", negative=True)
    assert desk.show(who)["points"] == -1


def test_a_new_phone_resets_consent_and_cancels_what_waits(desk: Desk) -> None:
    who = desk.add(phone=PHONE, sms_opt_in="yes")
    desk.schedule_text(who, PHONE)
    desk.edit(str(who), phone=OTHER)
    assert desk.show(who)["consent"]["sms"] == "unknown"
    assert desk.texts(who) == ["cancelled"]
    desk.edit(str(who), sms_opt_in="yes")
    desk.edit(str(who), phone=PHONE, sms_opt_in="yes")
    assert desk.events(who)[-2:] == [("sms", "unknown", "opted_in", "staff")] * 2
    desk.edit(str(who), sms_opt_out="yes", sms_opt_in="yes")
    desk.edit(str(who), phone=OTHER)
    assert desk.show(who)["consent"]["sms"] == "opted_out"


def test_nobody_opts_in_a_shopper_who_opted_out_themself(desk: Desk) -> None:
    who = desk.add(phone=PHONE, sms_opt_in="yes")
    desk.schedule_text(who, PHONE)
    desk.stop(who)
    assert desk.texts(who) == ["cancelled"]
    with pytest.raises(WrongCommand, match="only the shopper can opt in again"):
        desk.edit(PHONE, sms_opt_in="yes")
    done = desk.load("Phone,Opt-in SMS\n4155552671,yes\n")
    assert done["notices"] == {"opt_in_withheld": 1}
    desk.stop(who)
    desk.start(who)
    assert desk.show(who)["consent"]["sms"] == "opted_in"
    assert [event[3] for event in desk.events(who)] == ["staff", "shopper", "shopper"]
    desk.edit(PHONE, sms_opt_out="yes")
    desk.edit(PHONE, sms_opt_in="yes")
    assert desk.show(who)["consent"]["sms"] == "opted_in"


def test_with_confirmation_staffs_opt_in_waits_for_the_shopper(system: Running) -> None:
    desk = Desk(system, confirm_opt_ins=True)
    who = desk.add(phone=PHONE, sms_opt_in="yes", email="a@example.org", email_opt_in="yes")
    assert desk.show(who)["consent"] == {"sms": "pending", "email": "opted_in"}
    desk.start(who)
    assert desk.show(who)["consent"]["sms"] == "opted_in"


def test_archive_and_restore_change_nothing_else(desk: Desk) -> None:
    who = desk.add(phone=PHONE, first_name="Ada", points="5", reason="welcome")
    before = desk.show(who)
    archive_persona(desk.tools, desk.account, PHONE)
    assert desk.show(who) == {**before, "status": "archived"}
    with pytest.raises(WrongCommand, match="is archived, not active"):
        archive_persona(desk.tools, desk.account, PHONE)
    assert desk.load("Phone\n4155552671\n")["rows"]["skipped"] == 1
    restore_persona(desk.tools, desk.account, str(who))
    assert desk.show(who) == before
    with pytest.raises(WrongCommand, match="is active, not archived"):
        restore_persona(desk.tools, desk.account, PHONE)


def test_show_says_where_values_came_from(desk: Desk) -> None:
    first = desk.load("Phone,First Name,City,Shoe\n4155552671,Ada,Reno,42\n", map={"Shoe": "attribute:Shoe"})
    second = desk.load("Phone,City,Opt-in SMS\n,,\n4155552671,Ely,yes\n")
    desk.edit(PHONE, last_name="Li", attribute__Hat="L")
    desk.add(phone=OTHER, state="NV")
    desk.merge(PHONE, OTHER)
    told = desk.show(PHONE)
    with desk.tools.engine.connect() as conn:
        sources = list_sources(conn, told)
    short = {name: {key: each[key] for key in each if key != "at"} for name, each in sources.items()}
    made = {"import_id": first["import_id"], "line": 2}
    assert short == {
        "phone": made,
        "first_name": made,
        "city": {"import_id": second["import_id"], "line": 3},
        "last_name": {"staff": "ann"},
        "attribute:Shoe": made,
        "attribute:Hat": {"staff": "ann"},
        "state": {"merged_from": desk.show(OTHER)["persona_id"]},
        "sms consent": {"import_id": second["import_id"], "line": 3},
    }


def test_of_two_changes_of_one_file_the_last_line_is_told(desk: Desk) -> None:
    desk.add(phone=PHONE, email="a@example.org", sms_opt_in="yes")
    rows = "2125550188,a@example.org,\n,a@example.org,yes\n,a@example.org,\n"
    done = desk.load(f"Phone,Email,Opt-in SMS\n{rows}", replace_identifiers=True)
    events = desk.events(desk.show("a@example.org")["persona_id"])
    assert sorted(new for _, _, new, _ in events[1:]) == ["opted_in", "unknown"]
    with desk.tools.engine.connect() as conn:
        source = list_sources(conn, desk.show("a@example.org"))["sms consent"]
    assert (source["import_id"], source["line"]) == (done["import_id"], 3)


@pytest.mark.parametrize("command", ["archive", "edit", "merge", "add"])
def test_a_plan_made_before_a_command_is_made_again(desk: Desk, command: str) -> None:
    """Between dedupe and apply staff change who somebody is: the rest of the import goes by what is true then."""
    desk.add(phone=PHONE)
    other = desk.add(phone=OTHER)
    with paused(desk, "Phone,Email,City\n4155552671,a@example.org,Reno\n2125550187,,Ely\n", "apply") as import_id:
        match command:
            case "archive":
                archive_persona(desk.tools, desk.account, PHONE)
            case "edit":
                desk.edit(OTHER, phone="", email="a@example.org")
            case "merge":
                desk.merge(OTHER, PHONE)
            case "add":
                desk.add(email="a@example.org", first_name="Ada")
    done = desk.system.describe(import_id)
    assert done["status"] == "completed"
    rows = {name: count for name, count in done["rows"].items() if count and name != "read"}
    assert (
        rows
        == {
            "archive": {"skipped": 1, "updated": 1},
            "edit": {"rejected": 1, "created": 1},
            "merge": {"updated": 2},
            "add": {"rejected": 1, "updated": 1},
        }[command]
    )
    if command == "merge":
        assert (desk.show(other)["email"], desk.show(other)["city"]) == ("a@example.org", "Ely")


def test_a_command_waits_for_the_part_that_is_at_work(desk: Desk) -> None:
    who = desk.add(phone=PHONE)
    held = threading.Event()

    def hold() -> None:
        with desk.tools.engine.begin() as conn:
            conn.execute(text("SELECT FROM personas WHERE id = :id FOR NO KEY UPDATE"), {"id": who})
            held.set()
            time.sleep(0.5)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(5)
    begun = time.monotonic()
    desk.edit(PHONE, first_name="Ada")
    other.join()
    assert 0.3 < time.monotonic() - begun < 5
    assert desk.show(who)["first_name"] == "Ada"
