"""What each provider writes, read as events."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import EventUnreadable, ObjectEvent, Provider
from tests.unit.intake.bodies import (
    TEST_EVENT,
    eventbridge_body,
    minio_body,
    s3_body,
    s3_record,
    seaweedfs_body,
)
from workers.intake.admission import is_plain_key
from workers.intake.payloads import read_events

KEY = "uploads/acme/naïve names + 100%25 (1).csv"


def read(body: Any) -> list[ObjectEvent]:
    return read_events(json.dumps(body).encode())


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.6", "2.99"])
@pytest.mark.parametrize(
    "name", ["ObjectCreated:Put", "ObjectCreated:CompleteMultipartUpload", "s3:ObjectCreated:Copy"]
)
def test_s3_records(version: str, name: str) -> None:
    record = s3_record("b", KEY, name, version=version, versionId="v1", surprise={"x": 1})
    [event] = read(s3_body(record))
    assert (event.provider, event.bucket, event.key) == (Provider.S3, "b", KEY)
    assert (event.version_id, event.etag, event.sequencer) == ("v1", "e", "0055AED6DCD90281E5")


def test_a_key_is_decoded_once_and_kept_as_it_came() -> None:
    record = s3_record("b", "x")
    record["s3"]["object"]["key"] = "uploads/a/1%2B1+%2525.csv"
    [event] = read(s3_body(record))
    assert (event.key, event.other_key) == ("uploads/a/1+1 %25.csv", "uploads/a/1%2B1+%2525.csv")
    [plain] = read(s3_body(s3_record("b", "uploads/a/x.csv")))
    assert plain.other_key is None


@pytest.mark.parametrize(
    "name", ["ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated", "ObjectRestore:Post", "ReducedRedundancyLost"]
)
def test_other_kinds_of_records_are_nothing(name: str) -> None:
    assert read(s3_body(s3_record("b", "uploads/a/x.csv", name))) == []


def test_a_bad_record_does_not_keep_back_the_others() -> None:
    good = [s3_record("b", f"uploads/a/{number}.csv") for number in range(3)]
    bad: list[Any] = [None, "x", {}, {"s3": None}, s3_record("b", "x") | {"s3": {"bucket": {"name": 1}}}]
    old = s3_record("b", "uploads/a/old.csv", version="3.0")
    read_back = read(s3_body(good[0], *bad, good[1], old, good[2]))
    assert [event.key for event in read_back] == [f"uploads/a/{number}.csv" for number in range(3)]


def test_the_test_event_is_no_error_and_nothing() -> None:
    assert read(TEST_EVENT) == []


def test_minio() -> None:
    body = minio_body("b", KEY)
    assert "%2F" in body["Records"][0]["s3"]["object"]["key"]
    [event] = read(body)
    assert (event.provider, event.bucket, event.key) == (Provider.MINIO, "b", KEY)
    assert read(minio_body("b", KEY, "s3:ObjectRemoved:Delete")) == []


def test_eventbridge() -> None:
    [event] = read(eventbridge_body("b", KEY, **{"version-id": "v1"}))
    assert (event.provider, event.key, event.version_id) == (Provider.EVENTBRIDGE, KEY, "v1")
    # It comes as it is; what an encoded one would mean is tried as well.
    assert event.other_key == "uploads/acme/naïve names   100% (1).csv"
    assert read(eventbridge_body("b", KEY, "Object Deleted")) == []
    with pytest.raises(EventUnreadable):
        read(eventbridge_body("b", KEY) | {"detail": {"object": {}}})


@pytest.mark.parametrize("kind", ["create", "update"])
def test_seaweedfs(kind: str) -> None:
    [event] = read(seaweedfs_body("b", KEY, kind))
    assert event == ObjectEvent(Provider.SEAWEEDFS, "b", KEY, etag="344fd2323dd33d5c058b7cf27de029e8")


def test_seaweedfs_tells_a_renamed_file_by_its_new_place() -> None:
    body = seaweedfs_body("b", "uploads/a/new.csv", "rename")
    body["key"] = "/buckets/b/uploads/a/old.csv"
    assert [event.key for event in read(body)] == ["uploads/a/new.csv"]


def test_seaweedfs_versions() -> None:
    path = "uploads/a/x.csv.versions/v_6715d5171d42d418"
    [event] = read(seaweedfs_body("b", path, Seaweed_X_Amz_Version_Id="6715d5171d42d418"))
    assert (event.key, event.version_id, event.other_key) == ("uploads/a/x.csv", "6715d5171d42d418", path)
    assert read(seaweedfs_body("b", path, Seaweed_X_Amz_Delete_Marker="true")) == []
    assert read(seaweedfs_body("b", path, "update", Seaweed_X_Amz_Noncurrent_Since_Ns="1")) == []


def test_seaweedfs_tells_an_empty_file_from_a_delete_marker() -> None:
    body = seaweedfs_body("b", "uploads/a/empty.csv")
    del body["message"]["new_entry"]["attributes"]["file_size"], body["message"]["new_entry"]["chunks"]
    assert [event.key for event in read(body)] == ["uploads/a/empty.csv"]


@pytest.mark.parametrize(
    "path", ["uploads/acme/.uploads/8f2/0001_ab.part", ".uploads/8f2/0001.csv", ".system/log/x.csv"]
)
def test_seaweedfs_keeps_its_own_business_to_itself(path: str) -> None:
    assert read(seaweedfs_body("b", path)) == []


def test_seaweedfs_folders_and_removals_are_nothing() -> None:
    folder = seaweedfs_body("b", "uploads/acme.csv")
    folder["message"]["new_entry"]["is_directory"] = True
    assert read(folder) == []
    assert read(seaweedfs_body("b", KEY, "delete")) == []
    assert read({"event_type": "update", "key": "/buckets/b/x.csv", "message": {}}) == []
    assert read(seaweedfs_body("b", KEY) | {"key": "/topics/x.csv", "message": {"new_entry": {"name": ""}}}) == []
    with pytest.raises(EventUnreadable):
        read(seaweedfs_body("b", KEY) | {"message": {"new_entry": []}})


@pytest.mark.parametrize("payload", [b"", b"no", b"[]", b"1", b"{}", b"\xff", b'{"Records": 1}', b"[" * 100_000])
def test_what_is_no_event_is_said_to_be_none(payload: bytes) -> None:
    with pytest.raises(EventUnreadable, match="no event"):
        read_events(payload)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container and key within."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


@given(st.integers(0, 3), st.data())
def test_any_value_anywhere_is_read_or_refused_but_never_a_crash(which: int, data: st.DataObject) -> None:
    makers = (lambda b, k: s3_body(s3_record(b, k)), minio_body, eventbridge_body, seaweedfs_body)
    body = makers[which]("b", KEY)
    container, key = data.draw(st.sampled_from(list(places(body))))
    container[key] = data.draw(JSON)
    try:
        events = read(body)
    except EventUnreadable:
        return
    assert {type(text) for event in events for text in (event.key, event.bucket)} <= {str}


@pytest.mark.parametrize(
    "key", ["uploads/a/x.csv", "uploads/a/ü ñ (1).csv", "uploads/客户/文件\u3000.csv", "uploads/a/.x.csv"]
)
def test_keys_that_can_only_mean_themselves(key: str) -> None:
    assert is_plain_key(key)


@pytest.mark.parametrize(
    "key",
    [
        "uploads/a/../b/x.csv",
        "uploads/a/./x.csv",
        "uploads/a//x.csv",
        "uploads/a\\x.csv",
        "uploads/a/\0.csv",
        "uploads/a/\n.csv",
        "uploads/a/\ud800.csv",
        "uploads/a/x.csv/",
        f"uploads/a/{'é' * 600}.csv",
    ],
)
def test_keys_that_might_mean_another_object(key: str) -> None:
    assert not is_plain_key(key)
