"""Events as each provider writes them, for tests to vary. Shapes were taken down from the real ones."""

import base64
from typing import Any
from urllib.parse import quote, quote_plus


def s3_record(bucket: str, key: str, name: str = "ObjectCreated:Put", **told: Any) -> dict[str, Any]:
    """One record of AWS; `key` is given plain, as the object is called."""
    return {
        "eventVersion": told.pop("version", "2.1"),
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-11-20T10:00:00.000Z",
        "eventName": name,
        "userIdentity": {"principalId": "A1"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "uploads",
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {"key": quote_plus(key, safe="/"), "size": 10, "eTag": "e", "sequencer": "0055AED6DCD90281E5"}
            | told,
        },
    }


def s3_body(*records: Any) -> dict[str, Any]:
    return {"Records": list(records)}


TEST_EVENT = {
    "Service": "Amazon S3",
    "Event": "s3:TestEvent",
    "Time": "2026-11-20T10:00:00.000Z",
    "Bucket": "personas",
    "RequestId": "5582815E1AEA5ADF",
    "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR",
}


def minio_body(bucket: str, key: str, name: str = "s3:ObjectCreated:Put") -> dict[str, Any]:
    record = s3_record(bucket, key, name, version="2.0")
    record["eventSource"] = "minio:s3"
    record["s3"]["object"]["key"] = quote(key, safe="").replace("%20", "+")
    return {"EventName": name, "Key": f"{bucket}/{key}", "Records": [record]}


def eventbridge_body(bucket: str, key: str, kind: str = "Object Created", **told: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": kind,
        "source": "aws.s3",
        "account": "111122223333",
        "time": "2026-11-20T10:00:00Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "size": 5, "etag": "e", "sequencer": "0062E99A88DC407460"} | told,
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "reason": "PutObject",
        },
    }


def seaweedfs_body(bucket: str, key: str, kind: str = "create", **extended: str) -> dict[str, Any]:
    """What the filer says of a file; `extended` are its attributes, in plain text, with `_` for `-`."""
    parent, _, name = f"/buckets/{bucket}/{key}".rpartition("/")
    attributes = {"Seaweed-X-Amz-ETag": "344fd2323dd33d5c058b7cf27de029e8"} | {
        label.replace("_", "-"): value for label, value in extended.items()
    }
    return {
        "event_type": kind,
        "key": f"{parent}/{name}",
        "message": {
            "new_entry": {
                "name": name,
                "chunks": [{"size": 8, "e_tag": "NE/SMj3TPVwFi3zyfeAp6A==", "fid": {"volume_id": 1}}],
                "attributes": {"file_size": 8, "mtime": 1795294573, "mime": "text/plain; charset=utf-8"},
                "extended": {label: base64.b64encode(value.encode()).decode() for label, value in attributes.items()},
            },
            "delete_chunks": True,
            "new_parent_path": parent,
            "signatures": [731637587],
        },
    }
