"""Consent: what acts, what beats what, who may take back what, and the evidence that every change leaves."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.stages.apply import TERMS_VERSION
from schemas.errors import WrongCommand
from schemas.fields import FIELDS
from tests.rules.shop import ANN, BOB, CY, Shop, as_csv
from tests.running import Running

pytestmark = pytest.mark.services

WANTED = {"Email Opt-out": "email_opt_out"}
HEADER = "Phone,Email,Opt-in SMS,Opt-in Email,Explicit SMS Opt-out,Email Opt-out\n"


def test_a_channel_has_one_of_four_states(shop: Shop) -> None:
    """Each channel has one of four states: unknown, pending, opted in, opted out."""
    shop.set_account(confirm_opt_ins=True)
    shop.bring(f"{HEADER}4155552671,a@example.org,yes,yes,,\n2125550187,,,,yes,\n", map=WANTED)
    assert (shop.consent(ANN), shop.consent(BOB)) == (("pending", "opted_in"), ("opted_out", "unknown"))


def test_every_change_leaves_an_event_with_its_evidence(shop: Shop) -> None:
    """Every change leaves an event with who, when, which import and line, the cell as it stood …"""
    rows = [["4155552671", "a@example.org", " YES\u200b", "\tOn\n", "", ""], ["2125550187", "", "", "", "'1", ""]]
    told = shop.bring(HEADER + as_csv(*rows), map=WANTED)
    events = shop.system.select(
        "SELECT * FROM consent_events WHERE account_id = :id ORDER BY line, channel DESC", id=shop.account.id
    )
    for event in events:
        assert (event["actor"], event["import_id"], event["terms_version"]) == (
            "file",
            told["import_id"],
            TERMS_VERSION,
        )
        assert timedelta(0) <= datetime.now(UTC) - event["at"] < timedelta(minutes=2)
    assert [(event["line"], event["channel"], event["old"], event["new"], event["raw"]) for event in events] == [
        (2, "sms", "unknown", "opted_in", " YES\u200b"),
        (2, "email", "unknown", "opted_in", "\tOn\n"),
        (3, "sms", "unknown", "opted_out", "'1"),
    ]


def test_no_change_no_event(shop: Shop) -> None:
    """Where nothing changes there is no event."""
    file = f"{HEADER}4155552671,,yes,,,\n4155552671,,yes,,,\n2125550187,,,,yes,\n2125550187,,,,yes,\n"
    told = shop.bring(file, map=WANTED)
    assert told.events == ["2 sms unknown>opted_in", "4 sms unknown>opted_out"]
    again = shop.bring(file, map=WANTED)
    assert (again.events, set(again.outcomes.values())) == ([], {"unchanged"})
    assert again["consent"] == dict.fromkeys(again["consent"], 0)


def test_only_a_yes_acts_and_a_no_says_nothing(shop: Shop) -> None:
    """Only a yes acts, in opt-in and opt-out columns alike.
    A no and a blank say nothing about a persona.
    """
    shop.add(phone=ANN, email="a@example.org", sms_opt_in="yes", email_opt_in="yes")
    shop.add(phone=BOB, email="b@example.org", sms_opt_out="yes", email_opt_out="yes")
    told = shop.bring(
        f"{HEADER}4155552671,,no,no,no,no\n2125550187,,no,n,0,off\n4155552671,,,,,\n2125550187,,,,,\n3105550123,,no,no,no,no\n",
        map=WANTED,
    )
    assert (told.events, told.notices) == ([], {})
    assert (shop.consent(ANN), shop.consent(BOB)) == (("opted_in",) * 2, ("opted_out",) * 2)
    assert shop.consent(CY) == ("unknown", "unknown")


def test_opt_out_beats_opt_in_and_the_beaten_leaves_no_trace(shop: Shop) -> None:
    """Opt-out beats opt-in, in the row and in the file, and the beaten opt-in leaves no trace."""
    stopped = shop.add(phone=CY)
    shop.stop(stopped)
    told = shop.bring(
        f"{HEADER}4155552671,a@example.org,yes,yes,yes,yes\n"
        "2125550187,,yes,,,\n2125550187,,yes,,,\n2125550187,,,,yes,\n2125550187,,yes,,,\n"
        # Neither withheld nor without address: the file itself says no.
        "3105550123,c@example.org,yes,,,\n3105550123,,,,yes,\n4155552672,d@example.org,,yes,,\n,d@example.org,,,,yes\n",
        map=WANTED,
    )
    assert told.events == [
        *(
            "2 email unknown>opted_out",
            "2 sms unknown>opted_out",
            "5 sms unknown>opted_out",
            "10 email unknown>opted_out",
        )
    ]
    assert (told.notices, told["consent"]["withheld"]) == ({}, 0)
    assert told["consent"]["sms_opted_in"] == told["consent"]["email_opted_in"] == 0
    assert [told.outcomes[line] for line in (4, 6, 8)] == ["unchanged"] * 3


def test_a_shoppers_own_no_is_theirs_to_take_back(shop: Shop) -> None:
    """A shopper's own no is theirs to take back: after STOP …"""
    for phone, email in ((ANN, "a@example.org"), (BOB, "b@example.org")):
        who = shop.add(phone=phone, email=email, sms_opt_in="yes", email_opt_in="yes")
        shop.stop(who, "sms")
    shop.stop(who, "email")
    told = shop.bring(f"{HEADER}4155552671,,yes,yes,,\n2125550187,,,yes,,\n")
    assert told.notices == {2: ["sms_opt_in opt_in_withheld"], 3: ["email_opt_in opt_in_withheld"]}
    assert (told.outcomes, told["consent"]["withheld"]) == ({2: "unchanged", 3: "unchanged"}, 2)
    with pytest.raises(WrongCommand, match="only the shopper"):
        shop.edit(ANN, sms_opt_in="yes")
    assert (shop.consent(ANN), shop.consent(BOB)) == (("opted_out", "opted_in"), ("opted_out", "opted_out"))
    shop.start(shop.show(ANN)["persona_id"])
    assert shop.consent(ANN)[0] == "opted_in"


def test_withheld_is_said_once_per_row_and_first(shop: Shop) -> None:
    """That notice is drawn once per row and before any other about an opt-in."""
    both, one = shop.add(phone=ANN, email="a@example.org"), shop.add(phone=BOB, email="b@example.org")
    for channel in ("sms", "email"):
        shop.stop(both, channel)
    shop.stop(one, "sms")
    told = shop.bring(f"{HEADER}4155552671,other@example.org,yes,yes,,\n3105550123,b@example.org,yes,yes,,\n")
    assert told.notices == {
        2: ["email email_kept", "sms_opt_in opt_in_withheld"],
        3: ["phone phone_kept", "sms_opt_in opt_in_withheld"],
    }
    assert told["consent"]["withheld"] == 2
    assert shop.consent(BOB) == ("opted_out", "opted_in")


def test_an_opt_out_by_staff_or_a_file_gives_way_to_a_files_yes(shop: Shop) -> None:
    """An opt-out by staff or by an earlier file gives way to a yes in a file."""
    shop.add(phone=ANN, sms_opt_out="yes")
    shop.bring(f"{HEADER}2125550187,,,,yes,\n")
    told = shop.bring(f"{HEADER}4155552671,,yes,,,\n2125550187,,yes,,,\n")
    assert told.events == ["2 sms opted_out>opted_in", "3 sms opted_out>opted_in"]


def test_the_option_opts_in_rows_that_say_nothing(shop: Shop) -> None:
    """--opt-in sms,email opts in the rows that say nothing at all about that channel.
    Something unreadable, like a no, says something.
    """
    said = ["4155552601,,no,,,", "4155552602,,maybe,,,", "4155552603,,,,no,", "4155552604,,,,??,", "4155552605,,,,,"]
    rows = "\n".join([*said, "4155552606,f@example.org,,no,,", ",g@example.org,,,,"])
    told = shop.bring(HEADER + rows, map=WANTED, opt_in=["sms", "email"])
    assert [shop.consent(f"+1415555260{number}")[0] for number in range(1, 7)] == ["unknown"] * 4 + ["opted_in"] * 2
    assert (shop.consent("f@example.org")[1], shop.consent("g@example.org")) == ("unknown", ("unknown", "opted_in"))
    assert told.notices == {3: ["sms_opt_in not_yes_or_no"], 5: ["sms_opt_out not_yes_or_no"]}
    (event,) = shop.system.select(
        "SELECT raw, actor FROM consent_events WHERE import_id = :id AND line = 6", id=told["import_id"]
    )
    assert event == {"raw": None, "actor": "file"}
    only_email = Shop(shop.system)
    only_email.bring("Phone,Email\n4155552671,a@example.org\n", opt_in=["email"])
    assert only_email.consent(ANN) == ("unknown", "opted_in")


def test_the_option_touches_no_opt_out_and_draws_no_notice(shop: Shop) -> None:
    """The option never touches an opt-out, of the file or of the persona, and draws no notice."""
    shop.add(phone=ANN, sms_opt_out="yes")
    shop.stop(shop.add(phone=BOB))
    shop.add(phone=CY, email="c@example.org")
    told = shop.bring(
        f"{HEADER}4155552671,,,,,\n2125550187,,,,,\n"
        # Kept back: the silent consent would be for another number.
        "4155552699,c@example.org,,,,\n4155552672,,,,,\n4155552672,,,,yes,\nnope,e@example.org,,,,\n",
        opt_in=["sms"],
    )
    assert [shop.consent(who)[0] for who in (ANN, BOB, CY)] == ["opted_out", "opted_out", "unknown"]
    assert shop.consent("+14155552672")[0] == "opted_out"
    assert told.events == ["6 sms unknown>opted_out"]
    assert told.notices == {4: ["phone phone_kept"], 7: ["phone phone_letters"]}


def test_with_confirmation_an_opt_in_is_pending_until_the_shopper_says_yes(system: Running) -> None:
    """With the account's confirm_opt_ins, a file's SMS opt-in becomes pending until the shopper answers YES."""
    shop = Shop(system, confirm_opt_ins=True)
    shop.start(shop.add(phone=CY))
    told = shop.bring(
        f"{HEADER}4155552671,a@example.org,yes,yes,,\n4155552671,,yes,,,\n3105550123,,yes,,,\n2125550187,,,,,\n",
        opt_in=["sms"],
    )
    assert [shop.consent(who) for who in (ANN, BOB, CY)] == [
        *(("pending", "opted_in"), ("pending", "unknown"), ("opted_in", "unknown"))
    ]
    assert told["consent"]["sms_pending"] == 2
    shop.start(shop.show(ANN)["persona_id"])
    assert shop.consent(ANN)[0] == "opted_in"
    assert shop.bring(f"{HEADER}4155552671,,yes,,,\n").events == []


def test_nobody_but_the_shopper_allows_push(shop: Shop) -> None:
    """Push notifications can be allowed on the shopper's own device and nowhere else."""
    told = shop.bring("Phone,Push Opt-in,Opt-in Push\n4155552671,yes,yes\n")
    assert told["mapping"] == {"Phone": "phone", "Push Opt-in": None, "Opt-in Push": None}
    assert set(shop.show(ANN)["consent"]) == {"sms", "email"}
    assert not [field for field in FIELDS if "push" in field]
    with pytest.raises(WrongCommand, match="no field"):
        shop.edit(ANN, push_opt_in="yes")
