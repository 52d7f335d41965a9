"""S3's own notifications, as SQS and MinIO carry them: a list of records. Owns their reading, not who sent them."""

from typing import Any
from urllib.parse import unquote_plus

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.events import ObjectEvent, Provider

log = structlog.get_logger()

_CREATED = "ObjectCreated:"
_VERSIONS = "2."


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)


class _Bucket(_Strict):
    name: str


class _Object(_Strict):
    key: str
    version_id: str | None = Field(None, alias="versionId")
    etag: str | None = Field(None, alias="eTag")
    sequencer: str | None = None


class _Entity(_Strict):
    bucket: _Bucket
    object: _Object


class _Record(_Strict):
    version: str = Field("2.0", alias="eventVersion")
    name: str = Field(alias="eventName")
    s3: _Entity


def is_test(body: dict[str, Any]) -> bool:
    """Whether this is what S3 sends when notifications are switched on: nothing to do, and no error."""
    return body.get("Event") == "s3:TestEvent" and "Records" not in body


def read_records(records: list[Any], provider: Provider) -> list[ObjectEvent]:
    """The creations among the records. One that is of another kind, or damaged, does not keep back the others."""
    read = [_read(record, provider) for record in records]
    return [event for event in read if event is not None]


def _read(raw: Any, provider: Provider) -> ObjectEvent | None:
    try:
        record = _Record.model_validate(raw)
    except ValidationError as error:
        log.warning("record_ignored", provider=provider, count=error.error_count())
        return None
    if not record.name.removeprefix("s3:").startswith(_CREATED) or not record.version.startswith(_VERSIONS):
        return None
    told = record.s3.object
    # Form encoding is the rule; some clones send the key as it is, so that reading is kept as well.
    key = unquote_plus(told.key)
    other = told.key if told.key != key else None
    return ObjectEvent(provider, record.s3.bucket.name, key, other, told.version_id, told.etag, told.sequencer)
