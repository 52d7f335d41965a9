"""The product as the benchmarks run it: embedded services, one worker of two processes and beat, watched for memory."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from infra.migrations import upgrade
from infra.services import ensure_services, stop_services
from infra.settings import Settings
from pipeline.history import describe_import
from pipeline.submission import options_key, submit
from schemas.options import ImportOptions
from schemas.states import Trigger
from workers.bootstrap import System, open_system

ROOT = Path(__file__).parents[1]
_DONE = {"completed", "failed", "needs_mapping", "needs_approval"}


@dataclass(slots=True)
class Memory:
    """Peak resident memory in MiB, by kind of process, sampled ten times a second."""

    peaks: dict[str, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def watch(self, roots: dict[str, int]) -> None:
        """Sample until `stop`; `roots` are the pids by kind, their children count on their own."""
        while not self._stop.wait(0.1):
            for kind, pid in roots.items():
                with suppress(psutil.Error):
                    self._sample(kind, psutil.Process(pid))

    def _sample(self, kind: str, root: psutil.Process) -> None:
        self._note(kind, root)
        for child in root.children(recursive=True):
            with suppress(psutil.Error):
                reads = "-c" in child.cmdline()
                self._note(f"{kind}: reader of the file" if reads else f"{kind}: child", child)

    def _note(self, kind: str, process: psutil.Process) -> None:
        size = process.memory_info().rss / 2**20
        self.peaks[kind] = max(self.peaks.get(kind, 0), size)

    def stop(self) -> None:
        self._stop.set()


@dataclass(frozen=True, slots=True)
class Bench:
    """A running system and where its worker is."""

    system: System
    worker: int

    def run(self, path: Path, account: str = "default") -> tuple[dict[str, Any], dict[str, float]]:
        """Import a file from PUT to the end; the import as history tells it, and peak memory by process."""
        key = f"uploads/{account}/{time.time_ns()}{path.suffix}"
        options = ImportOptions(accept_terms=True, again=True, map={"Veteran": "attribute:Veteran"})
        memory = Memory()
        thread = threading.Thread(target=memory.watch, args=({"worker": self.worker},))
        thread.start()
        self.system.store.put_bytes(options_key(key), options.model_dump_json().encode())
        self.system.store.put_file(key, path)
        submission = submit(self.system.tools, key, Trigger.CLI)
        assert submission is not None
        self.system.ring(submission.doorbells)
        told = self._wait(submission.import_id)
        memory.stop()
        thread.join()
        return told, memory.peaks

    def _wait(self, import_id: int) -> dict[str, Any]:
        while True:
            with self.system.engine.connect() as conn:
                told = describe_import(conn, import_id)
            if told["status"] in _DONE:
                return told
            time.sleep(0.02)


@contextmanager
def open_bench(home: Path | None = None) -> Iterator[Bench]:
    """Everything started in a folder of its own, and stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="personas-bench-", ignore_cleanup_errors=True) as temporary:
        settings = Settings(home=home or Path(temporary))
        services = ensure_services(settings)
        upgrade(services.database_url)
        system = open_system(settings, services, "bench")
        environment = {**os.environ, "PERSONAS_HOME": str(settings.home)}
        children = [
            subprocess.Popen([sys.executable, "-m", "console.cli", *command], cwd=ROOT, env=environment)
            for command in (["worker", "--concurrency", "2"], ["beat"])
        ]
        try:
            time.sleep(4)
            yield Bench(system, children[0].pid)
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait(60)
            system.close()
            stop_services(settings)
