"""How long does a tenth of the population take?"""

from bench.questions.runs import find_memory, middle_seconds, repeat, tell_runs
from bench.questions.sizes import Sizes
from bench.results import Answer, at_most
from bench.system import Bench

_SECONDS = 4.5


def measure(bench: Bench, sizes: Sizes) -> Answer:
    runs = repeat(bench, bench.file(sizes.rows, sizes.population), sizes)
    findings = [at_most(sizes.tell(), middle_seconds(runs), "s", _SECONDS), find_memory(sizes.tell(), runs)]
    return Answer(findings, tell_runs(sizes, runs))
