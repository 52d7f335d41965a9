"""Where output goes: what was asked for to standard output, what is said to a person to standard error."""

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

# Wide enough that nothing is cut where nobody looks at a screen.
_PIPE_WIDTH = 200


def screen() -> "Console":
    """Standard output, for tables."""
    from rich.console import Console  # late, here and below: what prints JSON has no use for it

    return Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False, emoji=False)


def margin() -> "Console":
    """Standard error, for progress and messages."""
    from rich.console import Console

    return Console(stderr=True, width=None if sys.stderr.isatty() else _PIPE_WIDTH, highlight=False, emoji=False)


def say(message: str) -> None:
    """One message to the person, on standard error."""
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def put_line(line: str) -> None:
    """One line of what was asked for, on standard output."""
    sys.stdout.write(f"{line}\n")


def put_json(value: Any) -> None:
    """One JSON value on a line of its own, on standard output."""
    put_line(json.dumps(value, ensure_ascii=False))
