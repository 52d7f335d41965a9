"""The child process: limits, crashes, order of parts, and what it inherits."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from pipeline.files import reader
from pipeline.files.limits import ReadLimits
from pipeline.files.parts import open_part
from pipeline.files.reader import read_file, read_headers
from schemas.errors import ImportRefused
from schemas.options import ImportOptions

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big.csv"
    path.write_text("First Name,Email\n" + "".join(f"n{n},a{n}@example.org\n" for n in range(400_000)))
    return path


def children() -> list[psutil.Process]:
    """Readers alone: the same run may have started workers and servers."""
    alive = [each for each in psutil.Process().children() if each.status() != psutil.STATUS_ZOMBIE]
    return [each for each in alive if any("pipeline.files.child" in word for word in each.cmdline())]


def test_parts_come_while_the_file_is_read(big: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int, int]] = []

    def on_part(index: int, path: Path) -> None:
        time.sleep(0.05)
        waiting = len(list(tmp_path.glob("*.arrow")))
        seen.append((index, open_part(path).num_rows, waiting))

    profile = read_file(big, ImportOptions(), tmp_path, ReadLimits(), on_part)
    assert [(index, rows) for index, rows, _ in seen] == [(index, 50_000) for index in range(8)]
    assert profile.part_rows == (50_000,) * 8
    # Slow uploads hold the reading up, so that the disk holds a few parts only.
    assert max(waiting for *_, waiting in seen) <= 6
    assert not list(tmp_path.glob("*.arrow"))
    assert children() == []


def test_part_can_be_opened_from_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Name,Email\nAnn,\n")
    tables = []
    read_file(
        path, ImportOptions(), tmp_path, ReadLimits(), lambda index, part: tables.append(open_part(part.read_bytes()))
    )
    assert tables[0].to_pylist() == [{"line": 2, "marks": None, "c0": "Ann", "c1": None}]


def test_error_of_the_caller_ends_the_child(big: Path, tmp_path: Path) -> None:
    def on_part(index: int, path: Path) -> None:
        raise OSError("no bucket")

    with pytest.raises(OSError, match="no bucket"):
        read_file(big, ImportOptions(), tmp_path, ReadLimits(), on_part)
    assert children() == []


def test_child_inherits_nothing(big: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    secret = (tmp_path / "secret").open("w")
    os.set_inheritable(secret.fileno(), True)
    opened: set[str] = set()
    environment: dict[str, str] = {}

    def on_part(index: int, path: Path) -> None:
        if index == 0:
            (child,) = children()
            opened.update(each.path for each in child.open_files())
            environment.update(child.environ())

    with secret:
        read_file(big, ImportOptions(), tmp_path, ReadLimits(), on_part)
    assert str(tmp_path / "secret") not in opened
    assert str(big) in opened
    assert "AWS_SECRET_ACCESS_KEY" not in environment


def test_crash_is_tried_once_more(big: Path, tmp_path: Path) -> None:
    indexes: list[int] = []
    killed: list[int] = []

    def on_part(index: int, path: Path) -> None:
        indexes.append(index)
        if index == 1 and not killed:
            (child,) = children()
            killed.append(child.pid)
            child.send_signal(signal.SIGSEGV)
            child.wait()

    profile = read_file(big, ImportOptions(), tmp_path, ReadLimits(), on_part)
    assert profile.rows == 400_000
    # What it had said before it died is still taken; then all begins again.
    assert indexes.count(0) == 2
    assert indexes[-8:] == list(range(8))


def test_second_crash_is_the_end(big: Path, tmp_path: Path) -> None:
    def on_part(index: int, path: Path) -> None:
        for child in children():
            child.kill()

    with pytest.raises(ImportRefused) as refused:
        read_file(big, ImportOptions(), tmp_path, ReadLimits(), on_part)
    assert refused.value.code == "parser_crashed"


@pytest.mark.parametrize("limits", [ReadLimits(wall_seconds=0.01), ReadLimits(memory=1 << 20)])
def test_limits_end_the_reading(big: Path, tmp_path: Path, limits: ReadLimits) -> None:
    with pytest.raises(ImportRefused) as refused:
        read_file(big, ImportOptions(), tmp_path, limits, lambda index, part: None)
    assert refused.value.code == "parser_crashed"
    assert children() == []


def test_cpu_limit_ends_the_reading(big: Path, tmp_path: Path) -> None:
    with big.open("a") as file:
        file.writelines("x,y,z\n" for _ in range(1_500_000))
    begun = time.monotonic()
    with pytest.raises(ImportRefused) as refused:
        read_file(big, ImportOptions(), tmp_path, ReadLimits(cpu_seconds=1), lambda index, part: None)
    assert refused.value.code == "parser_crashed"
    assert time.monotonic() - begun < 20


def test_size_limits(big: Path, tmp_path: Path) -> None:
    for limits in (ReadLimits(file_bytes=1000), ReadLimits(part_bytes=1000)):
        with pytest.raises(ImportRefused) as refused:
            read_file(big, ImportOptions(), tmp_path, limits, lambda index, part: None)
        assert refused.value.code == "file_too_large"


def test_our_own_errors_say_where_and_nothing_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret-name.csv"
    path.write_text("Name,Email\nAnn,\n")
    monkeypatch.setattr(reader, "asdict", lambda limits: {"columns": "x"})
    with pytest.raises(ImportRefused) as refused:
        read_file(path, ImportOptions(), tmp_path, ReadLimits(), lambda index, part: None)
    assert refused.value.code == "internal_error"
    assert "TypeError at pipeline.files." in refused.value.message
    assert "secret" not in refused.value.message


def test_child_dies_with_its_parent(big: Path, tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from pipeline.files.limits import ReadLimits
        from pipeline.files.reader import read_file
        from schemas.options import ImportOptions

        def on_part(index, path):
            print(index, flush=True)
            time.sleep(60)

        read_file(Path(sys.argv[1]), ImportOptions(), Path(sys.argv[2]), ReadLimits(), on_part)
        """
    )
    command = [sys.executable, "-c", program, str(big), str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"0\n"
        (child,) = psutil.Process(parent.pid).children()
        parent.kill()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running()


def test_headers_alone(big: Path) -> None:
    assert read_headers(big, ImportOptions()) == ("First Name", "Email")


def test_headers_are_refused_like_files(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"")
    with pytest.raises(ImportRefused) as refused:
        read_headers(path, ImportOptions())
    assert refused.value.code == "empty_file"


def test_profile_is_json_on_the_way(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Näme,Email\n"A ""x"" 😀",a@example.org\n')
    profile = read_file(path, ImportOptions(), tmp_path, ReadLimits(), lambda index, part: None)
    assert profile.columns[0].examples == ('A "x" 😀',)
    assert json.dumps(profile.headers, ensure_ascii=False) == '["Näme", "Email"]'
