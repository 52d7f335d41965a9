"""Asks the questions of bench/questions one after another, prints each answer and keeps it for the docs.

python -m bench                                 what fits into a quarter of an hour
python -m bench limit --rows 20000 --population 20000 --runs 1
python -m bench all                             everything: about two hours, and 30 GB of disk
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bench.drawing import draw
from bench.questions import edits, growth, latency, limit, neighbours, part, peers, reading, sheets, tangled
from bench.questions.sizes import Sizes
from bench.results import RESULTS, Answer, keep, screen, show
from bench.system import Bench, open_bench

_MILLION = 1_000_000
_THOUSANDS = (1_000, 10_000, 100_000, _MILLION)
QUESTIONS: dict[str, tuple[Callable[[Bench, Sizes], Answer], Sizes]] = {
    "limit": (limit.measure, Sizes(_MILLION, _MILLION)),
    "part": (part.measure, Sizes(100_000, _MILLION)),
    "latency": (latency.measure, Sizes(1_000, _MILLION, runs=9)),
    "peers": (peers.measure, Sizes(100_000, 100_000)),
    "sheets": (sheets.measure, Sizes(400_000, 400_000)),
    "tangled": (tangled.measure, Sizes(_MILLION, _MILLION)),
    "edits": (edits.measure, Sizes(_MILLION, _MILLION)),
    "neighbours": (neighbours.measure, Sizes(_MILLION, _MILLION)),
    "reading": (reading.measure, Sizes(_MILLION, 0, runs=5)),
    "growth": (
        growth.measure,
        Sizes(
            100_000,
            _MILLION,
            files=(*_THOUSANDS, 10 * _MILLION),
            populations=(0, _MILLION, 5 * _MILLION, 10 * _MILLION),
        ),
    ),
}
#: Without a question: these, with smaller sizes where the whole would take too long.
USUAL = {
    "limit": QUESTIONS["limit"][1],
    "part": QUESTIONS["part"][1],
    "latency": QUESTIONS["latency"][1],
    "peers": Sizes(100_000, 100_000, runs=1),
    "growth": Sizes(100_000, _MILLION, runs=1, files=_THOUSANDS[:3], populations=(0, 100_000, _MILLION)),
}


def main(arguments: Sequence[str] | None = None) -> None:
    asked = read_arguments(arguments)
    if not asked.questions:
        wanted = dict(USUAL)
    else:
        names = list(QUESTIONS) if "all" in asked.questions else asked.questions
        wanted = {name: QUESTIONS[name][1] for name in names}
    given = {name: getattr(asked, name) for name in Sizes.__slots__ if getattr(asked, name) is not None}
    with open_bench(asked.seed) as bench:
        for name, sizes in wanted.items():
            ask(bench, name, replace(sizes, **given), asked.results)
    draw(asked.results)


def ask(bench: Bench, name: str, sizes: Sizes, results: Path) -> None:
    """Measure, print and keep one answer."""
    answer = QUESTIONS[name][0](bench, sizes)
    keep(results, name, answer)
    show(answer, name)
    if run := answer.facts.get("run"):
        _tell("rows/s by stage", {stage: run["rows"] / took for stage, took in run["stages"].items() if took})
        _tell("peak MiB", answer.facts["memory"])
        _tell("processor seconds", run["processor"])
    if steps := answer.facts.get("limit_steps"):
        _tell("seconds of the limit", steps)


def _tell(what: str, numbers: dict[str, float]) -> None:
    told = (f"{name} {number:,.0f}" if number >= 10 else f"{name} {number:.2f}" for name, number in numbers.items())
    screen.print(f"{what}: {', '.join(told)}")


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "questions", nargs="*", choices=[*QUESTIONS, "all"], metavar="QUESTION", help=f"{', '.join(QUESTIONS)} or all"
    )
    parser.add_argument("--rows", type=int, help="of the file, in place of the question's own")
    parser.add_argument("--population", type=int, help="personas that are there before")
    parser.add_argument("--runs", type=int, help="of which the middle one counts")
    for name, what in (("files", "rows of each file"), ("populations", "personas of each point")):
        parser.add_argument(f"--{name}", type=_sizes, metavar="N,N,...", help=f"for growth: {what}")
    parser.add_argument("--seed", type=int, default=1, help="other files of the same kind")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where answers are kept")
    return parser.parse_args(arguments)


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(","))


if __name__ == "__main__":
    main()
