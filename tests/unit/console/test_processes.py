"""What runs in a home is known by pid and start, and forgotten when it is gone."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from console.processes import list_processes, noted
from console.state import describe_state, without_password
from console.supervisor import Child, Family, is_supervised, sole_supervisor
from console.up import choose_port, web_url
from infra.embedded.process import is_gone
from infra.embedded.state import Running, save_state
from infra.settings import Settings
from schemas.errors import WrongCommand


def test_a_process_is_noted_while_it_lives(tmp_path: Path) -> None:
    with noted(tmp_path, "worker-1"), noted(tmp_path, "beat"), noted(tmp_path, "flower", "http://127.0.0.1:1"):
        state = describe_state(Settings(home=tmp_path))
        me = psutil.Process().pid
        assert state == {
            "services": {"flower": {"url": "http://127.0.0.1:1", "pid": me}},
            "workers": [{"name": "worker-1", "pid": me}],
            "beat": [{"name": "beat", "pid": me}],
        }
    assert describe_state(Settings(home=tmp_path)) == {"services": {}, "workers": []}


def test_a_pid_that_somebody_else_has_now_is_nobody(tmp_path: Path) -> None:
    me = psutil.Process()
    save_state(tmp_path, Running("worker-1", me.name(), me.pid, me.create_time() - 60, {}, ""))
    assert list_processes(tmp_path, "worker") == []


def test_services_from_outside_show_no_secret(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        database_url="postgresql://me:secret@db/personas?password=secret",
        broker_url="redis://:secret@broker/0",
        s3_endpoint_url="http://store",
    )
    services = describe_state(settings)["services"]
    assert "secret" not in str(services["postgres"]) + str(services["broker"])
    assert services["postgres"] == {"url": "postgresql://me@db/personas", "pid": None}
    assert services["object_store"]["access_key"] is services["object_store"]["secret_key"] is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://:pw@h:1/0", "redis://h:1/0"),
        ("postgresql://u:p%40w@h/d", "postgresql://u@h/d"),
        ("postgresql://h/d?password=x", "postgresql://h/d"),
        ("http://h:1", "http://h:1"),
    ],
)
def test_passwords_are_cut_out(url: str, expected: str) -> None:
    assert without_password(url) == expected


def test_one_supervisor_per_home(tmp_path: Path) -> None:
    assert not is_supervised(tmp_path)
    with sole_supervisor(tmp_path):
        assert is_supervised(tmp_path)
        with pytest.raises(WrongCommand, match="runs already"), sole_supervisor(tmp_path):
            pass
    assert not is_supervised(tmp_path)


def test_what_dies_again_and_again_is_started_less_and_less_often(tmp_path: Path) -> None:
    child = Child("worker-1", ("no-such-command",))
    pauses = []
    for _ in range(3):
        child.start(tmp_path)
        assert child.process is not None
        child.process.wait(30)
        assert child.note_death()
        pauses.append(child.due - time.monotonic())
    assert pauses[0] < pauses[1] < pauses[2] < 3
    assert not child.note_death()


def test_a_family_is_started_and_stopped(tmp_path: Path) -> None:
    child = Child("sleeper", ("status",))
    said: list[str] = []
    family = Family([child], tmp_path, said.append)
    family.tend()
    assert child.process is not None
    child.process.wait(30)
    family.tend()
    assert len(said) == 1
    assert "sleeper" in said[0]
    child.process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    family.stop()
    assert child.process.poll() is not None


def test_whoever_a_process_leaves_behind_goes_with_the_family(tmp_path: Path) -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    leader = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {stubborn!r}]); time.sleep(60)"
    children, left = [Child(name, ("status",)) for name in ("dead", "living")], []
    for child in children:
        child.process = subprocess.Popen([sys.executable, "-c", leader], start_new_session=True, stdout=subprocess.PIPE)
        assert child.process.stdout is not None
        child.process.stdout.readline()
        child.process.stdout.close()
        left += psutil.Process(child.process.pid).children()
    family = Family(children, tmp_path, print)
    assert children[0].process is not None
    children[0].process.kill()
    children[0].process.wait()
    assert children[0].note_death()
    # Whoever was killed comes back at once, however often.
    assert (children[0].deaths, children[0].due - time.monotonic() < 0.2) == (0, True)
    family.stop(lambda: True)
    assert len(left) == 2
    assert all(is_gone(each) for each in left)


def test_a_port_that_is_taken_is_replaced_unless_somebody_insists() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert choose_port("127.0.0.1", port) not in (0, port)
        with pytest.raises(WrongCommand, match=str(port)):
            choose_port("127.0.0.1", port, port)


def test_addresses_can_be_opened_on_this_machine() -> None:
    assert web_url("0.0.0.0", 80) == "http://127.0.0.1:80"
    assert web_url("::", 80) == "http://[::1]:80"
    assert web_url("10.0.0.1", 80) == "http://10.0.0.1:80"
