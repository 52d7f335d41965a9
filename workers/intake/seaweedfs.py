"""SeaweedFS's filer webhook: files below `/buckets/`, told in its own words. Owns their reading."""

import base64
import binascii
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.events import EventUnreadable, ObjectEvent, Provider

_ROOT = "/buckets/"
_WRITES = frozenset({"create", "update", "rename"})
#: Parts of unfinished uploads, and the filer's own business.
_INNER = re.compile(r"/\.(uploads|system)(/|$)")
_VERSION = re.compile(r"^(?P<key>.+)\.versions/v_(?P<version>[^/]+)$")
_ETAG = "Seaweed-X-Amz-ETag"
_MARKER = "Seaweed-X-Amz-Delete-Marker"
_OLD_VERSION = "Seaweed-X-Amz-Noncurrent-Since-Ns"


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)

    name: str = ""
    is_directory: bool = False
    extended: dict[str, str] = {}


class _Message(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)

    new_entry: _Entry | None = None
    new_parent_path: str = ""


def is_seaweedfs(body: dict[str, Any]) -> bool:
    """Whether the filer wrote this."""
    return isinstance(body.get("event_type"), str) and isinstance(body.get("key"), str)


def read_seaweedfs(body: dict[str, Any]) -> list[ObjectEvent]:
    """The object written, or nothing: folders, unfinished uploads, delete markers and what only became an old version.

    Raises `EventUnreadable` if the filer's message is not what it should be.
    """
    if body["event_type"] not in _WRITES:
        return []
    try:
        message = _Message.model_validate(body.get("message") or {})
    except ValidationError:
        raise EventUnreadable from None
    entry = message.new_entry
    # A delete marker comes as a creation without a size; but so does an empty file, which fails in words.
    if entry is None or entry.is_directory or _MARKER in entry.extended or _OLD_VERSION in entry.extended:
        return []
    path = f"{message.new_parent_path}/{entry.name}" if message.new_parent_path and entry.name else body["key"]
    if not path.startswith(_ROOT) or _INNER.search(path):
        return []
    bucket, _, key = path.removeprefix(_ROOT).partition("/")
    versioned = _VERSION.match(key)
    if versioned:
        # The same path in a bucket without versions would be a folder of somebody's; then the key is what it says.
        return [ObjectEvent(Provider.SEAWEEDFS, bucket, versioned["key"], key, versioned["version"], _etag(entry))]
    return [ObjectEvent(Provider.SEAWEEDFS, bucket, key, None, None, _etag(entry))]


def _etag(entry: _Entry) -> str | None:
    try:
        return base64.b64decode(entry.extended.get(_ETAG, ""), validate=True).decode("ascii") or None
    except (binascii.Error, UnicodeDecodeError):
        return None
