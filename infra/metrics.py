"""Every metric: its name, its meaning, and how a reading becomes Prometheus's text. Reads nothing itself."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from schemas.measures import Measures

#: Imports in the history, by status. `needs_mapping` and `needs_approval` wait for a person.
IMPORTS = "personas_imports"
#: Imports by what told of the file. A rising `sweep` means that the path of the events is broken.
SUBMITTED = "personas_imports_submitted"
#: Files that no event told of and the sweep of the bucket found.
SWEPT = "personas_objects_swept"
#: Rows a second that each stage's parts did, over the last five minutes; 0 for a stage that did none.
RATE = "personas_stage_rows_per_second"
#: Parts that are still to be done, of imports that go on by themselves.
OPEN = "personas_checkpoints_open"
#: Seconds that the oldest of these waits with nobody at work on it, though it is its turn. Above a minute: no workers.
OLDEST = "personas_checkpoint_oldest_unheld_seconds"
#: Attempts that were lost with their worker, by stage.
CRASHES = "personas_attempts_lost"
#: Rejected rows, by code.
REJECTS = "personas_rows_rejected"
#: Seconds that the last reading of the database took.
READING = "personas_metrics_reading_seconds"

#: Events that came in at this process's door, by provider and what became of them; from its start.
EVENTS = Counter("personas_events", "Bucket events by provider and result", ["provider", "result"], registry=None)

_FRESH_SECONDS = 5.0


class MeasuredSystem(Collector):
    """Metrics of the whole system, out of a reading that is at most five seconds old."""

    def __init__(self, read: Callable[[], Measures], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._lock = threading.Lock()
        self._kept: tuple[float, list[Metric]] | None = None

    def collect(self) -> list[Metric]:
        """The metrics; one caller reads while the others wait for what it finds."""
        with self._lock:
            now = self._clock()
            if self._kept is None or now - self._kept[0] > _FRESH_SECONDS:
                measures = self._read()
                took = self._clock() - now
                reading = GaugeMetricFamily(READING, "Duration of the last reading of the database", value=took)
                self._kept = self._clock(), [*_translate(measures), reading]
            return self._kept[1]


def make_registry(read: Callable[[], Measures]) -> CollectorRegistry:
    """A registry of the system's metrics and this process's events; `read` is called when somebody asks."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(MeasuredSystem(read))
    registry.register(EVENTS)
    return registry


def render(registry: CollectorRegistry) -> bytes:
    """Prometheus's text format."""
    return generate_latest(registry)


def _translate(measures: Measures) -> Iterator[Metric]:
    yield _gauge(IMPORTS, "Imports by status", "status", measures.imports)
    yield _counter(SUBMITTED, "Imports by what told of the file", "trigger", measures.triggers)
    yield CounterMetricFamily(SWEPT, "Files that no event told of", value=measures.triggers.get("sweep", 0))
    yield _gauge(RATE, "Rows a second by stage, last five minutes", "stage", measures.rates)
    yield _gauge(OPEN, "Parts still to be done", "stage", measures.open_parts)
    yield GaugeMetricFamily(OLDEST, "Age of the oldest part that nobody works on", value=measures.oldest_unheld)
    yield _counter(CRASHES, "Attempts lost with their worker", "stage", measures.lost)
    yield _counter(REJECTS, "Rejected rows by code", "code", measures.rejects)


def _gauge(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family


def _counter(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family
