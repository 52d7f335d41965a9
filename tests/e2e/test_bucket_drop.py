"""A file put into the bucket by any S3 client is imported by itself, while `personas up` runs."""

import signal
import time
from datetime import datetime
from typing import Any

import httpx
import pytest
from boto3.session import Session

from tests.e2e.shell import Shell, wait_for

pytestmark = pytest.mark.services

STOP = signal.SIGTERM
FILE = b"First Name,Phone,Points,Opt-in SMS\nAda,(415) 555-2671,50,yes\nBo,415-555-2672,5,no\n"


class Bucket:
    """The bucket of one home, as any S3 client sees it."""

    def __init__(self, shell: Shell) -> None:
        place = shell.status()["services"]["object_store"]
        self.name = place["bucket"]
        self.client = Session().client(
            "s3",
            endpoint_url=place["url"],
            region_name=place["region"],
            aws_access_key_id=place["access_key"],
            aws_secret_access_key=place["secret_key"],
        )

    def put(self, key: str, data: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=key, Body=data)

    def put_in_parts(self, key: str, data: bytes) -> None:
        facts = {"Bucket": self.name, "Key": key}
        facts["UploadId"] = self.client.create_multipart_upload(**facts)["UploadId"]
        tag = self.client.upload_part(**facts, PartNumber=1, Body=data)["ETag"]
        self.client.complete_multipart_upload(**facts, MultipartUpload={"Parts": [{"ETag": tag, "PartNumber": 1}]})

    def keys(self, prefix: str) -> list[str]:
        return [
            each["Key"] for each in self.client.list_objects_v2(Bucket=self.name, Prefix=prefix).get("Contents", [])
        ]


@pytest.fixture(scope="module")
def bucket(shell: Shell) -> Bucket:
    """An account whose terms are accepted, and a worker that has imported a file already."""
    assert shell.run("account", "add", "shop").returncode == 0
    assert shell.run("account", "set", "shop", "accept_terms_by=Ada").returncode == 0
    bucket = Bucket(shell)
    bucket.put("uploads/shop/warm up.csv", FILE)
    wait_imported(shell, "uploads/shop/warm up.csv")
    return bucket


def imports_of(shell: Shell, key: str) -> list[dict[str, Any]]:
    """The latest first."""
    return [each for each in shell.ask("history", "--account", "shop", "--json") if each["object"]["key"] == key]


def wait_imported(shell: Shell, key: str, times: int = 1) -> dict[str, Any]:
    """The latest import of the object, once it and those before it are completed."""
    wait_for(lambda: [each["status"] for each in imports_of(shell, key)] == ["completed"] * times, 20, 0.1)
    return imports_of(shell, key)[0]


def test_a_dropped_file_is_imported_by_itself_and_at_once(shell: Shell, bucket: Bucket) -> None:
    key = "uploads/shop/häfen + 50% (1).csv"
    bucket.put(key, FILE.replace(b"2671", b"2681"))
    put = time.time()
    done = wait_imported(shell, key)
    assert (done["trigger"], done["rows"]["read"], done["rows"]["rejected"]) == ("event", 2, 0)
    assert _moment(done["submitted_at"]) - put < 2
    assert _moment(done["finished_at"]) - put < 5  # two seconds at rest, which the machine under test may not be at


def test_options_beside_it_a_multipart_upload_and_an_overwriting(shell: Shell, bucket: Bucket) -> None:
    key = "uploads/shop/large.csv"
    bucket.put("uploads/shop/large.options.json", b'{"name": "Spring"}')
    bucket.put_in_parts(key, FILE + b"Cy,415-555-2673,1,no\n")
    assert wait_imported(shell, key)["name"] == "Spring"
    bucket.put(key, FILE + b"Di,415-555-2674,1,no\n")
    wait_imported(shell, key, times=2)


@pytest.mark.usefixtures("bucket")
def test_what_happened_can_be_measured(shell: Shell) -> None:
    answer = httpx.get(f"{shell.status()['services']['console']['url']}/metrics")
    lines = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert float(lines['personas_imports_submitted_total{trigger="event"}']) >= 1
    assert float(lines["personas_objects_swept_total"]) == 0


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_the_doctor_leaves_nothing_in_the_bucket(shell: Shell, bucket: Bucket) -> None:
    before = bucket.keys("")
    assert shell.run("doctor").returncode == 0
    assert bucket.keys("") == before
