"""Crashing workers and their beat as real processes, started again whenever they die. Owns no services."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
#: Seconds to wait for an import that is disturbed, on a machine that is busy.
PATIENCE = 200.0


class Fleet:
    """`workers` processes with the same arguments, and a beat."""

    def __init__(
        self, home: Path, workers: int, arguments: tuple[str, ...], environment: Mapping[str, str] | None = None
    ) -> None:
        self.orders = home / "orders"
        self._home, self._arguments = home, arguments
        self._environment = {**os.environ, "PERSONAS_HOME": str(home), **(environment or {})}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._started: list[subprocess.Popen[bytes]] = []
        self._names = [f"worker-{number}" for number in range(1, workers + 1)] + ["beat"]
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def pid(self, number: int = 1) -> int:
        """The main process of a worker, once there is one."""
        while (process := self._processes.get(f"worker-{number}")) is None or process.poll() is not None:
            time.sleep(0.01)
        return process.pid

    def children(self, number: int = 1) -> list[psutil.Process]:
        """The living processes of a worker's pool."""
        try:
            return [child for child in psutil.Process(self.pid(number)).children() if not _is_dead(child)]
        except psutil.NoSuchProcess:
            return []

    def thaw(self) -> int:
        """Let frozen processes go on; how many there were."""
        frozen = [
            process
            for number in range(1, len(self._names))
            for process in self.children(number)
            if process.status() == psutil.STATUS_STOPPED
        ]
        for process in frozen:
            process.send_signal(signal.SIGCONT)
        return len(frozen)

    def stop(self) -> None:
        self._ending.set()
        self._keeper.join()
        for process in self._started:
            # Each leads a group of its own, in which children may live on without it.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _keep(self) -> None:
        while not self._ending.wait(0.02):
            for name in self._names:
                process = self._processes.get(name)
                if process is None or process.poll() is not None:
                    self._processes[name] = self._start(name)
                    self._started.append(self._processes[name])

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        role = name.partition("-")[0]
        module = ("-m", "tests.faults.crashing_worker", role, "--name", name)
        known = ("--parent", str(os.getpid()), "--orders", str(self.orders))
        with (self._home / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *module, *known, *self._arguments],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _is_dead(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@contextmanager
def sailing(
    home: Path, workers: int = 2, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[Fleet]:
    """A fleet for the time of the block; none of its processes outlives it."""
    fleet = Fleet(home, workers, arguments, environment)
    try:
        yield fleet
    finally:
        fleet.stop()
