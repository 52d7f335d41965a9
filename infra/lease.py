"""Who uses the embedded services of a home: every user holds a lease, and the last one to leave turns off the light."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.embedded.state import RUN_FOLDER
from infra.secretfiles import make_private_folder

# Open file descriptors by home. The kernel lets go of a lease when its process ends, however it ends.
_held: dict[Path, int] = {}


def take_lease(home: Path) -> None:
    """Note that this process uses the services; waits while somebody is stopping them. Twice counts once."""
    if home not in _held:
        descriptor = _open(home)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        _held[home] = descriptor


def drop_lease(home: Path) -> None:
    """This process no longer uses the services."""
    descriptor = _held.pop(home, None)
    if descriptor is not None:
        # Closed, not unlocked: a forked child that still has the descriptor keeps its share.
        os.close(descriptor)


@contextmanager
def sole_user(home: Path) -> Iterator[bool]:
    """True if nobody holds a lease; then nobody can take one until the block ends."""
    descriptor = _open(home)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def _open(home: Path) -> int:
    folder = make_private_folder(home / RUN_FOLDER)
    return os.open(folder / "in-use.lock", os.O_RDWR | os.O_CREAT, 0o600)
