"""How fast is an import beside the physical limit, on the same file and machine, in turn?"""

from bench.limit import run_limit
from bench.questions.runs import find_memory, middle_seconds, tell_runs
from bench.questions.sizes import Sizes
from bench.results import Answer, at_least_times, at_most, middle
from bench.system import Bench, Run

_TARGET = 1.5
_SECONDS_A_MILLION = 30.0


def measure(bench: Bench, sizes: Sizes) -> Answer:
    path = bench.file(sizes.rows, sizes.population)
    runs: list[Run] = []
    limits: list[dict[str, float]] = []
    for _ in range(sizes.runs):
        with bench.running(sizes.population) as running:
            runs.append(running.run(path))
        limits.append(run_limit(bench, path, sizes.population))
    seconds, limit = middle_seconds(runs), middle(sum(laps.values()) for laps in limits)
    work = sizes.tell()
    findings = [
        at_most(work, seconds, "s", _SECONDS_A_MILLION * sizes.rows / 1_000_000),
        at_least_times(work, sizes.rows / seconds, sizes.rows / limit, "COPY and SQL alone", _TARGET),
        find_memory(work, runs),
    ]
    steps = {name: middle(laps[name] for laps in limits) for name in limits[0]}
    return Answer(findings, tell_runs(sizes, runs) | {"limit_steps": steps})
