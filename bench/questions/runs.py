"""The run of an import that most questions start from: repeated on fresh copies, and told for the results."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.questions.sizes import Sizes
from bench.results import Finding, at_most, middle
from bench.system import Bench, Run

#: MiB of a worker process, and of the child that reads a workbook.
MOST_MEMORY = 300.0
MOST_MEMORY_OF_A_WORKBOOK = 1024.0


def repeat(bench: Bench, path: Path, sizes: Sizes) -> list[Run]:
    """The same import again and again, each time onto a fresh copy of the database."""
    runs = []
    for _ in range(sizes.runs):
        with bench.running(sizes.population) as running:
            runs.append(running.run(path))
    return runs


def middle_seconds(runs: Sequence[Run]) -> float:
    return middle(run.seconds for run in runs)


def largest_worker(runs: Sequence[Run]) -> float:
    """Peak MiB of the worker's processes, whichever took most."""
    return max(run.memory.get("worker: child", 0.0) for run in runs)


def find_memory(work: str, runs: Sequence[Run]) -> Finding:
    return at_most(f"{work}: largest worker process", largest_worker(runs), "MiB", MOST_MEMORY)


def tell_runs(sizes: Sizes, runs: Sequence[Run]) -> dict[str, Any]:
    """The run in the middle in full, the seconds of all, and the largest peak of each process."""
    ordered = sorted(runs, key=lambda run: run.seconds)
    kinds = sorted({kind for run in runs for kind in run.memory})
    return {
        "sizes": asdict(sizes),
        "seconds": [round(run.seconds, 3) for run in runs],
        "run": asdict(ordered[len(ordered) // 2]),
        "memory": {kind: round(max(run.memory.get(kind, 0.0) for run in runs)) for kind in kinds},
    }
