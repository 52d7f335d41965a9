"""What a test orders workers to do at a step of an import: kept in files, which outlive those who died of it."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from pipeline.steps import Step
from pipeline.work import Doorbell
from schemas.states import StageName


class Action(StrEnum):
    """What happens to the process that comes to the step."""

    CRASH = "crash"  # the process that does the task is gone, as after a segmentation fault
    KILL = "kill"  # the whole worker is gone, as after the kernel ran out of memory
    FREEZE = "freeze"  # stopped until the test lets it go on
    PAUSE = "pause"
    MEMORY = "memory"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Order:
    """Do this the first `times` times that somebody comes to `step` of `stage` in `part`, or in whichever is first."""

    stage: StageName
    step: Step
    action: Action
    times: int = 1
    seconds: float = 0.0
    part: int | None = None


def give_orders(folder: Path, import_id: int, *orders: Order) -> None:
    """To be given before the import's first doorbell is rung."""
    folder.mkdir(exist_ok=True)
    draft = folder / f"{import_id}.draft"
    draft.write_text(json.dumps([asdict(order) for order in orders]), encoding="utf-8")
    draft.rename(folder / f"{import_id}.json")


def count_hits(folder: Path, import_id: int) -> list[int]:
    """How often each order of an import was carried out."""
    orders = json.loads((folder / f"{import_id}.json").read_text(encoding="utf-8"))
    paths = [_hits(folder, import_id, place) for place in range(len(orders))]
    return [len(path.read_text(encoding="ascii").split()) if path.exists() else 0 for path in paths]


def obey(folder: Path) -> Callable[[Step, Doorbell], None]:
    """The hook of a worker that carries out the orders in `folder`."""

    def hook(step: Step, bell: Doorbell) -> None:
        path = folder / f"{bell.import_id}.json"
        if not path.exists():
            return
        for place, told in enumerate(json.loads(path.read_text(encoding="utf-8"))):
            order = Order(**told)
            if (order.stage, order.step) == (bell.stage, step) and _is_left(folder, bell, place, order):
                _carry_out(order)

    return hook


def _is_left(folder: Path, bell: Doorbell, place: int, order: Order) -> bool:
    """The part's number is noted each time; the lock keeps two processes from counting the same one."""
    with _hits(folder, bell.import_id, place).open("a+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        parts = file.read().split()
        meant = str(order.part) if order.part is not None else (parts or [str(bell.part)])[0]
        if len(parts) >= order.times or meant != str(bell.part):
            return False
        file.write(f"{bell.part}\n")
        file.flush()
        return True


def _hits(folder: Path, import_id: int, place: int) -> Path:
    return folder / f"{import_id}.{place}.hits"


def _carry_out(order: Order) -> None:
    match Action(order.action):
        case Action.CRASH:
            os._exit(70)
        case Action.KILL:
            os.kill(os.getppid(), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
        case Action.FREEZE:
            os.kill(os.getpid(), signal.SIGSTOP)
        case Action.PAUSE:
            time.sleep(order.seconds)
        case Action.MEMORY:
            raise MemoryError
        case Action.BUG:
            raise ZeroDivisionError
