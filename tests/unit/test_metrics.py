"""Metrics: their names in one place, in use on the dashboard, and not read more often than needed."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import infra.metrics
from infra.metrics import MeasuredSystem, make_registry, render
from schemas.measures import Measures

ROOT = Path(__file__).parents[2]
READING = Measures(
    imports={"completed": 3, "failed": 1},
    triggers={"event": 3, "sweep": 1},
    rates={"map": 1234.5},
    open_parts={"map": 2},
    oldest_unheld=1.5,
    lost={"apply": 2},
    rejects={"no_phone_or_email": 7},
)


def values(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")}


def test_a_reading_as_prometheus_reads_it() -> None:
    told = values(render(make_registry(lambda: READING)).decode())
    assert told['personas_imports{status="completed"}'] == 3
    assert told['personas_imports_submitted_total{trigger="sweep"}'] == 1
    assert told["personas_objects_swept_total"] == 1
    assert told['personas_stage_rows_per_second{stage="map"}'] == 1234.5
    assert told['personas_checkpoints_open{stage="map"}'] == 2
    assert told["personas_checkpoint_oldest_unheld_seconds"] == 1.5
    assert told['personas_attempts_lost_total{stage="apply"}'] == 2
    assert told['personas_rows_rejected_total{code="no_phone_or_email"}'] == 7


def test_the_database_is_read_at_most_every_few_seconds() -> None:
    now, readings = [0.0], []

    def read() -> Measures:
        readings.append(now[0])
        return READING

    system = MeasuredSystem(read, lambda: now[0])
    for moment in (0.0, 1.0, 5.0, 5.1, 6.0, 20.0):
        now[0] = moment
        assert system.collect()
    assert readings == [0.0, 5.1, 20.0]


def test_every_name_has_a_comment_and_a_place_on_the_dashboard() -> None:
    source = Path(infra.metrics.__file__).read_text()
    named: dict[str, str] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found = re.findall(r'"(personas_\w+)"', ast.get_source_segment(source, node) or "")
            assert not found or source.splitlines()[node.lineno - 2].startswith("#: "), found
            named |= dict.fromkeys(found, node.targets[0].id)
    board: dict[str, Any] = json.loads((ROOT / "infra/grafana/dashboard.json").read_text())
    asked = " ".join(target["expr"] for panel in board["panels"] for target in panel["targets"])
    shown = {name.removesuffix("_total") for name in re.findall(r"personas_\w+", asked)}
    assert shown == set(named)
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
