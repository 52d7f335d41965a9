"""The product as the benchmarks run it: embedded services, one worker of two processes, and beat. Owns no question."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.cluster import Cluster
from bench.generate import Shape, write_file, write_population
from bench.population import add_account, load_population
from bench.usage import Usage
from infra.migrations import upgrade
from infra.services import Services, ensure_services, stop_services
from infra.settings import Settings
from pipeline.asking import driver_connection
from pipeline.history import describe_import, look_at_import
from pipeline.submission import options_key, submit
from schemas.options import ImportOptions
from schemas.states import Trigger
from schemas.tables import metadata
from workers.bootstrap import System, open_system

ROOT = Path(__file__).parents[1]
_WRITTEN = text("""
SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS wal_bytes, temp_bytes,
       pg_database_size(datid) AS database_bytes,
       (SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(CAST(:kept AS text[])) name) AS kept_bytes
FROM pg_stat_database WHERE datname = current_database()
""")
PRODUCT = "personas"
#: An account whose imports nobody counts.
WARM_UP = "warm-up"
_WARM_UP_ROWS = 500
_LOOK_EVERY = 0.01  # seconds
_SETTINGS = {"accept_terms": True, "again": True, "map": {"Veteran": "attribute:Veteran"}}


@dataclass(frozen=True, slots=True)
class Run:
    """One import, from before its PUT to the moment it is seen to be over."""

    rows: int
    seconds: float
    #: Stage → seconds from the start of its first part to the end of its last one, and its parts.
    stages: dict[str, float]
    parts: dict[str, int]
    #: Kind of process → peak MiB of the largest, and processor seconds of all.
    memory: dict[str, float]
    processor: dict[str, float]
    #: What went into the write-ahead log and temporary files, what the database grew by, and which of it stays.
    wal_bytes: int
    temp_bytes: int
    database_bytes: int
    kept_bytes: int
    file_bytes: int
    import_id: int

    @property
    def speed(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


@dataclass(frozen=True, slots=True)
class Running:
    """A running system on a fresh copy of a database."""

    system: System
    #: Kind of process → pid.
    processes: dict[str, int]

    def start(self, path: Path, account: str = "default") -> int:
        """Put a file and ring for it; the id of its import."""
        key = f"uploads/{account}/{time.time_ns()}{path.suffix}"
        self.system.store.put_bytes(options_key(key), ImportOptions(**_SETTINGS).model_dump_json().encode())
        self.system.store.put_file(key, path)
        submission = submit(self.system.tools, key, Trigger.CLI)
        assert submission is not None
        self.system.ring(submission.doorbells)
        return submission.import_id

    def wait(self, import_id: int) -> None:
        """Until nothing more happens to it by itself."""
        while not self.is_over(import_id):
            time.sleep(_LOOK_EVERY)

    def is_over(self, import_id: int) -> bool:
        with self.system.engine.connect() as conn:
            return look_at_import(driver_connection(conn), import_id).is_over

    def describe(self, import_id: int) -> dict[str, Any]:
        """The import as history tells it."""
        with self.system.engine.connect() as conn:
            return describe_import(driver_connection(conn), import_id)

    def run(self, path: Path, account: str = "default") -> Run:
        """Import a file and wait for it, watched; what is not completed was not measured."""
        before, usage, began = self._written(), Usage(self.processes).start(), time.perf_counter()
        import_id = self.start(path, account)
        self.wait(import_id)
        seconds = time.perf_counter() - began
        usage.stop()
        told, after = self.describe(import_id), self._written()
        assert told["status"] == "completed", told["message"]
        return Run(
            rows=told["rows"]["read"],
            seconds=seconds,
            stages={stage["stage"]: stage["seconds"] for stage in told["stages"]},
            parts={stage["stage"]: stage["parts"] for stage in told["stages"]},
            memory=usage.peaks,
            processor=usage.processor,
            **{name: after[name] - before[name] for name in before},
            file_bytes=path.stat().st_size,
            import_id=import_id,
        )

    def _written(self) -> dict[str, int]:
        """What the database has written so far, and how large it is."""
        with self.system.engine.connect() as conn:
            return {
                name: int(count)
                for name, count in conn.execute(_WRITTEN, {"kept": list(metadata.tables)}).mappings().one().items()
            }


@dataclass(frozen=True, slots=True)
class Bench:
    """Services in a folder of their own, with the files and databases that the questions share."""

    settings: Settings
    services: Services
    cluster: Cluster
    folder: Path
    seed: int

    def file(self, rows: int, population: int, style: str = "csv", seed: int = 0, **shape: Any) -> Path:
        """A generated file, written once."""
        told = "-".join(f"{name}{value}" for name, value in shape.items())
        path = self.folder / f"{rows}-{population}-{seed}{told}.{style}"
        if not path.exists():
            write_file(Shape(rows, population, seed=self.seed + seed, **shape), path)
        return path

    def population_file(self, population: int) -> Path:
        """The existing customers as .csv, written once."""
        path = self.folder / f"population-{population}.csv"
        if not path.exists():
            write_population(population, path)
        return path

    @contextmanager
    def running(self, population: int, accounts: Sequence[str] = ("default",)) -> Iterator[Running]:
        """A worker and beat on a fresh copy of a database, in which each account has that many personas."""
        name = f"seeded_{population}_{len(accounts)}"
        self.cluster.make(name, lambda: self._seed(name, population, accounts), base="migrated")
        self.cluster.copy(name, PRODUCT)
        system = open_system(self.settings, self.services, None, "bench")
        # The sweep would bring what an earlier run has put there: this database has not seen it.
        system.store.delete_prefix("uploads/")
        environment = {**os.environ, "PERSONAS_HOME": str(self.settings.home)}
        commands = {
            "worker": ["worker", "--concurrency", "2"],
            "worker of small files": ["worker", "--small-files", "--name", "worker-small-files"],
            "beat": ["beat"],
        }
        with (self.folder / "worker.log").open("wb") as log:
            children = {
                kind: subprocess.Popen(
                    [sys.executable, "-m", "console.cli", *command], cwd=ROOT, env=environment, stdout=log, stderr=log
                )
                for kind, command in commands.items()
            }
        try:
            running = Running(system, {kind: child.pid for kind, child in children.items()} | self.services.embedded)
            self._warm_up(running)
            yield running
        finally:
            for child in children.values():
                child.terminate()
            for child in children.values():
                child.wait(60)
            system.close()

    def _warm_up(self, running: Running) -> None:
        """Wait for the worker, then have both its processes import something: a service has done so before."""
        deadline = time.monotonic() + 60
        while not running.system.app.control.ping(timeout=0.5):
            assert time.monotonic() < deadline, "The worker does not answer."
        path = self.file(_WARM_UP_ROWS, 0, seed=1_000)
        for import_id in [running.start(path, WARM_UP) for _ in range(4)]:
            running.wait(import_id)

    def _seed(self, name: str, population: int, accounts: Sequence[str]) -> None:
        with self.cluster.connect(name) as conn:
            add_account(conn, WARM_UP)
            for account in accounts:
                load_population(conn, self.population_file(population), add_account(conn, account))


@contextmanager
def open_bench(seed: int = 1) -> Iterator[Bench]:
    """The services started, and stopped at the end; everything is in a folder that goes with them."""
    with tempfile.TemporaryDirectory(prefix="personas-bench-", ignore_cleanup_errors=True) as temporary:
        settings = Settings(home=Path(temporary) / "home")
        services = ensure_services(settings)
        folder = Path(temporary) / "files"
        folder.mkdir()
        try:
            upgrade(services.database_url)
            cluster = Cluster(services.database_url)
            cluster.make("migrated", lambda: None, base=PRODUCT)
            yield Bench(settings, services, cluster, folder, seed)
        finally:
            stop_services(settings)
