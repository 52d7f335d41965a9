"""The processes of ours that run in a home: each notes itself while it lives. Starts and stops nothing."""

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from infra.embedded.state import RUN_FOLDER, Running, clear_pid, find_process, load_state, save_state

WORKER, BEAT, CONSUMER, FLOWER, CONSOLE = "worker", "beat", "consumer", "flower", "console"
_PR_SET_PDEATHSIG = 1


@contextmanager
def noted(home: Path, name: str, url: str = "") -> Iterator[None]:
    """Note this process under `name`, which begins with its kind, until the block ends."""
    process = psutil.Process()
    running = Running(name, process.name(), process.pid, process.create_time(), {}, url)
    save_state(home, running)
    try:
        yield
    finally:
        # A child that was forked meanwhile ends here too, but it is not the one that is noted.
        if os.getpid() == running.pid and load_state(home, name) == running:
            clear_pid(home, running)


def list_processes(home: Path, kind: str) -> list[Running]:
    """The live processes of a kind, by name."""
    names = sorted(path.stem for path in (home / RUN_FOLDER).glob(f"{kind}*.json"))
    known = (load_state(home, name) for name in names)
    return [running for running in known if running is not None and find_process(running)]


def follow_parent(parent: int | None) -> None:
    """Be asked to stop when the process `parent`, which started this one, is gone; nothing happens outside Linux."""
    if parent is None:
        return
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    except (OSError, AttributeError):
        return
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
