"""A file put into the bucket by any S3 client is imported by itself, while `personas up` runs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from boto3.session import Session

pytestmark = pytest.mark.services

ROOT = Path(__file__).parents[2]
FILE = b"First Name,Phone,Points,Opt-in SMS\nAda,(415) 555-2671,50,yes\nBo,415-555-2672,5,no\n"


class System:
    """`personas up` in a home of its own, seen from outside."""

    def __init__(self, home: Path) -> None:
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PERSONAS_")},
            "PERSONAS_HOME": str(home),
            "PERSONAS_FLOWER_PORT": "0",
            "PERSONAS_CONSOLE_PORT": "0",
        }
        with (home.parent / "up.log").open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "console.cli", "up"], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def run(self, *arguments: str) -> bytes:
        command = [sys.executable, "-m", "console.cli", *arguments]
        done = subprocess.run(command, check=False, cwd=ROOT, env=self.environment, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments))

    def wait_up(self) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while True:
            status: dict[str, Any] = self.ask("status", "--json")
            if "console" in status["services"] and status["workers"]:
                return status
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def history(self) -> dict[str, dict[str, Any]]:
        return {each["object"]["key"]: each for each in self.ask("history", "--account", "shop", "--json")}

    def wait_imported(self, key: str, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while (found := self.history().get(key, {})).get("status") != "completed":
            assert time.monotonic() < deadline, found.get("status")
            time.sleep(0.1)
        return found


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    system = System(tmp_path_factory.mktemp("drop") / "home")
    try:
        yield system
    finally:
        system.process.send_signal(signal.SIGTERM)
        assert system.process.wait(60) == 0


@pytest.fixture(scope="module")
def services(up: System) -> dict[str, Any]:
    status = up.wait_up()
    httpx.get(f"{status['services']['console']['url']}/health").raise_for_status()
    up.run("account", "add", "shop")
    up.run("account", "set", "shop", "accept_terms_by=Ada")
    services: dict[str, Any] = status["services"]
    return services


@pytest.fixture(scope="module")
def s3(services: dict[str, Any]) -> Any:
    place = services["object_store"]
    return Session().client(
        "s3",
        endpoint_url=place["url"],
        region_name=place["region"],
        aws_access_key_id=place["access_key"],
        aws_secret_access_key=place["secret_key"],
    )


def test_a_dropped_file_is_imported_by_itself_and_at_once(up: System, services: dict[str, Any], s3: Any) -> None:
    bucket = services["object_store"]["bucket"]
    s3.put_object(Bucket=bucket, Key="uploads/shop/warm up.csv", Body=FILE)
    up.wait_imported("uploads/shop/warm up.csv", 20)
    key = "uploads/shop/häfen + 50% (1).csv"
    s3.put_object(Bucket=bucket, Key=key, Body=FILE.replace(b"2671", b"2681"))
    put = time.time()
    done = up.wait_imported(key, 20)
    assert (done["trigger"], done["rows"]["read"], done["rows"]["rejected"]) == ("event", 2, 0)
    assert _moment(done["submitted_at"]) - put < 2
    assert _moment(done["finished_at"]) - put < 5  # two seconds at rest, which the machine under test may not be at


def test_options_beside_it_a_multipart_upload_and_an_overwriting(up: System, services: dict[str, Any], s3: Any) -> None:
    bucket, key = services["object_store"]["bucket"], "uploads/shop/large.csv"
    s3.put_object(Bucket=bucket, Key="uploads/shop/large.options.json", Body=b'{"name": "Spring"}')
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    facts = {"Bucket": bucket, "Key": key, "UploadId": upload}
    tag = s3.upload_part(**facts, PartNumber=1, Body=FILE + b"Cy,415-555-2673,1,no\n")["ETag"]
    s3.complete_multipart_upload(**facts, MultipartUpload={"Parts": [{"ETag": tag, "PartNumber": 1}]})
    assert up.wait_imported(key, 20)["name"] == "Spring"
    s3.put_object(Bucket=bucket, Key=key, Body=FILE + b"Di,415-555-2674,1,no\n")
    deadline = time.monotonic() + 20
    while len([each for each in up.ask("history", "--account", "shop", "--json") if each["object"]["key"] == key]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_happened_can_be_measured(services: dict[str, Any]) -> None:
    answer = httpx.get(f"{services['console']['url']}/metrics")
    lines = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert float(lines['personas_imports_submitted_total{trigger="event"}']) >= 2
    assert float(lines["personas_objects_swept_total"]) == 0


def _moment(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()
