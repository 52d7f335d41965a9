"""The door for events: who gets in, what each event makes, and that one object version is one import."""

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
import uvicorn
from pydantic import SecretStr

from console.web import make_app
from infra.objectstore import ObjectHead
from schemas.errors import Transient
from schemas.events import ObjectEvent, Provider
from tests.running import Running
from tests.unit.intake.bodies import (
    TEST_EVENT,
    eventbridge_body,
    minio_body,
    s3_body,
    s3_record,
    seaweedfs_body,
)
from workers.bootstrap import System
from workers.intake.admission import take_events

pytestmark = pytest.mark.services

DOOR = "/events/object-created"
FILE = b"Phone,Points\n4155552671,5\n"


class OddStore:
    """The real store, but for one key that it can't be asked about."""

    def __init__(self, inner: Any, ill: str) -> None:
        self._inner, self._ill = inner, ill

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def head(self, key: str, version_id: str | None = None) -> ObjectHead | None:
        if key == self._ill:
            raise Transient("The object store can't be reached.")
        head: ObjectHead | None = self._inner.head(key, version_id)
        return head


@contextmanager
def serve(system: System) -> Iterator[httpx.Client]:
    """The console as it is served, and a client of it that may come in."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(system), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    headers = {"Authorization": f"Bearer {system.settings.event_secrets()[0]}"}
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", headers=headers) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@pytest.fixture(scope="module")
def door(system: Running) -> Iterator[httpx.Client]:
    with serve(system.system) as client:
        yield client


def imports_of(system: Running, key: str) -> list[dict[str, Any]]:
    return system.select("SELECT id, trigger, status FROM imports WHERE key = :key", key=key)


def bodies(system: Running, key: str) -> list[dict[str, Any]]:
    bucket = system.system.store.bucket
    return [
        s3_body(s3_record(bucket, key)),
        minio_body(bucket, key),
        eventbridge_body(bucket, key),
        seaweedfs_body(bucket, key),
        seaweedfs_body(bucket, key, "update"),
    ]


@pytest.mark.parametrize("which", range(5))
def test_every_provider_starts_an_import(system: Running, door: httpx.Client, which: int) -> None:
    key = system.put(system.make_account(), FILE, "naïve + 50%25 (1).csv")
    answer = door.post(DOOR, json=bodies(system, key)[which])
    assert (answer.status_code, answer.text) == (200, "Taken.\n")
    [made] = imports_of(system, key)
    assert made["trigger"] == "event"


def test_one_version_is_one_import_however_often_and_by_whom_it_is_told(system: Running, door: httpx.Client) -> None:
    key = system.put(system.make_account(), FILE)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda body: door.post(DOOR, json=body).status_code, bodies(system, key) * 6))
    assert set(answers) == {200}
    assert len(imports_of(system, key)) == 1
    # Other bytes under the same key are another version; the first ones again are not.
    system.system.store.put_bytes(key, FILE + b"4155552672,1\n")
    door.post(DOOR, json=bodies(system, key)[0])
    system.system.store.put_bytes(key, FILE)
    door.post(DOOR, json=bodies(system, key)[3])
    assert len(imports_of(system, key)) == 2


def test_a_key_told_as_it_is_finds_its_object(system: Running, door: httpx.Client) -> None:
    key = system.put(system.make_account(), FILE, "a%20b+c.csv")
    body = s3_body(s3_record(system.system.store.bucket, "x"))
    body["Records"][0]["s3"]["object"]["key"] = key
    assert door.post(DOOR, json=body).status_code == 200
    assert len(imports_of(system, key)) == 1


def test_where_both_spellings_are_there_both_are_uploads(system: Running, door: httpx.Client) -> None:
    plain = system.put(system.make_account(), FILE, "a b.csv")
    spelt = plain.replace("a b", "a+b")
    system.system.store.put_bytes(spelt, FILE)
    door.post(DOOR, json=s3_body(s3_record(system.system.store.bucket, plain)))
    assert (len(imports_of(system, plain)), len(imports_of(system, spelt))) == (1, 1)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic {token}", "{token}", "Bearer {token}x"])
def test_strangers_stay_outside(system: Running, door: httpx.Client, header: str | None) -> None:
    key = system.put(system.make_account(), FILE)
    token = system.system.settings.event_secrets()[0]
    headers = {"Authorization": header.format(token=token)} if header is not None else {}
    answer = httpx.post(str(door.base_url.join(DOOR)), json=bodies(system, key)[0], headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"].startswith("text/plain")
    assert imports_of(system, key) == []


def test_during_a_rotation_two_tokens_are_good(system: Running) -> None:
    settings = system.system.settings.model_copy(
        update={"event_token": SecretStr("new"), "event_token_previous": SecretStr("old")}
    )
    with serve(replace(system.system, settings=settings)) as client:
        for token, expected in (("new", 200), ("old", 200), ("older", 401)):
            answer = client.post(DOOR, json=TEST_EVENT, headers={"Authorization": f"bearer {token}"})
            assert answer.status_code == expected


def test_a_body_has_its_limit(door: httpx.Client) -> None:
    long = json.dumps(TEST_EVENT | {"x": "y" * 256 * 1024}).encode()
    assert door.post(DOOR, content=long).status_code == 413
    # Without its length told beforehand, too.
    assert door.post(DOOR, content=iter([long[:1000], long[1000:]])).status_code == 413


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b'{"a": 1}'])
def test_what_is_no_event_is_refused(door: httpx.Client, body: bytes) -> None:
    answer = door.post(DOOR, content=body)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")


def test_what_is_not_for_us_is_taken_and_ignored(system: Running, door: httpx.Client) -> None:
    bucket, store = system.system.store.bucket, system.system.store
    account = system.make_account()
    before = system.select("SELECT count(*) AS n FROM imports")
    store.put_bytes(f"uploads/{account}/a.txt", b"x")
    store.put_bytes(f"uploads/{account}/a.options.json", b"{}")
    store.put_bytes("uploads/nobody-by-this-name/a.csv", FILE)
    store.put_bytes(f"elsewhere/{account}/a.csv", FILE)
    told = [
        s3_record(bucket, f"uploads/{account}/a.txt"),
        s3_record(bucket, f"uploads/{account}/a.options.json"),
        s3_record(bucket, "uploads/nobody-by-this-name/a.csv"),
        s3_record(bucket, f"elsewhere/{account}/a.csv"),
        s3_record(bucket, f"uploads/{account}/not-there.csv"),
        s3_record(bucket, f"uploads/{account}/../other/a.csv"),
        s3_record(bucket, f"uploads/{account}//a.csv"),
        s3_record("somebody-elses", f"uploads/{account}/a.csv"),
    ]
    assert door.post(DOOR, json=s3_body(*told)).status_code == 200
    assert system.select("SELECT count(*) AS n FROM imports") == before


def test_one_ill_object_keeps_back_no_other_and_is_asked_for_again(system: Running) -> None:
    account = system.make_account()
    keys = [system.put(account, FILE) for _ in range(3)]
    tools = system.system.tools
    ill = replace(system.system, tools=replace(tools, store=OddStore(tools.store, keys[1])))
    body = s3_body(*(s3_record(tools.store.bucket, key) for key in keys))
    with serve(ill) as client:
        assert client.post(DOOR, json=body).status_code == 503
    assert [len(imports_of(system, key)) for key in keys] == [1, 0, 1]
    with serve(system.system) as client:
        assert client.post(DOOR, json=body).status_code == 200
    assert [len(imports_of(system, key)) for key in keys] == [1, 1, 1]


def test_what_became_of_events_is_counted(system: Running) -> None:
    key, bucket = system.put(system.make_account(), FILE), system.system.store.bucket
    event = ObjectEvent(Provider.S3, bucket, key)
    first = take_events(system.system.tools, [event, event])
    assert (first.made, first.known, len(first.doorbells)) == (1, 0, 1)
    nobody = ObjectEvent(Provider.S3, bucket, "uploads/nobody-at-all/a.csv")
    system.system.store.put_bytes(nobody.key, FILE)
    again = take_events(system.system.tools, [event, nobody])
    assert (again.made, again.known, again.ignored, again.unsettled, again.doorbells) == (0, 1, 1, 0, [])


def test_metrics_tell_of_imports_and_events(system: Running, door: httpx.Client) -> None:
    key = system.put(system.make_account(), FILE)
    door.post(DOOR, json=bodies(system, key)[0])
    answer = door.get("/metrics")
    assert answer.status_code == 200
    lines = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert float(lines['personas_imports{status="received"}']) >= 0
    assert float(lines['personas_imports_submitted_total{trigger="event"}']) >= 1
    assert float(lines['personas_checkpoints_open{stage="parse"}']) >= 0
    assert float(lines["personas_checkpoint_oldest_unheld_seconds"]) >= 0
    assert float(lines['personas_events_total{provider="s3",result="made"}']) >= 1
    assert key not in answer.text
