"""Log lines of every process: JSON on standard error, with a fixed set of keys and nobody's phone, e-mail or name."""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

#: Keys that may be written; what else somebody binds is left out. `dropped` counts those.
KEYS = frozenset(
    {
        *("event", "level", "logger", "process", "timestamp", "exception", "dropped"),
        *("import_id", "stage", "part", "attempt", "task_id", "text_id", "account_id", "message_id", "persona_id"),
        *("error", "place", "code", "reason", "count", "rows", "seconds", "status", "trigger"),
        *("provider", "key_hash", "queue", "name", "url"),
    }
)
_OURS = ("schemas", "pipeline", "infra", "workers", "console")
_LONGEST = 500  # characters
_FRAMES = 12

_EMAIL = re.compile(r"[^\s@<>()\[\]\"',;:=]+(?:@|%40)[^\s@<>()\[\]\"',;:=]+\.\w+")
# Starts and ends outside of words, so that ids and hashes are no numbers.
_NUMBER = re.compile(r"(?<![\w-])\+?\(?\d[\d ().\-/]{5,}\d(?![\w-])")
_ADDRESS = re.compile(r"(\d{1,3}\.){3}\d{1,3}")
_FEWEST_DIGITS = 7
_WARNING = re.compile(r"(?P<place>[^/\\\n]+:\d+): (?P<kind>\w+):")

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure_logging(process: str, stream: TextIO | None = None) -> None:
    """Send this process's log, and that of every library in it, through one chain; `process` is its name in each line.

    Call it once, before anything logs. Ours is heard from INFO, libraries from WARNING.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_make_formatter(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(True)
    threading.excepthook = _log_thread_failure
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_context(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def mask(text: str) -> str:
    """The text without what looks like an e-mail or a number somebody could be called at."""
    return _NUMBER.sub(_mask_number, _EMAIL.sub("[e-mail]", text))


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Takes the texts of errors and warnings out of what libraries say, before they become part of a message."""

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.msg, dict):
            return super().format(record)
        quiet = logging.makeLogRecord(record.__dict__)
        quiet.args = _without_errors(record)
        if record.name == "py.warnings":
            found = _WARNING.search(record.getMessage())
            quiet.msg, quiet.args = f"{found['kind']} at {found['place']}" if found else "a warning", ()
        return super().format(quiet)


def _make_formatter(process: str) -> _Formatter:
    def bind_process(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return _Formatter(
        foreign_pre_chain=_context(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            bind_process,
            _describe_exception,
            _keep_known,
            _mask_values,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
    )


def _context() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
    ]


def _describe_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Types and places of an error and its causes. Never their texts: a database's, or a parser's, quote values."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()[1]
    error = given[1] if isinstance(given, tuple) else given
    for key in ("exception", "stack", "stack_info"):
        event.pop(key, None)
    if isinstance(error, BaseException):
        event["exception"] = {"type": _chain(error), "frames": _frames(error)}
    return event


def _chain(error: BaseException) -> str:
    names = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        names.append(type(current).__name__)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return " from ".join(names)


def _frames(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]


def _keep_known(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    kept = {key: value for key, value in event.items() if key in KEYS}
    if len(kept) < len(event):
        kept["dropped"] = len(event) - len(kept)
    return kept


def _mask_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: value if key == "exception" else _plain(value) for key, value in event.items()}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, BaseException):
        return type(value).__name__
    return mask(str(value))[:_LONGEST]


def _mask_number(found: re.Match[str]) -> str:
    text = found[0]
    is_short = sum(character.isdigit() for character in text) < _FEWEST_DIGITS
    return text if is_short or _ADDRESS.fullmatch(text) else "[number]"


def _without_errors(record: logging.LogRecord) -> Any:
    """The message's arguments, errors among them as the names of their types; Celery names its own `exc`."""
    arguments = record.args
    if isinstance(arguments, tuple):
        return tuple(_quiet(value) for value in arguments)
    if not isinstance(arguments, Mapping):
        return arguments
    error = record.exc_info[0] if record.exc_info else None
    texts = {"exc": error.__name__ if error else "an error", "traceback": "", "args": "", "kwargs": ""}
    return {key: texts.get(key, _quiet(value)) for key, value in arguments.items()}


def _quiet(value: Any) -> Any:
    return type(value).__name__ if isinstance(value, BaseException) else value


def _log_thread_failure(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None:
        error = failure.exc_value
        logging.getLogger("infra.log").error("thread_failed", exc_info=(type(error), error, error.__traceback__))
