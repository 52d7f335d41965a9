"""The product as tests use it: accounts of their own, files put into the bucket, imports waited for."""

import itertools
import json
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from infra.database import make_engine
from infra.migrations import upgrade
from infra.services import Services, ensure_services, stop_services
from infra.settings import Settings
from pipeline import runner
from pipeline.asking import driver_connection
from pipeline.history import describe_import
from pipeline.submission import options_key, submit
from pipeline.work import Doorbell, Tools
from schemas.roles import Role
from schemas.states import Trigger
from workers.bootstrap import System, open_system

_numbers = itertools.count(1)
_DONE = {"completed", "planned", "failed", "cancelled", "needs_mapping", "needs_approval"}


@dataclass(frozen=True, slots=True)
class Running:
    """A connected system, and the few moves that tests make.

    Tests look at the database as its owner, and give commands as staff; what workers do is done as a worker.
    """

    system: System
    worker: Engine

    @property
    def worker_tools(self) -> Tools:
        return replace(self.system.tools, engine=self.worker)

    def close(self) -> None:
        self.system.tools.engine.dispose()
        self.worker.dispose()
        self.system.close()

    def make_account(self, **settings: Any) -> str:
        """A new account; its terms are accepted unless said otherwise."""
        name = f"account-{next(_numbers)}-{time.time_ns()}"
        columns = {"name": name, "terms_accepted_by": "tests", **settings}
        names, values = ", ".join(columns), ", ".join(f":{column}" for column in columns)
        with self.system.engine.begin() as conn:
            conn.execute(text(f"INSERT INTO accounts ({names}) VALUES ({values})"), columns)
        return name

    def put(self, account: str, data: bytes | Path, name: str = "customers.csv", **options: Any) -> str:
        """A file and its options in the bucket; the file's key."""
        key = f"uploads/{account}/{next(_numbers)}-{name}"
        body = data if isinstance(data, bytes) else data.read_bytes()
        if options:
            self.system.store.put_bytes(options_key(key), json.dumps(options).encode())
        self.system.store.put_bytes(key, body)
        return key

    def submit(self, key: str) -> int:
        """Make the import and ring; its id."""
        submission = submit(self.system.tools, key, Trigger.EVENT)
        assert submission is not None
        self.system.ring(submission.doorbells)
        return submission.import_id

    def wait(self, import_id: int, seconds: float = 60) -> dict[str, Any]:
        """The import as history tells it, once nothing goes on by itself."""
        deadline = time.monotonic() + seconds
        while (told := self.describe(import_id))["status"] not in _DONE:
            assert time.monotonic() < deadline, f"import {import_id} is still {told['status']} in {told['stage']}"
            time.sleep(0.05)
        return told

    def describe(self, import_id: int) -> dict[str, Any]:
        with self.system.engine.connect() as conn:
            return describe_import(driver_connection(conn), import_id)

    def run(self, account: str, data: bytes | Path, name: str = "customers.csv", **options: Any) -> dict[str, Any]:
        """Import a file through the real workers."""
        return self.wait(self.submit(self.put(account, data, name, **options)))

    def run_here(self, account: str, data: bytes | Path, name: str = "customers.csv", **options: Any) -> dict[str, Any]:
        """Import a file in this process, one doorbell after another, for what needs no worker around it."""
        submission = submit(self.system.tools, self.put(account, data, name, **options), Trigger.EVENT)
        assert submission is not None
        self.ring_here(submission.doorbells)
        return self.describe(submission.import_id)

    def ring_here(self, doorbells: list[Doorbell]) -> None:
        waiting = deque(doorbells)
        while waiting:
            runner.run_part(self.worker_tools, waiting.popleft(), f"here-{next(_numbers)}", waiting.extend)

    def select(self, statement: str, **facts: Any) -> list[dict[str, Any]]:
        with self.system.engine.connect() as conn:
            return [dict(row) for row in conn.execute(text(statement), facts).mappings()]

    def export(self, account: str) -> list[dict[str, Any]]:
        """Every persona of the account, as the command prints them."""
        from pipeline.personas.export import export_personas

        return [json.loads(line) for line in export_personas(self.system.engine, account)]


def open_running(settings: Settings, services: Services) -> Running:
    system = open_system(settings, services, None, "tests")
    staff, worker = (make_engine(services.database_url, "tests", role) for role in (Role.STAFF, Role.WORKER))
    return Running(replace(system, tools=replace(system.tools, engine=staff)), worker)


@contextmanager
def home_running(home: Path) -> Iterator[Running]:
    """Services in a home folder of their own and a migrated database, without a worker."""
    settings = Settings(home=home)
    services = ensure_services(settings)
    upgrade(services.database_url)
    running = open_running(settings, services)
    try:
        yield running
    finally:
        running.close()
        stop_services(settings, started_only=False)
