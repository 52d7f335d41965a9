"""How much memory this machine, or this container, has."""

from pathlib import Path

import psutil

_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def total_memory() -> int:
    """Bytes: the machine's memory, or the container's limit if that is lower."""
    total = int(psutil.virtual_memory().total)
    for path in _LIMITS:
        try:
            total = min(total, int(path.read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue  # no such limit, or "max"
    return total
