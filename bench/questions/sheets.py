"""What does a workbook cost beside the .csv of the same rows?"""

from bench.questions.runs import MOST_MEMORY_OF_A_WORKBOOK, middle_seconds, tell_runs
from bench.questions.sizes import Sizes
from bench.results import Answer, at_most, at_most_times
from bench.system import Bench, Run

_TARGET = 1.5


def measure(bench: Bench, sizes: Sizes) -> Answer:
    runs: dict[str, list[Run]] = {"csv": [], "xlsx": []}
    for _ in range(sizes.runs):
        for style, done in runs.items():
            with bench.running(sizes.population) as running:
                done.append(running.run(bench.file(sizes.rows, sizes.population, style)))
    book, plain = middle_seconds(runs["xlsx"]), middle_seconds(runs["csv"])
    reader = max(run.memory.get("worker: reader of the file", 0.0) for run in runs["xlsx"])
    work = f"{sizes.tell()} as .xlsx"
    findings = [
        at_most_times(work, book, plain, "the same as .csv", _TARGET),
        at_most(f"{work}: reader of the file", reader, "MiB", MOST_MEMORY_OF_A_WORKBOOK),
    ]
    return Answer(findings, tell_runs(sizes, runs["xlsx"]))
