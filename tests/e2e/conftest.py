"""A home in which nothing runs, and one in which everything does, for each module."""

import signal
from collections.abc import Iterator

import psutil
import pytest

from tests.e2e.shell import Shell, running


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A home in which nothing runs."""
    return Shell(tmp_path_factory.mktemp("idle") / "home")


@pytest.fixture(scope="module")
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A home in which everything runs, until the signal that the module names as STOP."""
    stop: signal.Signals = request.module.STOP
    with running(Shell(tmp_path_factory.mktemp("up") / "home"), stop) as shell:
        yield shell
    assert shell.status() == {"services": {}, "workers": []}
    assert not [each for each in psutil.process_iter(["cmdline"]) if str(shell.home) in str(each.info["cmdline"])]
