"""How fast is an import beside the physical limit, on the same file and machine, in turn?"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench.limit import run_limit
from bench.questions.sizes import Sizes
from bench.results import Answer, at_least_times, at_most, middle
from bench.system import Bench, Run

_TARGET = 1.5
_SECONDS_A_MILLION = 30.0
#: MiB of a worker process, for a file that is no workbook.
MOST_MEMORY = 300.0


def measure(bench: Bench, sizes: Sizes) -> Answer:
    path = bench.file(sizes.rows, sizes.population)
    runs: list[Run] = []
    limits: list[dict[str, float]] = []
    for _ in range(sizes.runs):
        with bench.running(sizes.population) as running:
            runs.append(running.run(path))
        limits.append(run_limit(bench, path, sizes.population))
    seconds, limit = middle(run.seconds for run in runs), middle(sum(laps.values()) for laps in limits)
    work = sizes.tell()
    findings = [
        at_most(work, seconds, "s", _SECONDS_A_MILLION * sizes.rows / 1_000_000),
        at_least_times(work, sizes.rows / seconds, sizes.rows / limit, "COPY and SQL alone", _TARGET),
        *find_memory(work, runs),
    ]
    steps = {name: middle(laps[name] for laps in limits) for name in limits[0]}
    return Answer(findings, tell_runs(sizes, runs) | {"limit_steps": steps})


def find_memory(work: str, runs: Sequence[Run]) -> list[Any]:
    """The largest worker process, against its target."""
    peaks = [run.memory.get("worker: child", 0.0) for run in runs]
    return [at_most(f"{work}: largest worker process", max(peaks), "MiB", MOST_MEMORY)]


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
