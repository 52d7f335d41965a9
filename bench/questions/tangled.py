"""What does a file cost in which every phone and every e-mail stands in two rows, beside an ordinary one?"""

from bench.questions.runs import find_memory, middle_seconds, tell_runs
from bench.questions.sizes import Sizes
from bench.results import Answer, at_most_times
from bench.system import Bench, Run

_TARGET = 2.0


def measure(bench: Bench, sizes: Sizes) -> Answer:
    runs: dict[float, list[Run]] = {0.0: [], 1.0: []}
    for _ in range(sizes.runs):
        for share, done in runs.items():
            with bench.running(sizes.population) as running:
                done.append(running.run(bench.file(sizes.rows, sizes.population, tangled=share)))
    tangled, plain = middle_seconds(runs[1.0]), middle_seconds(runs[0.0])
    work = f"{sizes.tell()}, all tangled"
    findings = [at_most_times(work, tangled, plain, "untangled", _TARGET), find_memory(work, runs[1.0])]
    return Answer(findings, tell_runs(sizes, runs[1.0]))
