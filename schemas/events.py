"""The shape of an event of the bucket, whoever told it. Owns no reading of anybody's format."""

from dataclasses import dataclass
from enum import StrEnum

from schemas.errors import PersonaImportError


class Provider(StrEnum):
    """Who told of an object."""

    S3 = "s3"
    EVENTBRIDGE = "eventbridge"
    MINIO = "minio"
    SEAWEEDFS = "seaweedfs"


class EventUnreadable(PersonaImportError):
    """This is no event of a bucket that we know."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, slots=True)
class ObjectEvent:
    """`There may be a new object`: a hint, never the truth; that is what the store says when asked.

    `other_key` is the key in the other of the two spellings in use (decoded or as it came), where they differ.
    """

    provider: Provider
    bucket: str
    key: str
    other_key: str | None = None
    version_id: str | None = None
    etag: str | None = None
    sequencer: str | None = None
