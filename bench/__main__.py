"""Asks the questions of bench/questions one after another, prints each answer and keeps it for the docs.

python -m bench                                 what fits into a quarter of an hour
python -m bench limit --rows 20000 --population 20000 --runs 1
python -m bench all                             everything: hours, and 60 GB of disk
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bench.questions import limit
from bench.questions.sizes import Sizes
from bench.results import RESULTS, Answer, keep, screen, show
from bench.system import Bench, open_bench

Question = tuple[Callable[[Bench, Sizes], Answer], Sizes]

_MILLION = 1_000_000
QUESTIONS: dict[str, Question] = {
    "limit": (limit.measure, Sizes(_MILLION, _MILLION)),
}
_USUAL = ("limit",)


def main(arguments: Sequence[str] | None = None) -> None:
    asked = read_arguments(arguments)
    wanted = list(QUESTIONS) if "all" in asked.questions else asked.questions or list(_USUAL)
    with open_bench(asked.seed) as bench:
        for name in wanted:
            measure, sizes = QUESTIONS[name]
            given = {key: getattr(asked, key) for key in ("rows", "population", "runs")}
            sizes = replace(sizes, **{key: value for key, value in given.items() if value is not None})
            answer = measure(bench, sizes)
            keep(asked.results, name, answer)
            show(answer, f"{name}: {sizes.tell()}")
            show_run(answer, sizes.rows)


def show_run(answer: Answer, rows: int) -> None:
    """Where the time and the memory of the run in the middle went."""
    if "run" not in answer.facts:
        return
    stages = answer.facts["run"]["stages"]
    told = ", ".join(f"{stage} {rows / seconds:,.0f}" for stage, seconds in stages.items() if seconds)
    screen.print(f"rows a second of work by stage: {told}")
    memory = ", ".join(f"{kind} {size:,.0f}" for kind, size in answer.facts["memory"].items())
    screen.print(f"peak MiB: {memory}")
    if steps := answer.facts.get("limit_steps"):
        screen.print("seconds of the limit: " + ", ".join(f"{name} {took:.2f}" for name, took in steps.items()))


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "questions", nargs="*", choices=[*QUESTIONS, "all"], metavar="QUESTION", help=", ".join(QUESTIONS)
    )
    parser.add_argument("--rows", type=int, help="of the file, in place of the question's own")
    parser.add_argument("--population", type=int, help="personas that are there before")
    parser.add_argument("--runs", type=int, help="of which the middle one counts")
    parser.add_argument("--seed", type=int, default=1, help="other files of the same kind")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where answers are kept")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
