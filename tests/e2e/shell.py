"""`personas` in a home of its own, in real processes or within this one. Owns no expectations."""

import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import structlog

from console import cli

ROOT = Path(__file__).parents[2]
_COMMAND = [sys.executable, "-m", "console.cli"]
_PARTS = {"postgres", "broker", "object_store", "flower", "console"}


class Shell:
    """Runs `personas` in one home: within this process, which costs a tenth, or `apart`, in a process of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PERSONAS_")},
            "PERSONAS_HOME": str(home),
            "PERSONAS_FLOWER_PORT": "0",
            "PERSONAS_CONSOLE_PORT": "0",
        }

    def run(self, *arguments: object, apart: bool = False) -> subprocess.CompletedProcess[str]:
        words = [str(each) for each in arguments]
        if not apart:
            return self._run_here(words)
        return subprocess.run(
            [*_COMMAND, *words],
            check=False, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    def ask(self, *arguments: object, code: int = 0, apart: bool = False) -> Any:
        """The JSON that a command prints, which must be all that it prints."""
        done = self.run(*arguments, apart=apart)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout)

    def refuse(self, *arguments: object, code: int = 2, apart: bool = False) -> str:
        """The sentence with which a command is refused."""
        done = self.run(*arguments, apart=apart)
        assert done.returncode == code, done.stderr
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        return done.stderr

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        with (self.home.parent / f"{arguments[0]}.log").open("w") as log:
            return subprocess.Popen(
                [*_COMMAND, *map(str, arguments)], cwd=ROOT, env=self.environment, stdout=log, stderr=log, text=True
            )

    def status(self) -> dict[str, Any]:
        state: dict[str, Any] = self.ask("status", "--json")
        return state

    def is_up(self) -> bool:
        """Whether every part is there, and those that serve pages can be reached."""
        state = self.status()
        if set(state["services"]) != _PARTS or not state["workers"]:
            return False
        return all(_answers(state["services"][name]["url"]) for name in ("flower", "console"))

    def _run_here(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        with (
            _kept_logging(),
            mock.patch.dict(os.environ, self.environment, clear=True),
            mock.patch.object(sys, "argv", ["personas", *words]),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                cli.main()
                code: Any = 0
            except SystemExit as ended:
                code = ended.code or 0
        texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
        return subprocess.CompletedProcess(words, int(code), *texts)


@contextmanager
def running(shell: Shell, stop: signal.Signals) -> Iterator[Shell]:
    """`personas up` until the block ends; then the signal, and nothing may be left of it."""
    up = shell.start("up", "--workers", 1)
    try:
        wait_for(shell.is_up)
        yield shell
    finally:
        up.send_signal(stop)
        assert up.wait(60) == 0


def wait_for(test: Callable[[], object], seconds: float = 60, pause: float = 0.2) -> None:
    deadline = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < deadline
        time.sleep(pause)


def _answers(url: str) -> bool:
    place = urlsplit(url)
    try:
        socket.create_connection((str(place.hostname), int(place.port or 0)), 1).close()
    except OSError:
        return False
    return True


@contextmanager
def _kept_logging() -> Iterator[None]:
    """What a command sets for its whole process is as before afterwards."""
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, threading.excepthook
    try:
        yield
    finally:
        root.handlers[:], root.level, threading.excepthook = handlers, level, hook
        logging.captureWarnings(False)
        structlog.reset_defaults()
