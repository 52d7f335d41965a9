"""Waiting for imports: somebody must be at work on them, and whoever waits sees how far they are. Decides nothing."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from psycopg import OperationalError as BrokenOff
from sqlalchemy.exc import OperationalError

from console.printing import margin, say
from console.processes import BEAT, WORKER
from console.session import is_attended
from console.supervisor import Child, Family
from pipeline.asking import driver_connection
from pipeline.history import Glance, list_stages, look_at_import

if TYPE_CHECKING:
    from psycopg import Connection
    from rich.progress import Progress

    from workers.bootstrap import System

_POLL_SECONDS = 0.05
_STAGES_EVERY = 4  # polls
_ATTENDANCE_SECONDS = 1.0
#: For the database to come back, as it does when its supervisor starts it again.
_OUTAGE_SECONDS = 60.0

Report = Callable[[Glance], None]
_Answer = TypeVar("_Answer")


class Attendance:
    """Sees to it that workers run: those of a supervisor, or else some of our own."""

    def __init__(self, system: "System") -> None:
        self._settings = system.settings
        self._family: Family | None = None
        self._looked = float("-inf")

    def look(self) -> None:
        """To be called again and again while something is waited for."""
        if self._family is not None:
            self._family.tend()
        elif time.monotonic() - self._looked > _ATTENDANCE_SECONDS:
            self._looked = time.monotonic()
            if not is_attended(self._settings):
                self._family = self._begin()
                self._family.tend()

    def end(self) -> None:
        """Stop our own workers; those of others stay."""
        if self._family is not None:
            self._family.stop()

    def _begin(self) -> Family:
        mark = f"cli-{os.getpid()}"
        count = min(self._settings.workers, os.cpu_count() or 1)
        names = [f"{WORKER}-{mark}-{number}" for number in range(1, count + 1)]
        children = [Child(name, (WORKER, "--name", name)) for name in names]
        beat = f"{BEAT}-{mark}"
        return Family([*children, Child(beat, (BEAT, "--name", beat))], self._settings.home, say)


@contextmanager
def attended(system: "System") -> Iterator[Attendance]:
    """Have workers at work until the block ends."""
    attendance = Attendance(system)
    try:
        attendance.look()
        yield attendance
    finally:
        attendance.end()


def wait_for_import(system: "System", import_id: int, attendance: Attendance) -> Glance:
    """Wait until the import is over or waits for a person; on a terminal, with a progress line per stage."""
    if not sys.stderr.isatty():
        return _wait(system, import_id, attendance, lambda _glance: None)
    with _progress() as progress:
        lines = StageLines(progress)
        return _wait(system, import_id, attendance, lambda _glance: lines.show(_ask(system, list_stages, import_id)))


def _wait(system: "System", import_id: int, attendance: Attendance, report: Report) -> Glance:
    polls, seen = 0, time.monotonic()
    while True:
        attendance.look()
        try:
            glance = _ask(system, look_at_import, import_id)
            if glance.is_over or polls % _STAGES_EVERY == 0:
                report(glance)
            seen = time.monotonic()
        except (OperationalError, BrokenOff):
            if time.monotonic() - seen > _OUTAGE_SECONDS:
                raise
        else:
            if glance.is_over:
                return glance
        polls += 1
        time.sleep(_POLL_SECONDS)


def _ask(system: "System", question: Callable[["Connection[Any]", int], _Answer], import_id: int) -> _Answer:
    with system.engine.connect() as conn:
        try:
            return question(driver_connection(conn), import_id)
        except BrokenOff:
            conn.invalidate()  # asked past the pool, which would put it back
            raise


class StageLines:
    """One line per stage that has begun."""

    def __init__(self, progress: "Progress") -> None:
        self._progress = progress
        self._lines: dict[str, Any] = {}

    def show(self, stages: list[dict[str, Any]]) -> None:
        """Bring the lines up to date with the `stages` of the history."""
        for stage in stages:
            name = stage["stage"]
            if name not in self._lines:
                self._lines[name] = self._progress.add_task(name, rows="")
            rows = f"{stage['rows']:,} rows" if stage["rows"] else ""
            self._progress.update(self._lines[name], total=stage["parts"], completed=stage["parts_done"], rows=rows)


def _progress() -> "Progress":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description:<9}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[rows]}"),
        console=margin(),
    )
