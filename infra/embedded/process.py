"""Processes that outlive their starter: spawn, wait, end, free ports, log files. Knows no particular server."""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from infra.embedded.unprivileged import Account

# Below what systems hand out to clients by themselves; SeaweedFS takes each port + 10,000 as well.
_PORTS = range(20_000, 22_700)
_PORT_PATIENCE = 1.0  # seconds
_LOG_LIMIT = 10_000_000  # bytes

# The shell goes at once, so the server belongs to nobody: no zombie here, no Ctrl-C from our terminal.
_DETACH = '"$@" 1>&2 & echo $!'


@dataclass(frozen=True, slots=True)
class Launch:
    """A command to start. `account` (root only): who shall run it, unless the command changes that itself."""

    argv: tuple[str, ...]
    folder: Path
    account: Account | None = None


def spawn_detached(launch: Launch, log: Path) -> int:
    """Start the command in the background, its output appended to `log`; returns its pid."""
    with log.open("ab") as output:
        started = subprocess.run(
            ("/bin/sh", "-c", _DETACH, "sh", *launch.argv),
            cwd=launch.folder,
            env=bare_environment(launch.folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            start_new_session=True,
            check=True,
            **run_as(launch.account),
        )
    return int(started.stdout)


def run_as(account: Account | None) -> Mapping[str, Any]:
    """Arguments for `subprocess` that run a command as `account`; none for ourselves."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


def bare_environment(folder: Path) -> dict[str, str]:
    """What a server needs of the environment: nothing of ours, above all no secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC", "HOME": str(folder), "TMPDIR": str(folder)}


def wait_until(test: Callable[[], bool], seconds: float) -> bool:
    """Ask every few milliseconds until `test` says yes; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not test():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def end_process(process: psutil.Process, polite: signal.Signals, rude: signal.Signals, seconds: float) -> None:
    """Ask with one signal, and after so many seconds insist with another."""
    for each, patience in ((polite, seconds), (rude, 5.0), (signal.SIGKILL, 5.0)):
        try:
            process.send_signal(each)
        except psutil.NoSuchProcess:
            return
        if wait_until(lambda: is_gone(process), patience):
            return


def is_gone(process: psutil.Process) -> bool:
    """Whether the process has ended, be it that nobody has collected it yet."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def choose_ports(names: Iterable[str], wished: Mapping[str, int], offsets: tuple[int, ...]) -> dict[str, int]:
    """A free loopback port per name: the wished one if it is free, so that addresses survive a restart.

    A killed server keeps its ports for a moment after it is gone, so a wished one is waited for.
    """
    chosen: dict[str, int] = {}
    for name in names:
        wish = wished.get(name)
        if wish is not None and wait_until(partial(_are_free, wish, offsets), _PORT_PATIENCE):
            chosen[name] = wish
        else:
            untaken = (port for port in random.sample(_PORTS, 500) if port not in chosen.values())
            chosen[name] = next(port for port in untaken if _are_free(port, offsets))
    return chosen


def prepare_log(home: Path, name: str) -> Path:
    """The server's log file; a large one is put aside first, replacing the one put aside before."""
    log = home / "logs" / f"{name}.log"
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    return log


def _are_free(port: int, offsets: tuple[int, ...]) -> bool:
    return all(_is_free(port + offset) for offset in offsets)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
