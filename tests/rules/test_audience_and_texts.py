"""The audience of an import, and the double opt-in texts for it: who is asked, how often, and at which hour."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.texts.quiet_hours import first_daytime
from schemas.states import ImportStatus
from tests.desk import paused
from tests.rules.shop import ANN, BOB, CY, Shop, at
from tests.running import Running
from workers.texting import send_due

pytestmark = pytest.mark.services

NOON = datetime(2025, 7, 1, 16, tzinfo=UTC)  # in New York; 9:00 in San Francisco
NEW_YORK, SAN_FRANCISCO, LONDON_MOBILE, TOLL_FREE = BOB, ANN, "+447400123456", "+18005550199"
FIXED_LINE, ANY_ZONE = "+442079460958", "+881612345678"


class Phones:
    """A gateway that remembers whom it was asked to text."""

    def __init__(self, fails: bool = False) -> None:
        self.texted: list[int] = []
        self._fails = fails

    def send(self, text_id: int, phone: str, body: str) -> str:
        self.texted.append(text_id)
        if self._fails:
            raise TimeoutError
        return f"g{text_id}"


@pytest.fixture
def asking(system: Running) -> Shop:
    """A shop that asks right after its imports, at noon."""
    return at(Shop(system, double_opt_in="after_import"), lambda: NOON)


def fixed(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def send(shop: Shop, moment: datetime = NOON, fails: bool = False) -> list[str]:
    """Whom the sender texts at a moment; other accounts of the run may be due as well."""
    gateway = Phones(fails)
    own = {waiting["id"]: waiting["phone"] for waiting in shop.waiting_texts()}
    while send_due(at(shop, fixed(moment)).system.worker_tools, gateway):
        pass
    return [own[text_id] for text_id in gateway.texted if text_id in own]


def states(shop: Shop) -> list[str]:
    return [waiting["state"] for waiting in shop.waiting_texts()]


def test_an_audience_has_the_distinct_personas_of_an_import(shop: Shop) -> None:
    """Each import has an audience of its own name: the distinct personas of its created, updated and unchanged rows."""
    shop.add(phone=ANN, first_name="Ann")
    shop.add(email="b@example.org")
    shop.archive(shop.add(phone=CY))
    told = shop.bring(
        "Phone,Email,First Name,Explicit SMS Opt-out\n4155552671,,Ann,\n4155552671,,,\n2125550187,,Bob,\n"
        "2125550187,,Bo,\n"
        "3105550123,,Cy,yes\n4155552671,b@example.org,,yes\nnope,,,\n",
        "north.csv",
    )
    (audience,) = shop.system.select("SELECT * FROM audiences WHERE import_id = :id", id=told["import_id"])
    members = shop.system.select("SELECT persona_id FROM audience_members WHERE audience_id = :id", id=audience["id"])
    assert audience["name"] == told["name"]
    assert told["audience"] == {"id": audience["id"], "members": 2}
    assert {row["persona_id"] for row in members} == {shop.show(who)["persona_id"] for who in (ANN, BOB)}


def test_an_audience_is_filled_when_the_import_completes(shop: Shop) -> None:
    """It is filled in the moment the import completes."""
    with paused(shop, "Phone\n4155552671\n", "audience") as import_id:
        assert shop.tell(import_id)["audience"]["members"] in (0, None)
    told = shop.tell(import_id)
    assert (told["status"], told["audience"]["members"]) == (ImportStatus.COMPLETED, 1)


def test_an_account_chooses_when_texts_go(system: Running) -> None:
    """An account chooses when they go (double_opt_in): never (the default), after_import, or at a time …"""
    due = {
        "never": [],
        "after_import": [NOON],
        "12:30": [NOON + timedelta(minutes=30)],
        "11:30": [NOON + timedelta(hours=23, minutes=30)],
    }
    for setting, moments in due.items():
        shop = at(Shop(system, double_opt_in=setting), fixed(NOON))
        told = shop.bring("Phone\n2125550187\n")
        assert told["texts"]["scheduled"] == len(moments)
        assert [waiting["send_at"] for waiting in shop.waiting_texts()] == moments, setting
    assert Shop(system).account.double_opt_in == "never"


def test_asked_are_active_personas_who_said_nothing_and_may_have_a_mobile(asking: Shop) -> None:
    """Asked are personas of the audience that are active, whose SMS consent is unknown or pending …
    Numbers count as mobile if their numbering plan says mobile …
    Pagers, toll-free, premium and internet lines do not.
    """
    for phone, state in ((CY, "pending"), ("+14155552601", "opted_in"), ("+14155552602", "opted_out")):
        asking.set(asking.add(phone=phone), sms_consent=state)
    asking.archive(asking.add(phone="+14155552603"))
    asking.add(phone="+14155552604")
    numbers = [
        NEW_YORK,
        CY,
        "+14155552601",
        "+14155552602",
        "+14155552603",
        LONDON_MOBILE,
        FIXED_LINE,
        TOLL_FREE,
        "+19002345678",
    ]
    told = asking.bring("Phone,Email\n" + "".join(f"{number},\n" for number in numbers) + ",a@example.org\n")
    assert {waiting["phone"] for waiting in asking.waiting_texts()} == {NEW_YORK, CY, LONDON_MOBILE}
    assert told["texts"]["scheduled"] == 3


def test_a_number_gets_two_texts_ever_and_one_at_a_time(asking: Shop) -> None:
    """A number gets at most two texts, ever, whoever it belongs to by then, and no second one while one is waiting.
    One import schedules at most one for it …
    """
    scheduled = []
    for number in range(4):
        scheduled.append(asking.bring(f"Phone,City\n2125550187,{number}\n")["texts"]["scheduled"])
        if number % 2:
            assert send(asking) == [NEW_YORK]
    assert (scheduled, states(asking)) == ([1, 0, 1, 0], ["sent", "sent"])
    asking.edit(NEW_YORK, phone=CY)
    told = asking.bring("Phone,City\n2125550187,Reno\n")
    assert (told["rows"]["created"], told["texts"]["scheduled"]) == (1, 0)


def test_a_cancelled_text_frees_its_place_and_an_unclear_one_does_not(asking: Shop) -> None:
    """What counts is what may have been sent: a text cancelled while it waited was not, and frees its place …
    If the answer is lost or the sender dies in between, the text is unknown and is never sent again by itself …
    """
    for number in range(2):
        assert asking.bring(f"Phone,City\n2125550187,{number}\n")["texts"]["scheduled"] == 1
        asking.edit(NEW_YORK, sms_opt_out="yes")
        asking.set(asking.show(NEW_YORK)["persona_id"], sms_consent="unknown")
    assert states(asking) == ["cancelled"]
    for _ in range(2):
        asking.bring("Phone\n2125550187\n")
        assert send(asking, fails=True) == [NEW_YORK]
        assert send(asking, NOON + timedelta(hours=1)) == []
    assert asking.bring("Phone\n2125550187\n")["texts"]["scheduled"] == 0
    assert states(asking) == ["unknown", "unknown"]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2025-07-01 11:59", {NEW_YORK: "12:00", SAN_FRANCISCO: "15:00", LONDON_MOBILE: "11:59"}),
        ("2025-07-01 23:59", {NEW_YORK: "23:59", SAN_FRANCISCO: "23:59", LONDON_MOBILE: "07:00"}),
        ("2025-01-02 00:59", {NEW_YORK: "00:59", SAN_FRANCISCO: "00:59", LONDON_MOBILE: "08:00"}),
        ("2025-01-02 01:00", {NEW_YORK: "13:00", SAN_FRANCISCO: "01:00", LONDON_MOBILE: "08:00"}),
    ],
)
def test_a_text_goes_by_day_where_the_number_is_at_home(system: Running, now: str, due: dict[str, str]) -> None:
    """A text goes between 8:00 and 20:00, 20:00 itself excluded, where the number is at home, with summer time."""
    shop = at(Shop(system, double_opt_in="after_import"), fixed(datetime.fromisoformat(now).replace(tzinfo=UTC)))
    shop.bring("Phone\n" + "".join(f"{number}\n" for number in due))
    assert {waiting["phone"]: f"{waiting['send_at'].astimezone(UTC):%H:%M}" for waiting in shop.waiting_texts()} == due


def test_a_number_of_several_zones_must_be_by_day_in_all(system: Running) -> None:
    """A number of several time zones must be by day in all of them.
    If they have no such hour in common within a week, the number is not texted …
    """
    russian = "+79161234567"
    shop = at(Shop(system, double_opt_in="after_import"), fixed(datetime(2025, 7, 1, 8, tzinfo=UTC)))
    told = shop.bring(f"Phone\n{russian}\n")
    # The zones of that number are by day from 5:00, when the last one wakes, until 8:00, when the first goes to bed.
    assert {each["phone"]: each["send_at"] for each in shop.waiting_texts()} == {
        russian: datetime(2025, 7, 2, 5, tzinfo=UTC)
    }
    assert told["texts"]["scheduled"] == 1
    # No number of a single plan has such zones; two of them have.
    assert first_daytime(("America/Puerto_Rico", "Asia/Singapore"), NOON) is None


@pytest.mark.parametrize(("zone", "hour"), [("America/New_York", 12), ("Asia/Tokyo", 23)])
def test_a_number_without_a_zone_is_in_the_accounts(system: Running, zone: str, hour: int) -> None:
    """A number without a zone is taken to be in the account's."""
    shop = at(Shop(system, double_opt_in="after_import", timezone=zone), fixed(datetime(2025, 7, 1, 11, tzinfo=UTC)))
    shop.bring(f"Phone\n{ANY_ZONE}\n")
    assert [waiting["send_at"].astimezone(UTC).hour for waiting in shop.waiting_texts()] == [hour]


def test_a_time_that_the_clock_skips_is_an_hour_later(system: Running) -> None:
    """A time that the change of clocks skips is read as one hour later."""
    night = datetime(2025, 3, 9, 5, tzinfo=UTC)
    shop = at(Shop(system, double_opt_in="02:30"), fixed(night))
    shop.bring("Phone\n+819012345678\n")
    assert [waiting["send_at"].astimezone(UTC) for waiting in shop.waiting_texts()] == [
        datetime(2025, 3, 9, 7, 30, tzinfo=UTC)
    ]


def test_a_scheduled_text_is_a_row_with_its_time(asking: Shop) -> None:
    """A scheduled text is a row with the time when it is due; no message waits in a queue for it."""
    later = at(asking, fixed(NOON + timedelta(hours=10)))
    later.bring("Phone\n2125550187\n")
    assert [(each["state"], each["send_at"]) for each in asking.waiting_texts()] == [
        ("scheduled", datetime(2025, 7, 2, 12, tzinfo=UTC))
    ]
    assert send(asking, datetime(2025, 7, 2, 11, 59, tzinfo=UTC)) == []
    assert send(asking, datetime(2025, 7, 2, 12, tzinfo=UTC)) == [NEW_YORK]


def test_everything_is_looked_at_again_before_a_text_goes(asking: Shop) -> None:
    """Just before it goes, in the transaction that reserves it, everything is looked at again.
    The text is cancelled if the persona has answered, was archived, merged or forgotten, has another phone by now …
    If it has become night in the meantime, the text waits for the morning.
    """
    phones = [f"+1212555018{number}" for number in range(7)]
    asking.bring("Phone\n" + "".join(f"{phone}\n" for phone in phones))
    yes, out, archived, moved, merged, forgotten, _ = phones
    asking.start(asking.show(yes)["persona_id"])
    asking.stop(asking.show(out)["persona_id"])
    asking.archive(archived)
    asking.edit(moved, phone="+13105550199")
    asking.merge(str(asking.add(email="a@example.org")), merged)
    asking.forget(forgotten)
    assert send(asking, NOON + timedelta(hours=9)) == []
    assert sorted(states(asking)) == ["cancelled"] * 6 + ["scheduled"]
    assert send(asking, NOON + timedelta(hours=20)) == [phones[-1]]
    asking.bring("Phone\n3105550123\n")
    asking.set_account(double_opt_in="never")
    assert send(asking) == []
    assert states(asking)[-1] == "cancelled"


def test_a_text_is_reserved_before_it_is_handed_over(asking: Shop) -> None:
    """A text is reserved, and only then handed to the gateway."""
    seen: list[str] = []

    class Watching(Phones):
        def send(self, text_id: int, phone: str, body: str) -> str:
            seen.extend(each["state"] for each in asking.waiting_texts() if each["id"] == text_id)
            return super().send(text_id, phone, body)

    asking.bring("Phone\n2125550187\n")
    send_due(asking.system.worker_tools, Watching())
    assert (seen, states(asking)) == (["sending"], ["sent"])
