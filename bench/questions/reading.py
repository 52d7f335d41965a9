"""How soon do history, show and rejects print something, when there is much to read?"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import text

from bench.people import emails
from bench.questions.sizes import Sizes, tell_count
from bench.results import Answer, Finding, at_most, middle
from bench.system import ROOT, Bench, Running

_SECONDS = 0.3
_IMPORTS = 10_000
#: More good rows than bad ones, or a person would be asked first.
_GOOD_PER_BAD = 1.1
# Each as many copies of one import, its checkpoints and its attempts; what must be unique is numbered.
_COPIES = {
    "imports": "json_build_object('id', 1000000 + n, 'turn', 1000000 + n, 'key', 'copies/' || n || '.csv')",
    "checkpoints": "json_build_object('id', 1000000 + n * 1000 + row.id % 1000, 'import_id', 1000000 + n)",
    "attempts": "json_build_object('id', 1000000 + n * 1000 + row.id % 1000, 'import_id', 1000000 + n,"
    " 'checkpoint_id', 1000000 + n * 1000 + row.checkpoint_id % 1000)",
}


def measure(bench: Bench, sizes: Sizes) -> Answer:
    count = _IMPORTS if sizes.rows >= 100_000 else sizes.rows // 10
    rejected = sizes.rows // 10
    with bench.running(0) as running:
        large = running.run(bench.file(sizes.rows, 0)).import_id
        bad = running.run(write_bad_rows(bench.folder / "bad.csv", rejected)).import_id
        small = running.run(bench.file(10, 0)).import_id
        multiply(running, small, count)
        questions = {
            f"history of {tell_count(count)} imports": ["history"],
            f"show of an import of {tell_count(sizes.rows)} rows": ["show", str(large)],
            f"rejects of {tell_count(rejected)} rows": ["rejects", str(bad), "--json"],
        }
        home = bench.settings.home
        found = {work: [time_first_output(home, words) for _ in range(sizes.runs)] for work, words in questions.items()}
        start = middle(time_first_output(home, ["--help"]) for _ in range(sizes.runs))
    findings = [at_most(f"{work}: first output", middle(seconds), "s", _SECONDS) for work, seconds in found.items()]
    return Answer([*findings, Finding("beside them, `--help`: first output", start, "s")])


def write_bad_rows(path: Path, rejected: int) -> Path:
    """So many rows that have neither phone nor e-mail, among others that are right."""
    good = emails(np.arange(int(rejected * _GOOD_PER_BAD))).to_pylist()
    lines = [*(f"Ann,n/a,{number}," for number in range(rejected)), *(f"Ann,{email},1," for email in good)]
    path.write_text("First Name,Email,Points,Veteran\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def multiply(running: Running, import_id: int, count: int) -> None:
    """Make a long history out of one import."""
    with running.system.engine.begin() as conn:
        for table, numbered in _COPIES.items():
            mine = "row.id" if table == "imports" else "row.import_id"
            conn.execute(
                text(
                    f"INSERT INTO {table} OVERRIDING SYSTEM VALUE"
                    f" SELECT (jsonb_populate_record(row, {numbered}::jsonb)).*"
                    f" FROM {table} row, generate_series(1, :count) n WHERE {mine} = :import_id"
                ),
                {"count": count, "import_id": import_id},
            )
        conn.execute(text("ANALYZE"))


def time_first_output(home: Path, words: Sequence[str]) -> float:
    """Seconds from the start of a command to its first byte."""
    environment, began = {**os.environ, "PERSONAS_HOME": str(home)}, time.perf_counter()
    command = [sys.executable, "-m", "console.cli", *words]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.read(1)
        seconds = time.perf_counter() - began
        process.stdout.read()
    assert first, f"{words[0]} printed nothing"
    return seconds
