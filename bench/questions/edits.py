"""How long do edits of single personas take beside a large import of the same account?"""

import threading
import time
from itertools import cycle

import numpy as np
from sqlalchemy import text

from bench.questions.sizes import Sizes
from bench.results import Answer, Finding, at_most
from bench.system import Bench, Running
from pipeline.personas.accounts import find_account
from pipeline.personas.changes import Manner
from pipeline.personas.editing import edit_persona
from schemas.errors import Transient

_MILLISECONDS = 20.0
_PAUSE = 0.01  # seconds between two edits
_ALONE = 500
_PEOPLE = text("SELECT phone FROM personas WHERE phone IS NOT NULL AND account_id = :id ORDER BY random() LIMIT 5000")


def measure(bench: Bench, sizes: Sizes) -> Answer:
    path = bench.file(sizes.rows, sizes.population)
    with bench.running(sizes.population) as running:
        editor = Editor(running)
        alone = [editor.edit() for _ in range(_ALONE)]
        import_id = running.start(path)
        thread = threading.Thread(target=running.wait, args=(import_id,))
        thread.start()
        beside = []
        while thread.is_alive():
            beside.append(editor.edit())
            time.sleep(_PAUSE)
        seconds = running.describe(import_id)["rows_per_second"]
    work = f"edits of single personas beside {sizes.tell()}"
    findings = [
        at_most(f"{work}: p99 of {len(beside):,}", percentile(beside, 99), "ms", _MILLISECONDS),
        Finding(f"{work}: p50", percentile(beside, 50), "ms", percentile(alone, 50), "without an import"),
        Finding(f"{work}: the slowest", max(beside), "ms", max(alone), "without an import"),
    ]
    return Answer(findings, {"p99_alone": percentile(alone, 99), "gave_up": editor.gave_up, "rows_per_second": seconds})


def percentile(milliseconds: list[float], share: float) -> float:
    return float(np.percentile(milliseconds, share))


class Editor:
    """Edits one persona after another as `personas persona edit` does, and times it."""

    def __init__(self, running: Running) -> None:
        self._tools, self.gave_up = running.system.tools, 0
        with self._tools.engine.connect() as conn:
            self._account = find_account(conn, "default")
            found = conn.execute(_PEOPLE, {"id": self._account.id}).scalars().all()
        self._people, self._flats = cycle(found), cycle(range(1, 1_000))

    def edit(self) -> float:
        """Milliseconds of one edit."""
        manner, began = Manner("bench", None, False), time.perf_counter()
        try:
            values = {"address2": f"Apt {next(self._flats)}"}
            edit_persona(self._tools, self._account, next(self._people), values, manner)
        except Transient:
            self.gave_up += 1
        return (time.perf_counter() - began) * 1000
