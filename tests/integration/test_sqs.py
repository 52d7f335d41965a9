"""S3 telling of its objects through SQS, as AWS does it, against a server that speaks both."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session
from moto.server import ThreadedMotoServer

from infra.eventqueue import EventQueue, Message
from infra.objectstore import ObjectStore
from infra.settings import Settings
from schemas.errors import Transient
from tests.running import Running
from tests.unit.intake.bodies import eventbridge_body, s3_body, s3_record
from workers.bootstrap import System
from workers.intake.consumer import consume, settle_messages

pytestmark = pytest.mark.services

ROOT = Path(__file__).parents[2]
FILE = b"Phone,Points\n4155552671,5\n"
REGION = "us-east-1"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


class Ended(Exception):
    """The test has seen enough."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """A bucket that tells a queue of its uploads, with a dead-letter queue behind; and a system upon them."""

    url: str
    queue: EventQueue
    dead: EventQueue
    system: System
    sqs: Any

    def put(self, account: str, name: str = "a b+c.csv", body: bytes = FILE) -> str:
        key = f"uploads/{account}/{time.time_ns()}-{name}"
        self.system.store.put_bytes(key, body)
        return key

    def send(self, body: str) -> None:
        self.sqs.send_message(QueueUrl=self.queue.url, MessageBody=body)

    def settle_all(self) -> tuple[int, int]:
        """Take what is there; how many messages came, and how many went for good."""
        came = gone = 0
        while messages := self.queue.receive(0):
            came += len(messages)
            gone += settle_messages(self.system, self.queue, messages)
        return came, gone


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def cloud(server: str, system: Running, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    session = Session(region_name=REGION)
    s3, sqs = session.client("s3", endpoint_url=server), session.client("sqs", endpoint_url=server)
    bucket = f"uploads-{time.time_ns()}"
    dead = sqs.create_queue(QueueName=f"{bucket}-dead")["QueueUrl"]
    url = sqs.create_queue(
        QueueName=bucket,
        Attributes={
            "VisibilityTimeout": "0",
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": _arn(sqs, dead), "maxReceiveCount": 5}),
        },
    )["QueueUrl"]
    s3.create_bucket(Bucket=bucket)
    rule: Any = {"QueueArn": _arn(sqs, url), "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [rule]})
    store = ObjectStore(server, bucket, REGION)
    inner = system.system
    upon = replace(inner, store=store, tools=replace(inner.tools, store=store))
    return Cloud(server, EventQueue(url, REGION), EventQueue(dead, REGION), upon, sqs)


def _arn(sqs: Any, url: str) -> str:
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    return str(attributes["QueueArn"])


def keys_of(system: Running, cloud: Cloud) -> list[str]:
    rows = system.select("SELECT key FROM imports WHERE bucket = :bucket", bucket=cloud.system.store.bucket)
    return [row["key"] for row in rows]


def test_uploads_become_imports_and_their_messages_go(system: Running, cloud: Cloud) -> None:
    account = system.make_account()
    assert '"s3:TestEvent"' in cloud.queue.receive(0)[0].body
    keys = [cloud.put(account), cloud.put(account, "ü (2).xlsx"), cloud.put(account, "notes.txt")]
    came, gone = cloud.settle_all()
    assert came == gone >= 4
    assert sorted(keys_of(system, cloud)) == sorted(keys[:2])
    assert cloud.queue.receive(0) == []


def test_a_message_that_comes_twice_changes_nothing(system: Running, cloud: Cloud) -> None:
    key = cloud.put(system.make_account())
    bucket = cloud.system.store.bucket
    for body in (
        s3_body(s3_record(bucket, key)),
        eventbridge_body(bucket, key),
        s3_body(*[s3_record(bucket, key)] * 5),
    ):
        cloud.send(json.dumps(body))
    cloud.settle_all()
    assert keys_of(system, cloud) == [key]


def test_what_no_one_can_read_ends_in_the_dead_letter_queue(system: Running, cloud: Cloud) -> None:
    cloud.settle_all()
    key = cloud.put(system.make_account())
    cloud.send("no event")
    for _ in range(8):
        settle_messages(cloud.system, cloud.queue, cloud.queue.receive(0))
    assert keys_of(system, cloud) == [key]
    assert [message.body for message in cloud.dead.receive(0)] == ["no event"]


def test_a_message_stays_until_its_import_is_committed(system: Running, cloud: Cloud) -> None:
    cloud.settle_all()
    key = cloud.put(system.make_account())
    [message] = cloud.queue.receive(0)
    away = replace(cloud.system, tools=replace(cloud.system.tools, engine=_no_engine()))
    assert settle_messages(away, cloud.queue, [message]) == 0
    [again] = cloud.queue.receive(0)
    assert (again.body, again.received) == (message.body, 2)
    # Killed after the commit and before the deletion: it comes again, and changes nothing.
    with pytest.raises(Ended):
        settle_messages(cloud.system, Undeletable(cloud.queue.url, REGION), [again])
    assert cloud.settle_all() == (1, 1)
    assert keys_of(system, cloud) == [key]


class Undeletable(EventQueue):
    def delete(self, message: Message) -> None:
        raise Ended


def _no_engine() -> Any:
    class NoEngine:
        def begin(self) -> Any:
            raise Transient("The database is away.")

    return NoEngine()


def test_a_queue_in_trouble_is_asked_again_with_pauses(cloud: Cloud) -> None:
    nowhere, pauses = EventQueue("http://127.0.0.1:1/123456789012/none", REGION), []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise Ended

    with pytest.raises(Ended):
        consume(cloud.system, nowhere, pause)
    assert pauses == [2.0, 4.0]
    gone = EventQueue(f"{cloud.url}/123456789012/not-there", REGION)
    with pytest.raises(Transient, match=r"NonExistentQueue|QueueDoesNotExist"):
        gone.receive(0)


def test_the_process_takes_uploads_and_stops_when_asked(system: Running, cloud: Cloud, home: Path) -> None:
    environment = {
        **os.environ,
        "PERSONAS_HOME": str(home),
        "PERSONAS_EVENTS_QUEUE_URL": cloud.queue.url,
        "PERSONAS_S3_ENDPOINT_URL": cloud.url,
        "PERSONAS_S3_BUCKET": cloud.system.store.bucket,
    }
    command = [sys.executable, "-m", "console.cli", "consumer"]
    with (home / "consumer.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        key = cloud.put(system.make_account())
        deadline = time.monotonic() + 30
        while keys_of(system, cloud) != [key]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert process.wait(10) == 0
    assert time.monotonic() - started < 3
    lines = [json.loads(line) for line in (home / "consumer.log").read_text().splitlines()]
    assert {line["process"] for line in lines} == {"consumer"}


def test_without_a_queue_there_is_nothing_to_consume() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PERSONAS_EVENTS_QUEUE_URL"}
    command = [sys.executable, "-m", "console.cli", "consumer"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, Settings().events_queue_url) == (2, None)
    assert "PERSONAS_EVENTS_QUEUE_URL" in done.stderr


def test_each_version_with_bytes_of_its_own_is_an_import(system: Running, cloud: Cloud) -> None:
    s3 = Session(region_name=REGION).client("s3", endpoint_url=cloud.url)
    bucket, key = cloud.system.store.bucket, f"uploads/{system.make_account()}/a.csv"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    told = []
    for body in (FILE, FILE + b"4155552672,1\n", FILE):
        version = s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
        told.append(json.dumps(s3_body(s3_record(bucket, key, versionId=version))))
    # Gone for whoever asks for the latest; every version is there still.
    s3.delete_object(Bucket=bucket, Key=key)
    for body_told in told:
        cloud.send(body_told)
    cloud.settle_all()
    rows = system.select("SELECT etag FROM imports WHERE key = :key", key=key)
    assert (len(rows), len({row["etag"] for row in rows})) == (2, 2)
