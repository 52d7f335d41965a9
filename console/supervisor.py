"""The whole system in the foreground: starts its processes, starts again what dies, stops all of it. Knows no tasks."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from infra.embedded.process import is_gone, prepare_log, wait_until
from infra.embedded.state import RUN_FOLDER
from infra.secretfiles import make_private_folder
from schemas.errors import WrongCommand

_LOCK = "up.lock"
_POLL_SECONDS = 0.1
_LONGEST_PAUSE = 30.0
#: A process that lived this long was healthy; its next death is its first again.
_HEALTHY_SECONDS = 60.0
#: A process that was killed did nothing wrong; a start alone takes longer than this.
_PAUSE_AFTER_KILL = 0.1
#: For a worker to finish the batch that it is in.
PATIENCE_SECONDS = 120.0
#: For the kernel to clear away what was killed.
_KILLED_SECONDS = 10.0


@dataclass(slots=True)
class Child:
    """One process of ours and its fate so far. `command` is the subcommand of `personas` that it runs."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = field(default_factory=time.monotonic)
    #: Processes of a dead one that finish what they are at.
    orphans: list[psutil.Process] = field(default_factory=list)

    def start(self, home: Path) -> None:
        """Start it, its output in the home's log; in a session of its own: Ctrl-C reaches only the supervisor."""
        argv = (sys.executable, "-m", "console.cli", *self.command, "--parent", str(os.getpid()))
        with prepare_log(home, self.name).open("ab") as output:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        self.started = time.monotonic()

    def note_death(self) -> bool:
        """Whether it has died since the last look; if so, when to start it again is decided here."""
        if self.process is None or self.process.poll() is None:
            return False
        now = time.monotonic()
        if self.process.returncode == -signal.SIGKILL:
            self.due = now + _PAUSE_AFTER_KILL
        else:
            self.deaths = 1 if now - self.started > _HEALTHY_SECONDS else self.deaths + 1
            self.due = now + min(0.25 * 2**self.deaths, _LONGEST_PAUSE)
        self.orphans = [each for each in self.orphans if not is_gone(each)] + _followers(self.process)
        self.process = None
        return True


class Family:
    """Child processes that live and end together."""

    def __init__(self, children: Sequence[Child], home: Path, say: Callable[[str], None]) -> None:
        self._children, self._home, self._say = children, home, say

    def tend(self) -> None:
        """Start whatever is due; to be called again and again."""
        for child in self._children:
            if child.note_death():
                self._say(f"{child.name} has ended and is started again; its log says why: {self._home}/logs")
            if child.process is None and child.due <= time.monotonic():
                child.start(self._home)

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """Ask all to stop and wait for what they are doing, unless `hurry`, asked all the time, says yes."""
        living = [child.process for child in self._children if child.process is not None]
        for process in living:
            process.send_signal(signal.SIGTERM)
        left = [each for child in self._children for each in child.orphans]
        left += [each for process in living for each in _followers(process)]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _all_gone(living, left) and time.monotonic() < deadline and not hurry():
            time.sleep(0.02)
        left += [each for process in living for each in _followers(process)]
        for process in living:
            process.kill()
        for each in left:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        # The last of them, too: it counts as a user of the embedded services, which then stay.
        wait_until(lambda: _all_gone(living, left), _KILLED_SECONDS)


def _all_gone(living: Sequence[subprocess.Popen[bytes]], left: Sequence[psutil.Process]) -> bool:
    return all(process.poll() is not None for process in living) and all(is_gone(each) for each in left)


def _followers(leader: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The processes of the session that a process of ours leads, or led, without itself."""
    return [each for each in psutil.process_iter() if each.pid != leader.pid and _session(each.pid) == leader.pid]


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


@contextmanager
def sole_supervisor(home: Path) -> Iterator[None]:
    """Be the one supervisor of this home. Raises `WrongCommand` if there is one."""
    descriptor = _open_lock(home)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    for _try in range(5):
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)  # somebody may just be asking, see `is_supervised`
    raise WrongCommand("`personas up` runs already in this home; `personas status` shows it.")


def is_supervised(home: Path) -> bool:
    """Whether a supervisor runs in this home."""
    if not (home / RUN_FOLDER / _LOCK).exists():
        return False
    descriptor = _open_lock(home)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _open_lock(home: Path) -> int:
    folder = make_private_folder(home / RUN_FOLDER)
    return os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)


class StopSignal:
    """Ctrl-C, TERM and a closed terminal, as questions instead of exceptions."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._times = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def wait(self) -> bool:
        """Wait a moment; whether we were asked to stop."""
        return self._asked.wait(_POLL_SECONDS)

    def is_urgent(self) -> bool:
        """Whether we were asked twice."""
        return self._times > 1

    def _note(self, _number: int, _frame: object) -> None:
        self._times += 1
        self._asked.set()
