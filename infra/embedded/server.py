"""The life of any embedded server: started once, reused, stopped cleanly. A `Server` value is what differs."""

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.embedded.process import (
    Launch,
    choose_ports,
    end_process,
    is_gone,
    prepare_log,
    spawn_detached,
    wait_until,
)
from infra.embedded.state import Running, clear_pid, find_process, load_state, locked, save_state
from schemas.errors import PersonaImportError

_PAUSES = (
    0.1,
    0.2,
    0.5,
    1.0,
    0.0,
)  # seconds after a failed try: a port was taken meanwhile, or a crash is being cleared up


class ServerFailed(PersonaImportError):
    """An embedded server did not start."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"The embedded {name} server did not start; its log says why: {log}")


@dataclass(frozen=True, slots=True)
class Server:
    """What makes one kind of server different.

    `prepare(home, ports)` lays out its files and says how to start it; `is_ready(home, running)` asks whether it
    serves; `url(home, ports)` is its address. Each port is taken together with the port `offsets` above it.
    """

    name: str
    program: str
    port_names: tuple[str, ...]
    prepare: Callable[[Path, Mapping[str, int]], Launch]
    is_ready: Callable[[Path, Running], bool]
    url: Callable[[Path, Mapping[str, int]], str]
    ready_seconds: float = 30.0
    stop_seconds: float = 30.0
    stop_signal: signal.Signals = signal.SIGTERM
    insist_signal: signal.Signals = signal.SIGKILL
    offsets: tuple[int, ...] = (0,)


def start(server: Server, home: Path) -> Running:
    """The running server of this home, started if need be. Raises `ServerFailed`."""
    with locked(home, server.name):
        known = load_state(home, server.name)
        process = find_process(known)
        log = prepare_log(home, server.name)
        if known is not None and process is not None:
            if _wait_ready(server, home, known, process):
                return known
            if not is_gone(process):
                raise ServerFailed(server.name, log)  # alive, but dumb: two on one set of data would be worse
        ports = dict(known.ports) if known else {}
        for pause in _PAUSES:
            running = _launch(server, home, ports, log)
            if running is not None:
                return running
            time.sleep(pause)
        raise ServerFailed(server.name, log)


def find(server_name: str, home: Path) -> Running | None:
    """The server if its process lives; starts nothing and waits for nothing."""
    known = load_state(home, server_name)
    return known if find_process(known) else None


def stop(server: Server, home: Path) -> bool:
    """Stop the server cleanly; True if it ran."""
    with locked(home, server.name):
        known = load_state(home, server.name)
        process = find_process(known)
        if known is None or process is None:
            return False
        end_process(process, server.stop_signal, server.insist_signal, server.stop_seconds)
        clear_pid(home, known)
        return True


def _launch(server: Server, home: Path, wished: Mapping[str, int], log: Path) -> Running | None:
    """One try. The state is written before the server is ready, so that a crash of ours leaves no orphan."""
    ports = choose_ports(server.port_names, wished, server.offsets)
    pid = spawn_detached(server.prepare(home, ports), log)
    try:
        process = psutil.Process(pid)
        created = process.create_time()
    except psutil.NoSuchProcess:
        return None
    running = Running(server.name, server.program, pid, created, ports, server.url(home, ports))
    save_state(home, running)
    if _wait_ready(server, home, running, process):
        return running
    end_process(process, server.insist_signal, signal.SIGKILL, 5.0)
    return None


def _wait_ready(server: Server, home: Path, running: Running, process: psutil.Process) -> bool:
    wait_until(lambda: server.is_ready(home, running) or is_gone(process), server.ready_seconds)
    return not is_gone(process) and server.is_ready(home, running)
