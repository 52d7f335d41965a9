"""The embedded SeaweedFS, our object store: one process, one S3 identity, notices of new objects to our console."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from infra.embedded import server
from infra.embedded.process import Launch, wait_until
from infra.embedded.server import Server
from infra.embedded.state import Running
from infra.secretfiles import kept_secret, make_private_folder, write_private_file

NAME = "seaweedfs"
REGION = "us-east-1"
_PORTS = ("s3", "master", "filer", "volume", "admin")
_VOLUME_SECONDS = 10.0
_GRPC = 10_000  # each port's second one

_SWITCHES = (
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    "-webdav=false",
    "-admin.ui=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-master.telemetry=false",  # otherwise it reports to its makers
    "-master.electionTimeout=1s",
    "-master.heartbeatInterval=100ms",
    "-volume.preStopSeconds=0",
    # All paths are relative to its own folder, where the process stands: a socket's may have 107 bytes, and a comma in
    # the folder for data would make two of it.
    "-dir=data",
    "-s3.config=s3.json",
    "-s3.localSocket=s3.sock",
    "-filer.localSocket=filer.sock",
)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where SeaweedFS tells of new objects, and the bearer token that it shows there."""

    endpoint: str
    token: str = field(repr=False)


def start(home: Path, bucket: str, webhook: Webhook | None = None) -> Running:
    """The running SeaweedFS of this home; `url` is S3's. If it runs with another webhook, or none, it is restarted."""
    if webhook is not None and _written_notification(home) != _notification(bucket, webhook):
        stop(home)
    running = server.start(_server(bucket, webhook), home)
    # S3 answers a moment before its volumes have reported; a damaged one never will, and must not keep the rest away.
    wait_until(lambda: _volumes_are_known(home, running), _VOLUME_SECONDS)
    return running


def stop(home: Path) -> bool:
    """Stop it; takes two to four seconds."""
    known = server.find(NAME, home)
    stopped = server.stop(_server("", None), home)
    if known is not None:
        _sweep_sockets(known.ports)
    return stopped


def credentials(home: Path) -> tuple[str, str]:
    """Access key and secret key of the one identity."""
    return kept_secret(home, "s3_access_key"), kept_secret(home, "s3_secret_key")


def has_bucket(running: Running, bucket: str) -> bool:
    """Whether the bucket exists, asked where no signature is needed."""
    return _status(running.ports["filer"], f"/buckets/{bucket}/?limit=1") == 200


def _server(bucket: str, webhook: Webhook | None) -> Server:
    return Server(
        name=NAME,
        program="weed",
        port_names=_PORTS,
        prepare=partial(_prepare, bucket, webhook),
        is_ready=_is_ready,
        url=lambda _home, ports: f"http://127.0.0.1:{ports['s3']}",
        ready_seconds=60.0,
        # Usually it needs two; now and then it waits for its administration, with everything written long since.
        stop_seconds=3.0,
        offsets=(0, _GRPC),
    )


def _prepare(bucket: str, webhook: Webhook | None, home: Path, ports: Mapping[str, int]) -> Launch:
    folder = make_private_folder(home / NAME)
    make_private_folder(folder / "data")
    _sweep_sockets(ports)
    access_key, secret_key = credentials(home)
    identity = {
        "name": "personas",
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    write_private_file(folder / "s3.json", json.dumps({"identities": [identity]}))
    write_private_file(folder / "notification.toml", _notification(bucket, webhook))
    program = str(Path(sys.executable).with_name("weed"))
    chosen = (f"-{name}.port={ports[name]}" for name in _PORTS)
    argv = (program, "-logtostderr=true", "-config_dir=.", "mini", *_SWITCHES, *chosen, f"-bucket={bucket}")
    return Launch(argv, folder)


def _notification(bucket: str, webhook: Webhook | None) -> str:
    """The configuration of its notices. Losing one is no harm: the sweep of the bucket finds what no event told."""
    if webhook is None:
        return ""
    lines = (
        "[notification.webhook]",
        "enabled = true",
        f"endpoint = {json.dumps(webhook.endpoint)}",
        f"bearer_token = {json.dumps(webhook.token)}",
        'event_types = ["create", "update", "rename"]',
        f"path_prefixes = {json.dumps([f'/buckets/{bucket}/uploads/'])}",
    )
    return "\n".join(lines) + "\n"


def _written_notification(home: Path) -> str | None:
    path = home / NAME / "notification.toml"
    return path.read_text(encoding="utf-8") if path.exists() else None


def _is_ready(_home: Path, running: Running) -> bool:
    return _status(running.ports["s3"], "/status") == 200


def _volumes_are_known(home: Path, running: Running) -> bool:
    """Whether each volume file can be looked up; files are called `1.dat` or `bucket_1.dat`."""
    numbers = [path.stem.rpartition("_")[2] for path in (home / NAME / "data").glob("*.dat")]
    master = running.ports["master"]
    return all(_status(master, f"/dir/lookup?volumeId={number}") == 200 for number in numbers)


def _status(port: int, path: str) -> int:
    """The HTTP status of a GET on loopback; 0 where nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


def _sweep_sockets(ports: Mapping[str, int]) -> None:
    """It puts sockets into /tmp, under its ports' numbers, and leaves them there when it is killed."""
    for name in _PORTS:
        Path(f"/tmp/seaweedfs-{name}-grpc-{ports[name] + _GRPC}.sock").unlink(missing_ok=True)  # noqa: S108 - its choice
