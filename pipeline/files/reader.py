"""Reading a file in a child process, part by part, so that no file can harm the worker. Knows no bucket."""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from pipeline.files.limits import ReadLimits
from schemas.errors import ImportRefused, Transient
from schemas.options import ImportOptions
from schemas.parts import ColumnProfile, FileProfile

_ROOT = Path(__file__).resolve().parents[2]
# Isolated, so that neither the environment nor the current folder decides what the child imports.
_BEGIN = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from pipeline.files.child import main; main()"
_OUT_OF_MEMORY = b"memory allocation of"


class _ChildEndedError(Exception):
    """The child ended without an answer."""

    def __init__(self, out_of_memory: bool = False, out_of_time: bool = False) -> None:
        self.out_of_memory = out_of_memory
        self.out_of_time = out_of_time
        super().__init__("out of memory" if out_of_memory else "out of time" if out_of_time else "crashed")


@dataclass(frozen=True, slots=True)
class Child:
    """A process that is to read one file; libraries complain into `complaints`."""

    process: subprocess.Popen[bytes]
    complaints: IO[bytes]


@contextmanager
def started_child() -> Iterator[Child]:
    """A child that loads its libraries while the file is still on its way, a tenth of a second; it ends with this."""
    with tempfile.TemporaryFile() as complaints:
        process = _start_process(complaints)
        try:
            yield Child(process, complaints)
        finally:
            process.kill()
            process.communicate()


def read_file(  # noqa: PLR0917 - what is read, how, and where to
    path: Path,
    options: ImportOptions,
    out: Path,
    limits: ReadLimits,
    on_part: Callable[[int, Path], None],
    child: Child | None = None,
) -> FileProfile:
    """Write the part files of a file into the folder `out`, hand each to `on_part` with its index, then delete it.

    Parts come in order while the file is still being read. `child`, where there is one already, reads this file and no
    other. After a crash the reading begins again, by another one, with part 0, which has the same rows as before, so
    `on_part` must take an index twice. Its errors end the child and are passed on. Raises ImportRefused: parser_crashed
    after two crashes, or the code of what is wrong with the file.
    """

    def taken(event: dict[str, Any]) -> None:
        part = Path(event["path"])
        on_part(event["index"], part)
        part.unlink()

    request = {"path": str(path.resolve()), "out": str(out.resolve()), "headers_only": False}
    return _to_profile(_ask_twice(request, options, limits, taken, child)["profile"])


def read_headers(path: Path, options: ImportOptions, limits: ReadLimits | None = None) -> tuple[str, ...]:
    """The headers of a local file, made unique, without reading its rows; raises ImportRefused."""
    request = {"path": str(path.resolve()), "out": "", "headers_only": True}
    return tuple(_ask_twice(request, options, limits or ReadLimits(), _ignore, None)["headers"])


def _ask_twice(
    request: dict[str, Any],
    options: ImportOptions,
    limits: ReadLimits,
    taken: Callable[[dict[str, Any]], None],
    ready: Child | None,
) -> dict[str, Any]:
    request |= {"sheet": options.sheet, "encoding": options.encoding, "limits": asdict(limits), "parent": os.getpid()}
    ended = _ChildEndedError()
    # The second time without the native parsers, which are what can end a process.
    for careful in (False, True):
        try:
            with nullcontext(ready) if ready and not careful else started_child() as child:
                return _ask(child, request | {"careful": careful}, limits, taken)
        except _ChildEndedError as error:
            ended = error
            if ended.out_of_time:
                break
    if ended.out_of_memory and _is_workbook(Path(request["path"])):
        raise ImportRefused("sheet_too_large")
    raise ImportRefused("parser_crashed")


def _ignore(event: dict[str, Any]) -> None:  # noqa: ARG001 - a reading of headers has no parts
    return


def _is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def _ask(
    child: Child, request: dict[str, Any], limits: ReadLimits, taken: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    try:
        return _follow(child.process, request, limits.wall_seconds, taken)
    except _ChildEndedError as ended:
        child.process.kill()
        code = child.process.wait()
        child.complaints.seek(0)
        out_of_memory = ended.out_of_memory or _OUT_OF_MEMORY in child.complaints.read(1 << 16)
        raise _ChildEndedError(out_of_memory, ended.out_of_time or code == -signal.SIGXCPU) from None


def _start_process(complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    # Arrow's own allocator reserves more address space than the child may have; credentials stay with the parent.
    env = {"PATH": os.defpath, "LANG": "C.UTF-8", "ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-I", "-c", _BEGIN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env=env,
        close_fds=True,
    )


def _follow(
    child: subprocess.Popen[bytes], request: dict[str, Any], seconds: float, taken: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """The child's answer; every part goes to `taken` on the way, and the child learns that it went."""
    stdin, stdout = child.stdin, child.stdout
    if stdin is None or stdout is None:
        raise _ChildEndedError
    _say(stdin, json.dumps(request).encode())
    for event in _events(stdout, seconds):
        match event["event"]:
            case "part":
                taken(event)
                _say(stdin, b"")
            case "done":
                return event
            case "refused":
                raise ImportRefused(event["code"], event["detail"])
            case "memory":
                raise _ChildEndedError(out_of_memory=True)
            case "full":
                raise Transient("There is no space left on the worker's disk.")
            case "broken":
                raise ImportRefused("internal_error", f"{event['error']} at {event['place']}.")
    raise _ChildEndedError


def _say(pipe: IO[bytes], line: bytes) -> None:
    try:
        pipe.write(line + b"\n")
        pipe.flush()
    except BrokenPipeError:
        # The child has ended; what it said last, or that it said nothing, decides.
        return


def _events(pipe: IO[bytes], seconds: float) -> Iterator[dict[str, Any]]:
    """Events until the child closes its end; raises _ChildEndedError when waiting for them took more than `seconds`."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            begun = time.monotonic()
            if not selector.select(max(seconds, 0)):
                raise _ChildEndedError(out_of_time=True)
            seconds -= time.monotonic() - begun
            block = os.read(pipe.fileno(), 1 << 16)
            if not block:
                return
            *lines, rest = (rest + block).split(b"\n")
            yield from map(json.loads, lines)


def _to_profile(told: dict[str, Any]) -> FileProfile:
    columns = tuple(ColumnProfile(**column | {"examples": tuple(column["examples"])}) for column in told["columns"])
    return FileProfile(tuple(told["headers"]), told["rows"], tuple(told["part_rows"]), columns, tuple(told["remarks"]))
