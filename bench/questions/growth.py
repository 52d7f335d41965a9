"""How do rows a second change with the personas that are there, and with the rows of the file?"""

from dataclasses import replace
from typing import Any

from bench.questions.runs import find_memory, largest_worker, middle_seconds, repeat
from bench.questions.sizes import Sizes, tell_count
from bench.results import Answer, Finding, at_least_times
from bench.system import Bench

_TARGET = 0.8
_MILLION = 1_000_000
#: Above this a run takes so long that one has to do.
_REPEATED = 2 * _MILLION


def measure(bench: Bench, sizes: Sizes) -> Answer:
    """`sizes.files` are imported onto the population, `sizes.rows` onto each of `sizes.populations`."""
    files = {rows: measure_point(bench, replace(sizes, rows=rows)) for rows in sizes.files}
    populations = {many: measure_point(bench, replace(sizes, population=many)) for many in sizes.populations}
    findings: list[Finding] = [finding for point in files.values() for finding in point["findings"]]
    if len(files) > 1:
        *_, before, last = sorted(files)
        speeds = files[last]["speed"], files[before]["speed"]
        findings.append(at_least_times(f"{tell_count(last)} rows", *speeds, f"{tell_count(before)} rows", _TARGET))
    if len(populations) > 1:
        last, first = max(populations), min(populations)
        speeds = populations[last]["speed"], populations[first]["speed"]
        work = f"{tell_count(sizes.rows)} rows onto {tell_count(last)} personas"
        beside = f"onto {tell_count(first)}"
        findings.append(Finding(work, speeds[0], "rows/s", speeds[1], beside, speeds[0] / speeds[1]))
    curves = {"files": files, "populations": populations}
    return Answer(findings, {"curves": {name: _without_findings(points) for name, points in curves.items()}})


def measure_point(bench: Bench, sizes: Sizes) -> dict[str, Any]:
    """One point of a curve; the file is removed, since the largest take gigabytes."""
    runs = sizes.runs if max(sizes.rows, sizes.population) <= _REPEATED else 1
    path = bench.file(sizes.rows, sizes.population)
    done = repeat(bench, path, replace(sizes, runs=runs))
    path.unlink()
    seconds, middle_run = middle_seconds(done), sorted(done, key=lambda run: run.seconds)[len(done) // 2]
    findings = [find_memory(f"{tell_count(sizes.rows)} rows", done)] if sizes.rows >= _MILLION else []
    if sizes.rows >= _MILLION:
        spilt = Finding(f"{tell_count(sizes.rows)} rows: temporary files", middle_run.temp_bytes / 2**20, "MiB")
        findings.append(spilt)
    return {
        "speed": sizes.rows / seconds,
        "seconds": seconds,
        "runs": runs,
        "stages": middle_run.stages,
        "parts": middle_run.parts,
        "largest_worker": round(largest_worker(done)),
        "wal_bytes": middle_run.wal_bytes,
        "temp_bytes": middle_run.temp_bytes,
        "findings": findings,
    }


def _without_findings(points: dict[int, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(x): {name: value for name, value in point.items() if name != "findings"} for x, point in points.items()}
