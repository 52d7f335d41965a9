"""The benchmarks work, at a size that says nothing: an import beside the limit, the drawing, the tables of the docs."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import QUESTIONS, USUAL, main
from bench.drawing import fill_page, tell_results, tell_scale
from bench.lanes import Arrival, Day, Machine
from bench.results import Answer, Finding, at_least_times, at_most, keep, load_results
from bench.scale import describe

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One small import and the limit beside it; and a curve, which would take a system for each of its points."""
    path = tmp_path_factory.mktemp("bench") / "results.json"
    point = {"speed": 9.0, "seconds": 1.0, "stages": {"parse": 0.5}, "largest_worker": 99}
    keep(path, "growth", Answer([], {"curves": {"files": {"300": point}, "populations": {"0": point, "200": point}}}))
    main(["limit", "--rows", "300", "--population", "200", "--runs", "1", "--results", str(path)])
    return path


def test_an_answer_has_ours_beside_theirs(results: Path) -> None:
    findings = load_results(results)["limit"]["findings"]
    assert [finding["target"] for finding in findings] == ["at most 0.009 s", "at least 1.5 times", "at most 300 MiB"]
    assert findings[1]["ratio"] == pytest.approx(findings[1]["ours"] / findings[1]["theirs"])


def test_a_run_tells_what_it_took(results: Path) -> None:
    run = load_results(results)["limit"]["facts"]["run"]
    assert run["rows"] == 300
    assert set(run["stages"]) == {"parse", "map", "dedupe", "apply", "audience", "texts"}
    assert all(run["processor"][kind] > 0 for kind in ("worker: child", "postgres: child"))
    assert min(run["wal_bytes"], run["kept_bytes"], run["file_bytes"]) > 0


def test_the_curves_are_drawn_and_the_pages_filled(results: Path) -> None:
    assert {path.name for path in results.parent.glob("*.png")} == {"by-file.png", "by-population.png"}
    found = load_results(results)
    page = fill_page("before\n<!-- table -->\nold\n<!-- end -->\nafter", tell_results(found))
    assert "at least 1.5 times" in page
    assert "old" not in page
    assert (page[:6], page[-5:]) == ("before", "after")
    assert set(tell_scale(found)) == {"plan", "larger", "limits"}


def test_a_short_run_keeps_the_far_ends_of_a_curve(tmp_path: Path) -> None:
    for points in ({"1000": 1, "10000000": 2}, {"1000": 3}):
        keep(tmp_path / "r.json", "growth", Answer([], {"curves": {"files": points}}))
    assert load_results(tmp_path / "r.json")["growth"]["facts"]["curves"]["files"] == {"1000": 3, "10000000": 2}


def test_what_is_asked_by_itself_exists() -> None:
    assert set(USUAL) <= set(QUESTIONS)


def test_a_target_is_met_or_missed() -> None:
    assert at_most("work", 3.0, "s", 3.0).met
    assert not at_least_times("work", 1.0, 1.0, "the limit", 1.5).met
    assert json.dumps(asdict(Finding("work", 1.0, "s")))


# --- the day in small


def run_day(*arrivals: tuple[float, int, int]) -> list[float]:
    """Seconds waited, in the order of the ends, on a machine that does 100 rows a second, and 50 for one import."""
    return [round(each.waited, 3) for each in Day(Machine(100, 50, 1)).run([Arrival(*each) for each in arrivals])]


def test_imports_of_two_accounts_have_room_beside_each_other() -> None:
    assert run_day((0, 1, 450), (0, 2, 450)) == [0, 0]


def test_imports_of_one_account_go_one_after_another() -> None:
    assert run_day((0, 1, 450), (2, 1, 50)) == [0, 8]


def test_four_accounts_share_what_two_would_fill() -> None:
    assert run_day(*[(0, account, 450) for account in range(4)]) == [10, 10, 10, 10]


def test_scale_follows_the_costs_of_a_row() -> None:
    run: dict[str, Any] = {
        "rows": 1_000_000,
        "seconds": 50.0,
        "processor": {"worker: child": 20.0, "postgres: child": 60.0},
        "wal_bytes": 2e9,
        "kept_bytes": 1e9,
        "file_bytes": 2e8,
        "parts": {"apply": 101, "texts": 1},
    }
    told = describe({"limit": {"facts": {"run": run}}}, rows=20_000_000)
    assert ["processor of a row: workers, database", "20.0 µs, 60.0 µs"] in told["plan"][1]
    assert ["write-ahead log", "40.0 GB a day"] in told["plan"][1]
    factors = [float(line[-1].replace(",", "")) for line in told["limits"][1]]
    assert factors == sorted(factors)
