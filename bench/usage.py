"""Peak memory and processor time of a system's processes, as the kernel counts them. Linux only: elsewhere none."""

import os
import threading
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_EVERY = 0.5  # seconds; only a process that lives shorter is missed, since the peaks are the kernel's own


@dataclass(slots=True)
class Usage:
    """What the processes take from `start` to `stop`, by kind of process."""

    #: Kind of process → pid. What descends from it is a kind of its own.
    roots: dict[str, int]
    #: MiB of the largest process of a kind; those of PostgreSQL hold its shared buffers too.
    peaks: dict[str, float] = field(default_factory=dict)
    _before: dict[int, float] = field(default_factory=dict)
    _latest: dict[int, tuple[str, float]] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> "Usage":
        """Forget earlier peaks and watch from now on."""
        for pid, _ in self._processes():
            with suppress(OSError):
                self._before[pid] = _read_seconds(pid)
                Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def stop(self) -> "Usage":
        """End the watch."""
        self._over.set()
        if self._thread:
            self._thread.join()
        self._look()
        return self

    @property
    def processor(self) -> dict[str, float]:
        """Seconds of a processor that all processes of a kind took together."""
        spent: dict[str, float] = defaultdict(float)
        for pid, (kind, seconds) in self._latest.items():
            spent[kind] += seconds - self._before.get(pid, 0.0)
        return dict(spent)

    def _watch(self) -> None:
        while not self._over.wait(_EVERY):
            self._look()

    def _look(self) -> None:
        for pid, kind in self._processes():
            with suppress(OSError):
                self.peaks[kind] = max(self.peaks.get(kind, 0.0), read_peak(pid))
                self._latest[pid] = kind, _read_seconds(pid)

    def _processes(self) -> list[tuple[int, str]]:
        """Every process and its kind."""
        parents, found = _list_parents(), []
        for kind, root in self.roots.items():
            found.append((root, kind))
            found += [(pid, f"{kind}: {_tell_apart(pid)}") for pid in parents if _descends(pid, root, parents)]
        return found


def _list_parents() -> dict[int, int]:
    """Each process of the machine → its parent."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(folder.name)] = int(_read_facts(int(folder.name))[1])
    return parents


def _read_facts(pid: int) -> list[str]:
    # The name of the program stands in brackets and may hold anything; what follows are plain words.
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(")")[2].split()


def _read_seconds(pid: int) -> float:
    facts = _read_facts(pid)
    return (int(facts[11]) + int(facts[12])) / os.sysconf("SC_CLK_TCK")


def _descends(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid in parents and parents[pid] != root:
        pid = parents[pid]
    return pid in parents


def _tell_apart(pid: int) -> str:
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return "reader of the file" if b"-c" in words else "child"
    return "child"


def read_peak(pid: int) -> float:
    """Peak MiB of a process so far."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
