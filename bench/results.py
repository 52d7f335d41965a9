"""What was measured, kept in one file part by part, so that tables and curves are made again without measuring."""

import json
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "docs" / "bench" / "results.json"
screen = Console(width=130)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table: ours beside theirs, and the target that decides."""

    work: str
    ours: float
    unit: str
    theirs: float | None = None
    #: What theirs is.
    beside: str = ""
    #: What is compared with the target: ours over theirs, or ours alone.
    ratio: float | None = None
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question found: lines for the table, and everything else that the curves and the simulation need."""

    findings: Sequence[Finding]
    facts: dict[str, Any] = field(default_factory=dict)


def at_most(work: str, ours: float, unit: str, most: float, **more: Any) -> Finding:
    """A finding whose own figure must not be over `most`."""
    return Finding(work, ours, unit, target=f"at most {most:g} {unit}", met=ours <= most, **more)


def at_least_times(work: str, ours: float, theirs: float, beside: str, least: float, unit: str = "rows/s") -> Finding:
    """A finding that must be at least so many times theirs."""
    ratio = ours / theirs
    return Finding(work, ours, unit, theirs, beside, ratio, f"at least {least:g} times", ratio >= least)


def at_most_times(work: str, ours: float, theirs: float, beside: str, most: float, unit: str = "s") -> Finding:
    """A finding that must be at most so many times theirs."""
    ratio = ours / theirs
    return Finding(work, ours, unit, theirs, beside, ratio, f"at most {most:g} times", ratio <= most)


def middle(values: Iterable[float]) -> float:
    return statistics.median(values)


def load_results(path: Path) -> dict[str, Any]:
    """The file as it stands; empty if there is none."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def keep(path: Path, question: str, answer: Answer) -> None:
    """Put an answer into the file, in place of an earlier one to the same question."""
    results = load_results(path)
    for name, points in answer.facts.get("curves", {}).items():
        # A short run adds to a curve and keeps its far ends.
        earlier = results.get(question, {}).get("facts", {}).get("curves", {}).get(name, {})
        answer.facts["curves"][name] = dict(sorted({**earlier, **points}.items(), key=lambda each: int(each[0])))
    taken = datetime.now(UTC).isoformat(timespec="minutes")
    told = {"taken": taken, "findings": [asdict(each) for each in answer.findings], "facts": answer.facts}
    results = {**results, "machine": describe_machine(), question: told}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def describe_machine() -> dict[str, Any]:
    """What the figures depend on most."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def show(answer: Answer, title: str) -> None:
    """Print the findings as a table."""
    table = Table("work", "ours", "theirs", "ratio", "target", "", title=title, title_justify="left")
    for each in answer.findings:
        table.add_row(*tell(Finding(**asdict(each))))
    screen.print(table)


def tell(finding: Finding) -> list[str]:
    """A finding in words, for the screen and for the docs."""
    theirs = f"{figure(finding.theirs)} ({finding.beside})" if finding.theirs is not None else finding.beside
    ratio = f"{finding.ratio:.2f}" if finding.ratio is not None else ""
    verdict = {None: "", True: "met", False: "missed"}[finding.met]
    return [finding.work, f"{figure(finding.ours)} {finding.unit}", theirs, ratio, finding.target, verdict]


def figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
