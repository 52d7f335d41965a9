"""The door for texts that shoppers send: who gets in, which forms are understood, and what is told to the gateway."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from tests.desk import Desk
from tests.integration.test_events import serve
from tests.running import Running

pytestmark = pytest.mark.services

PHONE = "+12125550187"
FORM = {"MessageSid": "SM1", "From": PHONE, "To": "+14155550100", "Body": "Stop."}


@pytest.fixture(scope="module")
def door(system: Running) -> Iterator[httpx.Client]:
    with serve(system.system) as client:
        client.headers["Authorization"] = f"Bearer {system.system.settings.text_secrets()[0]}"
        yield client


@pytest.fixture
def desk(system: Running) -> Desk:
    desk = Desk(system)
    desk.add(phone=PHONE, sms_opt_in="yes")
    return desk


def consent(desk: Desk) -> object:
    return desk.show(PHONE)["consent"]["sms"]


@pytest.mark.parametrize(
    "told",
    [
        {"data": FORM},
        {"json": {"id": "1", "from": PHONE, "text": "STOP"}},
        {"json": {"gateway": "carrier", "message_id": 7, "msisdn": PHONE.removeprefix("+"), "text": "Stop"}},
    ],
)
def test_what_gateways_tell_is_understood(desk: Desk, door: httpx.Client, told: dict[str, Any]) -> None:
    for _ in range(2):
        answer = door.post(f"/texts/incoming/{desk.name}", **told)
        assert (answer.status_code, answer.content) == (204, b"")
    assert consent(desk) == "opted_out"
    assert len(desk.system.select("SELECT 1 FROM incoming_texts WHERE account_id = :id", id=desk.account.id)) == 1


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"content": b"STOP"}, 400),
        ({"content": b"\xff", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400),
        ({"json": ["STOP"]}, 400),
        ({"json": {"from": PHONE, "text": "STOP"}}, 400),
        ({"json": {"id": "1\n", "from": PHONE, "text": "STOP"}}, 400),
        ({"json": {"id": "1", "text": "STOP"}}, 400),
        ({"json": {"id": "1", "from": PHONE, "text": "STOP" * 20_000}}, 413),
        ({"data": FORM, "headers": {"Authorization": "Bearer wrong"}}, 401),
        ({"data": FORM, "headers": {"Authorization": "Basic STOP"}}, 401),
        ({"data": FORM, "auth": ("gateway", "wrong")}, 401),
    ],
)
def test_what_is_no_text_changes_nothing(desk: Desk, door: httpx.Client, told: dict[str, Any], status: int) -> None:
    answer = door.post(f"/texts/incoming/{desk.name}", **told)
    assert answer.status_code == status
    assert PHONE not in answer.text
    assert consent(desk) == "opted_in"


def test_there_is_no_such_account(door: httpx.Client) -> None:
    assert door.post("/texts/incoming/nobody", data=FORM).status_code == 404


def test_tokens_are_the_doors_own_and_two_are_good_in_a_rotation(desk: Desk) -> None:
    running = desk.system.system
    update = {
        "text_token": SecretStr("new"),
        "text_token_previous": SecretStr("old"),
        "event_token": SecretStr("event"),
    }
    with serve(replace(running, settings=running.settings.model_copy(update=update))) as client:
        path = f"/texts/incoming/{desk.name}"
        for token, status in (("event", 401), ("old", 204), ("new", 204)):
            assert client.post(path, data=FORM, headers={"Authorization": f"bearer {token}"}).status_code == status
            assert client.post(path, data=FORM, auth=("gateway", token)).status_code == status


def test_a_text_that_must_wait_too_long_is_asked_for_again(
    desk: Desk, door: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.personas.contention._run", _impatient)
    with desk.tools.engine.begin() as conn:
        conn.execute(text("SELECT 1 FROM personas WHERE phone = :phone FOR UPDATE"), {"phone": PHONE})
        answer = door.post(f"/texts/incoming/{desk.name}", data=FORM)
    assert (answer.status_code, consent(desk)) == (503, "opted_in")
    monkeypatch.undo()
    assert door.post(f"/texts/incoming/{desk.name}", data=FORM).status_code == 204
    assert consent(desk) == "opted_out"


def _impatient(engine: Any, command: Any) -> Any:
    with engine.begin() as conn:
        conn.execute(text("SET LOCAL lock_timeout = '1ms'"))
        return command(conn)
