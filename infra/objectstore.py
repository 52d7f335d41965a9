"""The bucket: look, read, write, list, delete, through boto3. Knows keys and bytes, not what they mean."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, unquote

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError, ResponseStreamingError
from botocore.exceptions import ConnectionError as NotConnected

from infra.settings import AWS_ENDPOINT
from schemas.errors import PersonaImportError, SourceChanged, Transient

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_CHUNK = 1 << 20  # bytes
_MULTIPART_FROM = 64 << 20  # bytes; below, one PUT is one event and a plain MD5 as etag
_DELETE_AT_ONCE = 1000  # as many as the protocol allows
_CONNECT_SECONDS = 5
#: Without a byte; the library tries three times, and then the part is tried again later.
READ_SECONDS = 30.0
_GONE = (404, 405, 412)  # 405: the version asked for is a delete marker
_BUSY = frozenset({"SlowDown", "RequestTimeout", "Throttling", "ThrottlingException", "RequestTimeTooSkewed"})


class StoreRefused(PersonaImportError):
    """The object store said no, and would again: rights, bucket name, keys. The message has operation and code."""


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """What the store says about one object; `etag` is without quotes, `size` in bytes."""

    key: str
    etag: str
    version_id: str | None
    size: int
    metadata: dict[str, str] = field(default_factory=dict)
    modified: datetime | None = None


class ObjectStore:
    """One bucket. Safe in threads and over forks: each process makes its own client, at first use.

    Every method raises `Transient` where trying again may help and `StoreRefused` where it will not.
    """

    def __init__(
        self, endpoint: str, bucket: str, region: str, access_key: str | None = None, secret_key: str | None = None
    ) -> None:
        """`endpoint` is a URL, or `aws`. Without keys the AWS library looks for its own."""
        self.endpoint = endpoint
        self.bucket = bucket
        self._region = region
        self._keys = (access_key, secret_key)
        self._lock = threading.Lock()
        self._client: S3Client | None = None
        self._owner = 0

    def head(self, key: str, version_id: str | None = None) -> ObjectHead | None:
        """The object as it is now, or as that version; None if there is none."""
        extra: Any = {"VersionId": version_id} if version_id else {}
        try:
            with _translated():
                answer = self._connect().head_object(Bucket=self.bucket, Key=key, **extra)
        except _Gone:
            return None
        metadata = {name: unquote(value) for name, value in answer["Metadata"].items()}
        version = _version(answer.get("VersionId"))
        return ObjectHead(
            key, _plain(answer["ETag"]), version, answer["ContentLength"], metadata, answer["LastModified"]
        )

    def download(self, key: str, path: Path, version_id: str | None, etag: str) -> None:
        """Stream exactly this version, else this etag, into `path`. Raises `SourceChanged` if it is no longer there."""
        exact: Any = {"VersionId": version_id} if version_id else {"IfMatch": f'"{etag}"'}
        try:
            with _translated(), path.open("wb") as file:
                for chunk in (
                    self._connect().get_object(Bucket=self.bucket, Key=key, **exact)["Body"].iter_chunks(_CHUNK)
                ):
                    file.write(chunk)
        except _Gone:
            raise SourceChanged from None

    def get_bytes(self, key: str) -> bytes:
        """The whole object, for small ones of our own. Raises `StoreRefused` if there is none."""
        try:
            with _translated():
                return self._connect().get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except _Gone:
            raise StoreRefused("The object store has no such object.") from None

    def put_bytes(self, key: str, data: bytes) -> None:
        """Write or replace an object."""
        with _translated():
            self._connect().put_object(Bucket=self.bucket, Key=key, Body=data)

    def put_file(self, key: str, path: Path, metadata: Mapping[str, str] | None = None) -> None:
        """Write or replace an object from a file; metadata values may be any text."""
        from boto3.s3.transfer import TransferConfig  # late, see `_connect`

        safe = {name: quote(value, safe=" /:()_-.,+=@") for name, value in (metadata or {}).items()}
        with _translated(), path.open("rb") as file:
            self._connect().upload_fileobj(
                file,
                self.bucket,
                key,
                ExtraArgs={"Metadata": safe},
                # Two pieces under way at a time take two thirds of the time of one; more gain nothing.
                Config=TransferConfig(multipart_threshold=_MULTIPART_FROM, max_concurrency=2),
            )

    def list(self, prefix: str) -> Iterator[ObjectHead]:
        """Every object below `prefix` in the order of keys, without metadata and version."""
        with _translated():
            for page in self._connect().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
                for each in page.get("Contents", []):
                    yield ObjectHead(each["Key"], _plain(each["ETag"]), None, each["Size"], {}, each["LastModified"])

    def delete_prefix(self, prefix: str) -> int:
        """Delete everything below `prefix`, which must end with a slash; returns how many objects."""
        if not prefix.strip("/") or not prefix.endswith("/"):
            raise ValueError("a prefix to delete is a folder")
        keys = [each.key for each in self.list(prefix)]
        for start in range(0, len(keys), _DELETE_AT_ONCE):
            batch: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in keys[start : start + _DELETE_AT_ONCE]]
            with _translated():
                answer = self._connect().delete_objects(Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True})
            if answer.get("Errors"):
                raise Transient("The object store did not delete everything.")
        return len(keys)

    def ensure_bucket(self) -> None:
        """Make the bucket if it is not there. On AWS itself it must be there: its name is everybody's."""
        try:
            with _translated():
                self._connect().head_bucket(Bucket=self.bucket)
        except _Gone:
            if self.endpoint == AWS_ENDPOINT:
                raise StoreRefused(
                    f"The bucket {self.bucket} does not exist; make it, or set PERSONAS_S3_BUCKET."
                ) from None
            self._create_bucket()

    def _create_bucket(self) -> None:
        try:
            with _translated():
                self._connect().create_bucket(Bucket=self.bucket)
        except _Taken:
            return  # somebody was faster

    def _connect(self) -> "S3Client":
        with self._lock:
            if self._client is None or self._owner != os.getpid():
                self._client, self._owner = self._make_client(), os.getpid()
            return self._client

    def _make_client(self) -> "S3Client":
        # Imported late: a tenth of a second, which commands that touch no object need not pay.
        from boto3.session import Session

        ours = self.endpoint == AWS_ENDPOINT
        # Checksums that not every other store knows are sent to AWS alone.
        checksum: Literal["when_supported", "when_required"] = "when_supported" if ours else "when_required"
        return Session().client(
            "s3",
            endpoint_url=None if ours else self.endpoint,
            region_name=self._region,
            aws_access_key_id=self._keys[0],
            aws_secret_access_key=self._keys[1],
            config=Config(
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                tcp_keepalive=True,
                retries={"mode": "standard", "total_max_attempts": 3},
                s3={"addressing_style": "auto" if ours else "path"},
                request_checksum_calculation=checksum,
                response_checksum_validation=checksum,
            ),
        )


class _Taken(Exception):
    """There is such a bucket already."""


class _Gone(Exception):
    """Not there, or no longer what it was."""


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of the library become ours. What it says is not passed on: it may quote keys."""
    try:
        yield
    except (NotConnected, HTTPClientError, ResponseStreamingError, IncompleteReadError):
        raise Transient("The object store can't be reached.") from None
    except ClientError as error:
        raise _translate(error) from None
    except BotoCoreError as error:
        raise StoreRefused(f"The object store can't be used: {type(error).__name__}.") from None


def _translate(error: ClientError) -> Exception:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response.get("Error", {}).get("Code", "")
    if status >= 500 or status == 429 or code in _BUSY:
        return Transient(f"The object store is busy or ill: {code or status}.")
    if status in _GONE and code != "NoSuchBucket":
        return _Gone()
    if code in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
        return _Taken()
    return StoreRefused(f"The object store refused {error.operation_name}: {code or status}.")


def _plain(etag: str) -> str:
    return etag.strip('"')


def _version(version_id: str | None) -> str | None:
    # "null" is what a bucket calls the version of an object written before versioning.
    return None if version_id in (None, "", "null") else version_id
