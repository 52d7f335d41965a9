"""Do accounts stand in each other's way? Two import at once, and a third one comes with a small file meanwhile."""

import time
from pathlib import Path

from bench.questions.sizes import Sizes, tell_count
from bench.results import Answer, at_most, at_most_times, middle
from bench.system import Bench, Running

_TARGET, _SECONDS_OF_THE_SMALL_ONE = 2.2, 3.0
_ACCOUNTS = ("first", "second", "third")
_SMALL_ROWS = 1_000
#: The small file comes when the large ones are so far, as a share of what one takes alone.
_MOMENT = 0.5


def measure(bench: Bench, sizes: Sizes) -> Answer:
    large = bench.file(sizes.rows, sizes.population)
    small = bench.file(min(_SMALL_ROWS, sizes.rows), sizes.population, seed=1)
    alone, together = [], []
    for _ in range(sizes.runs):
        with bench.running(sizes.population, _ACCOUNTS) as running:
            alone.append(running.run(large, "first").seconds)
        with bench.running(sizes.population, _ACCOUNTS) as running:
            together.append(run_together(running, large, small, alone[-1] * _MOMENT))
    both = middle(max(seconds["first"], seconds["second"]) for seconds in together)
    third = middle(seconds["third"] for seconds in together)
    work = f"two accounts with {tell_count(sizes.rows)} rows each, at once"
    findings = [
        at_most_times(f"{work}: the slower one", both, middle(alone), "alone", _TARGET),
        at_most(
            f"{tell_count(_SMALL_ROWS)} rows of a third account beside them", third, "s", _SECONDS_OF_THE_SMALL_ONE
        ),
    ]
    return Answer(findings, {"alone": alone, "together": together})


def run_together(running: Running, large: Path, small: Path, moment: float) -> dict[str, float]:
    """Seconds of each account's import, from its own PUT on."""
    began = time.perf_counter()
    begins = {"first": (0.0, large), "second": (0.0, large), "third": (moment, small)}
    started: dict[str, float] = {}
    waiting: dict[str, int] = {}
    seconds: dict[str, float] = {}
    while len(seconds) < len(begins):
        for account, (after, path) in begins.items():
            if account not in started and time.perf_counter() - began >= after:
                started[account] = time.perf_counter()
                waiting[account] = running.start(path, account)
            if account in waiting and running.is_over(waiting[account]):
                seconds[account] = time.perf_counter() - started[account]
                del waiting[account]
        time.sleep(0.02)
    return seconds
