"""What came in, told apart by its shape and read by its provider's module. Owns the choice."""

import json
from typing import Any

from schemas.events import EventUnreadable, ObjectEvent, Provider
from workers.intake.eventbridge import is_eventbridge, read_eventbridge
from workers.intake.minio import is_minio, read_minio
from workers.intake.s3_records import is_test, read_records
from workers.intake.seaweedfs import is_seaweedfs, read_seaweedfs


def read_events(payload: bytes | str) -> list[ObjectEvent]:
    """The events in one message or request body; none if it is well-formed, but nothing for us.

    Raises `EventUnreadable` if it is not JSON, or in no form that we know.
    """
    body = _parse(payload)
    if is_test(body):
        return []
    if is_minio(body):
        return read_minio(body)
    if isinstance(body.get("Records"), list):
        return read_records(body["Records"], Provider.S3)
    if is_eventbridge(body):
        return read_eventbridge(body)
    if is_seaweedfs(body):
        return read_seaweedfs(body)
    raise EventUnreadable


def _parse(payload: bytes | str) -> dict[str, Any]:
    try:
        body = json.loads(payload)
    except (ValueError, RecursionError):
        raise EventUnreadable from None
    if not isinstance(body, dict):
        raise EventUnreadable
    return body
