"""What shoppers text back: STOP, YES and START, who they count for, and the one answer."""

import itertools
import threading
from datetime import UTC, datetime

import pytest

from pipeline.effects import decide
from pipeline.stages import apply
from pipeline.texts.incoming import IncomingText, take_text
from schemas.states import Meaning
from tests.desk import paused
from tests.rules.shop import ANN, BOB, CY, Shop, at
from tests.running import Running
from workers.texting import ANSWER_TO_STOP, BODY, send_due

pytestmark = pytest.mark.services

NOON, NIGHT = datetime(2025, 7, 1, 16, tzinfo=UTC), datetime(2025, 7, 2, 7, tzinfo=UTC)  # in New York
FILE = "Phone,Opt-in SMS\n2125550187,yes\n"
_numbers = itertools.count(1)


class Phones:
    """A gateway that remembers which text went to which number."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, str, str]] = []

    def send(self, text_id: int, phone: str, body: str) -> str:
        self.sent.append((text_id, phone, body))
        return f"g{text_id}"


@pytest.fixture
def asking(system: Running) -> Shop:
    return at(Shop(system, double_opt_in="after_import"), lambda: NOON)


def says(shop: Shop, phone: str, text: str, message_id: str | None = None) -> Meaning | None:
    told = IncomingText("tests", message_id or f"m{next(_numbers)}", phone, text)
    return take_text(shop.tools, shop.account, told)


def send(shop: Shop, moment: datetime = NOON) -> list[tuple[str, str]]:
    """What goes out at a moment to this shop's shoppers; other accounts of the run may be due as well."""
    own, phones = {each["id"] for each in shop.waiting_texts() if each["state"] == "scheduled"}, Phones()
    while send_due(at(shop, lambda: moment).system.worker_tools, phones):
        pass
    return [(phone, body) for text_id, phone, body in phones.sent if text_id in own]


def test_yes_completes_a_double_opt_in_text(asking: Shop) -> None:
    """YES completes it: the persona is opted in."""
    asking.bring("Phone\n2125550187\n")
    assert send(asking) == [(BOB, BODY)]
    assert says(asking, "+1 212-555-0187", " Yes! ") == Meaning.YES
    who = asking.show(BOB)["persona_id"]
    assert asking.events(who) == [("sms", "unknown", "opted_in", "shopper")]
    (kept,) = asking.system.select("SELECT raw FROM consent_events WHERE persona_id = :id", id=who)
    assert kept["raw"] == "Yes!"


def test_stop_opts_out_cancels_and_is_answered_once(asking: Shop) -> None:
    """STOP and its synonyms opt out at once, cancel what is waiting, and are answered once.
    Where the shopper had said STOP before, there is no second answer.
    """
    asking.bring("Phone\n2125550187\n")
    for word in ("Opt-out", "STOP", "quit"):
        says(asking, BOB, word)
    assert asking.consent(BOB)[0] == "opted_out"
    assert [each["state"] for each in asking.waiting_texts()] == ["cancelled", "scheduled"]
    assert (send(asking), send(asking)) == ([(BOB, ANSWER_TO_STOP)], [])
    assert asking.events(asking.show(BOB)["persona_id"]) == [("sms", "unknown", "opted_out", "shopper")]
    says(asking, BOB, "START")
    says(asking, BOB, "STOP")
    assert send(asking) == [(BOB, ANSWER_TO_STOP)]


def test_a_message_counts_as_a_whole(shop: Shop) -> None:
    """A message counts as a whole, whatever its case, punctuation and white space.
    STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, OPTOUT, REVOKE …
    START and UNSTOP start.
    Anything else is no command and changes nothing.
    """
    shop.add(phone=BOB)
    for word in ("stop.", "STOP ALL", "Unsubscribe", "cancel", "end", "QUIT!", "opt-out", "revoke", "stopp"):
        says(shop, BOB, word)
        assert shop.consent(BOB)[0] == "opted_out", word
        says(shop, BOB, "Un-stop" if word == "end" else "start")
        assert shop.consent(BOB)[0] == "opted_in", word
    for word in ("", "don't stop", "help", "no", "stopping\ud800\0"):
        says(shop, BOB, word)
    assert shop.consent(BOB)[0] == "opted_in"


def test_yes_counts_where_it_answers_something_and_start_always(asking: Shop) -> None:
    """YES counts where it answers something: the consent is pending, a text that asks for it reached the number …
    START always counts.
    """
    asking.add(phone=ANN)
    asking.add(phone=CY, sms_opt_out="yes")
    for who in (ANN, CY):
        says(asking, who, "YES")
    assert (asking.consent(ANN)[0], asking.consent(CY)[0]) == ("unknown", "opted_out")
    for who in (ANN, CY):
        says(asking, who, "START")
        says(asking, who, "STOP")
        says(asking, who, "YES")
        assert asking.consent(who)[0] == "opted_in"
    asking.set(asking.add(phone=BOB), sms_consent="pending")
    says(asking, BOB, "YES")
    assert asking.consent(BOB)[0] == "opted_in"
    asking.bring("Phone\n2125550188\n")
    says(asking, "+12125550188", "YES")
    assert asking.consent("+12125550188")[0] == "unknown", "the text has not gone yet"


def test_a_yes_is_given_for_its_own_number(shop: Shop) -> None:
    """A yes is given for the number that it comes from.
    The number of a persona that was merged away can stop its survivor, and opts in nobody.
    """
    shop.add(phone=ANN, sms_opt_in="yes")
    shop.add(phone=BOB)
    shop.merge(ANN, BOB)
    says(shop, BOB, "STOP")
    assert shop.consent(ANN)[0] == "opted_out"
    says(shop, BOB, "START")
    assert shop.consent(ANN)[0] == "opted_out"
    assert send(shop) == [(BOB, ANSWER_TO_STOP)]
    shop.unmerge(BOB)
    says(shop, BOB, "START")
    assert (shop.consent(ANN)[0], shop.consent(BOB)[0]) == ("opted_out", "opted_in")


def test_the_answer_to_stop_goes_at_any_hour_and_beside_the_two_texts(asking: Shop) -> None:
    """The answer to STOP is held neither by the hour nor by the two texts of a number, and is the only one …
    Whoever said START before it could go gets none.
    """
    for number in range(2):
        asking.bring(f"Phone,City\n2125550187,{number}\n")
        assert send(asking) == [(BOB, BODY)]
    asking.set_account(double_opt_in="never")
    says(asking, BOB, "STOP")
    assert send(asking, NIGHT) == [(BOB, ANSWER_TO_STOP)]
    says(asking, BOB, "START")
    says(asking, BOB, "STOP")
    says(asking, BOB, "START")
    assert (send(asking), asking.consent(BOB)[0]) == ([], "opted_in")


def test_an_archived_persona_can_stop_and_nobody_can_not(shop: Shop) -> None:
    """A STOP counts for an archived persona too.
    A number of nobody can change nothing, and what it says is noted without the number.
    """
    shop.archive(shop.add(phone=BOB, sms_opt_in="yes"))
    for sender in (BOB, CY, "12345", "anonymous"):
        says(shop, sender, "STOP")
    assert (shop.consent(BOB)[0], send(shop)) == ("opted_out", [(BOB, ANSWER_TO_STOP)])
    noted = shop.system.select(
        "SELECT persona_id, meaning, took_effect FROM incoming_texts WHERE account_id = :id ORDER BY id",
        id=shop.account.id,
    )
    assert [tuple(each.values()) for each in noted] == [
        (shop.show(BOB)["persona_id"], "stop", True),
        *[(None, "stop", False)] * 3,
    ]


def test_a_message_told_twice_does_nothing_twice(shop: Shop) -> None:
    """A message that its gateway tells twice does nothing twice."""
    shop.add(phone=BOB)
    assert says(shop, BOB, "STOP", "a") == Meaning.STOP
    says(shop, BOB, "START", "b")
    racing = [threading.Thread(target=says, args=(shop, BOB, "STOP", "a")) for _ in range(4)]
    for one in racing:
        one.start()
    for one in racing:
        one.join(30)
    assert shop.consent(BOB)[0] == "opted_in"
    other = Shop(shop.system)
    other.add(phone=BOB)
    assert says(other, BOB, "STOP", "a") == Meaning.STOP


@pytest.mark.parametrize("stage", ["map", "dedupe", "apply", "audience", "texts"])
def test_a_stop_wins_whatever_stage_an_import_is_in(shop: Shop, stage: str) -> None:
    """Whatever an import is doing when STOP comes, the shopper is opted out in the end."""
    shop.add(phone=BOB)
    with paused(shop, FILE, stage):
        says(shop, BOB, "STOP")
    assert shop.consent(BOB)[0] == "opted_out"
    assert shop.bring(FILE).notices == {2: ["sms_opt_in opt_in_withheld"]}


def test_a_stop_wins_in_the_middle_of_a_part(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an import is doing when STOP comes, the shopper is opted out in the end."""
    shop.add(phone=BOB)
    tries = []

    def decide_then_stop(*facts: object) -> None:
        decide(*facts)  # type: ignore[arg-type]
        tries.append(1)
        if len(tries) == 1:
            says(shop, BOB, "STOP")

    monkeypatch.setattr(apply, "decide", decide_then_stop)
    told = shop.bring(FILE)
    assert (len(tries), told.notices, told.events) == (2, {2: ["sms_opt_in opt_in_withheld"]}, [])
    assert shop.consent(BOB)[0] == "opted_out"
