"""S3's events in EventBridge's envelope: one object each. Owns their reading."""

from typing import Any
from urllib.parse import unquote_plus

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.events import EventUnreadable, ObjectEvent, Provider


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)


class _Bucket(_Strict):
    name: str


class _Object(_Strict):
    key: str
    version_id: str | None = Field(None, alias="version-id")
    etag: str | None = None
    sequencer: str | None = None


class _Detail(_Strict):
    bucket: _Bucket
    object: _Object


def is_eventbridge(body: dict[str, Any]) -> bool:
    """Whether EventBridge wrapped this."""
    return isinstance(body.get("detail-type"), str) and "detail" in body


def read_eventbridge(body: dict[str, Any]) -> list[ObjectEvent]:
    """The creation it tells of, or nothing. Raises `EventUnreadable` for a creation without its object."""
    if body["detail-type"] != "Object Created":
        return []
    try:
        detail = _Detail.model_validate(body["detail"])
    except ValidationError:
        raise EventUnreadable from None
    told = detail.object
    # Here the key comes as it is; should it be encoded after all, the other reading finds the object.
    decoded = unquote_plus(told.key)
    other = decoded if decoded != told.key else None
    return [
        ObjectEvent(
            Provider.EVENTBRIDGE, detail.bucket.name, told.key, other, told.version_id, told.etag, told.sequencer
        )
    ]
