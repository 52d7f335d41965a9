"""Who waits for whom on one machine: a server process may give way to others. Owns no process."""

import os
from contextlib import suppress
from pathlib import Path

#: A tenth of what others get, where they want all of the processor; all of it where they do not.
_NICE = 10


def give_way(pid: int, program: str) -> None:
    """Let a process of this machine that runs `program` go on when others don't need the processor; never raises.

    Where the kernel puts each session of processes into a group (`man 7 sched`, "The autogroup feature"), a server
    process is the only one of its group, and the group has to give way with it.
    """
    process = Path(f"/proc/{pid}")
    with suppress(OSError):
        if (process / "comm").read_text(encoding="utf-8").strip() == program:
            os.setpriority(os.PRIO_PROCESS, pid, _NICE)
            (process / "autogroup").write_text(str(_NICE), encoding="ascii")
