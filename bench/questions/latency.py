"""How long does a small file take on a warm system, from its PUT to the end?"""

from bench.questions.runs import middle_seconds, tell_runs
from bench.questions.sizes import Sizes
from bench.results import Answer, Finding, at_most
from bench.system import Bench

_SECONDS = 0.5


def measure(bench: Bench, sizes: Sizes) -> Answer:
    files = [bench.file(sizes.rows, sizes.population, seed=number) for number in range(sizes.runs)]
    with bench.running(sizes.population) as running:
        runs = [running.run(path) for path in files]
    work = f"{sizes.tell()}, warm"
    worst = Finding(f"{work}: the slowest of {sizes.runs}", max(run.seconds for run in runs), "s")
    return Answer([at_most(work, middle_seconds(runs), "s", _SECONDS), worst], tell_runs(sizes, runs))
