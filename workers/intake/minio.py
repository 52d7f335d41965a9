"""MinIO's webhook: S3's records with the event's name and key beside them. Owns its recognition only."""

from typing import Any

from schemas.events import ObjectEvent, Provider
from workers.intake.s3_records import read_records


def is_minio(body: dict[str, Any]) -> bool:
    """Whether MinIO wrote this."""
    return isinstance(body.get("EventName"), str) and isinstance(body.get("Records"), list)


def read_minio(body: dict[str, Any]) -> list[ObjectEvent]:
    """The creations that the webhook tells of; keys have even their slashes encoded."""
    return read_records(body["Records"], Provider.MINIO)
