"""What is known about each embedded server of a home: one file and one lock for each. Starts and stops nothing."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from infra.secretfiles import make_private_folder, write_private_file

if TYPE_CHECKING:
    import psutil

RUN_FOLDER = "run"

# Seconds. The kernel keeps start times in hundredths, and the wall clock may be set right by a little in between.
_SAME_START = 2.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server as it was started; `created` is the process's start in seconds since the epoch."""

    name: str
    program: str
    pid: int
    created: float
    ports: dict[str, int]
    url: str = field(repr=False)


def load_state(home: Path, name: str) -> Running | None:
    """The last known state, alive or not; an unreadable file counts as none."""
    try:
        return Running(**json.loads(_state_path(home, name).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def save_state(home: Path, running: Running) -> None:
    """Remember `running`; the file is private, since the address may hold a password."""
    make_private_folder(home / RUN_FOLDER)
    write_private_file(_state_path(home, running.name), json.dumps(asdict(running), indent=1))


def clear_pid(home: Path, running: Running) -> None:
    """Note that the server is stopped. The ports stay known, so that the next start keeps its address."""
    save_state(home, replace(running, pid=0, created=0.0))


def find_process(running: Running | None) -> "psutil.Process | None":
    """The live process behind a state: same pid, same start, same program. A zombie is not alive."""
    import psutil  # late: whoever only wants to know where a server is does not need it

    if running is None or running.pid == 0:
        return None
    try:
        process = psutil.Process(running.pid)
        same = abs(process.create_time() - running.created) < _SAME_START and process.name() == running.program
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


@contextmanager
def locked(home: Path, name: str) -> Iterator[None]:
    """Hold the server's lock: among all processes and threads, one at a time starts or stops it."""
    folder = make_private_folder(home / RUN_FOLDER)
    descriptor = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _state_path(home: Path, name: str) -> Path:
    return home / RUN_FOLDER / f"{name}.json"
