"""What a reading may cost, and how the child process that does it is confined. Owns no reading."""

import ctypes
import os
import resource
import signal
import sys
from dataclasses import dataclass

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """The most that reading one file may take; sizes in bytes, times in seconds."""

    #: Address space of the child, of which libraries reserve a part without using it.
    memory: int = 1 << 30
    cpu_seconds: int = 900
    #: Time that the parent waits for the child; what the parent spends on uploading doesn't count.
    wall_seconds: float = 1800.0
    file_bytes: int = 8 << 30
    #: Of any one file that the child writes.
    part_bytes: int = 2 << 30
    #: Of everything inside a workbook, inflated.
    inflated_bytes: int = 4 << 30
    columns: int = 16_384
    sheet_rows: int = 1_048_576
    #: Cells of the rectangle that a sheet's values span, blank ones included, that may be held in memory.
    cells_in_memory: int = 8_000_000


def confine(limits: ReadLimits, parent: int) -> None:
    """Bind this process to its limits and to its parent's life; called once, in the child, before it opens the file."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # The parent died before the line above took effect.
        os._exit(1)
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.part_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))
