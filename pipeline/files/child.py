"""The child process that reads one file: confines itself, reads, tells its parent in lines of JSON. Knows no import."""

import errno
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from pipeline.files.limits import ReadLimits, confine
from schemas.codes import sentence
from schemas.errors import ImportRefused

#: Finished parts that may wait for the parent; more would let the disk fill while uploads are slow.
WINDOW = 3


def main() -> None:
    """Serve the one request that standard input brings, then exit."""
    # Ctrl-C reaches every process of a terminal; whether this one goes on is its parent's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries that print must not end up between the lines that the parent reads.
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warm_up()
    request = sys.stdin.readline()
    if request:
        _serve(json.loads(request), events)
    events.flush()
    # Nothing is left to tidy up, and tearing down big heaps takes time.
    os._exit(0)


def warm_up() -> None:
    """Import what every reading needs, before there is a file."""
    # Arrow looks for them and would load both, for nothing: half the memory and the time of a small file.
    sys.modules["pandas"] = sys.modules["numpy"] = None  # type: ignore[assignment]
    import pipeline.files.contents  # noqa: F401


def _serve(request: dict[str, Any], events: TextIO) -> None:
    limits = ReadLimits(**request["limits"])
    confine(limits, request["parent"])
    try:
        _tell(events, {"event": "done"} | _read(request, limits, events))
    except ImportRefused as refused:
        detail = refused.message.removeprefix(sentence(refused.code)).strip()
        _tell(events, {"event": "refused", "code": refused.code, "detail": detail or None})
    except MemoryError:
        # Nothing more can be built here, so the line is a constant.
        events.write('{"event": "memory"}\n')
        events.flush()
    except Exception as error:  # noqa: BLE001 - the parent must learn of it, and no text of the file may get out with it
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            _tell(events, {"event": "full"})
        _tell(events, {"event": "broken", "error": type(error).__name__, "place": _place(error)})


def _read(request: dict[str, Any], limits: ReadLimits, events: TextIO) -> dict[str, Any]:
    from pipeline.files import contents

    asked = contents.Asked(Path(request["path"]), request["sheet"], request["encoding"], limits, request["careful"])
    if request["headers_only"]:
        return {"headers": contents.read_headers(asked)}
    told = 0

    def finished(index: int, path: Path) -> None:
        nonlocal told
        _tell(events, {"event": "part", "index": index, "path": str(path)})
        told += 1
        if told > WINDOW and not sys.stdin.readline():
            os._exit(0)

    return {"profile": asdict(contents.read_parts(asked, Path(request["out"]), finished))}


def _tell(events: TextIO, event: dict[str, Any]) -> None:
    events.write(json.dumps(event) + "\n")
    events.flush()


def _place(error: BaseException) -> str:
    """Where our own code was, for the log: the innermost line of this package."""
    place, trace = "?", error.__traceback__
    while trace:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name.startswith("pipeline."):
            place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
