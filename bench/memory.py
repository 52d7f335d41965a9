"""Peak resident memory of a system's processes, as the kernel keeps it. Linux only; elsewhere nothing is found."""

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_EVERY = 0.5  # seconds; only a process that lives shorter is missed, since the peaks are the kernel's own


@dataclass(slots=True)
class Memory:
    """Peaks in MiB by kind of process, from `start` to `stop`; those of PostgreSQL hold its shared buffers too."""

    #: Kind of process → pid. What descends from it is a kind of its own, and the largest of a kind counts.
    roots: dict[str, int]
    peaks: dict[str, float] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> "Memory":
        """Forget earlier peaks and watch from now on."""
        for pid, _ in self._processes():
            with suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def stop(self) -> dict[str, float]:
        """End the watch; the peaks by kind."""
        self._over.set()
        if self._thread:
            self._thread.join()
        self._look()
        return dict(sorted(self.peaks.items()))

    def _watch(self) -> None:
        while not self._over.wait(_EVERY):
            self._look()

    def _look(self) -> None:
        for pid, kind in self._processes():
            with suppress(OSError):
                self.peaks[kind] = max(self.peaks.get(kind, 0.0), _read_peak(pid))

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
            # The name stands in brackets and may hold anything; the parent is the second word after it.
            facts = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
            parents[int(folder.name)] = int(facts.split()[1])
    return parents


def _descends(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid in parents and parents[pid] != root:
        pid = parents[pid]
    return pid in parents


def _tell_apart(pid: int) -> str:
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return "reader of the file" if b"-c" in words else "child"
    return "child"


def _read_peak(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
