"""The log's chain: JSON, known keys, and no text that could hold somebody's phone, e-mail or name."""

import io
import json
import logging
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import IntegrityError

from infra.log import configure_logging, mask

PHONE, EMAIL, NAME = "+1 (415) 555-2671", "jane.doe@example.com", "Jane Doe"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """What is logged while a test runs; logging is as before afterwards."""
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, threading.excepthook
    stream = io.StringIO()
    configure_logging("tester", stream)
    yield stream
    root.handlers[:], root.level, threading.excepthook = handlers, level, hook
    logging.captureWarnings(False)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_our_lines_carry_what_is_bound(out: io.StringIO) -> None:
    structlog.contextvars.bind_contextvars(import_id=42, stage="map", part=3, attempt=7, task_id="t")
    structlog.get_logger("pipeline.runner").info("part_done", rows=5)
    [line] = lines(out)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "part_done",
        "level": "info",
        "logger": "pipeline.runner",
        "process": "tester",
        "rows": 5,
        "import_id": 42,
        "stage": "map",
        "part": 3,
        "attempt": 7,
        "task_id": "t",
    }


def test_unknown_keys_are_left_out_and_counted(out: io.StringIO) -> None:
    structlog.get_logger("workers.x").info("said", phone=PHONE, row={"email": EMAIL}, import_id=1)
    [line] = lines(out)
    assert (line["dropped"], line["import_id"]) == (2, 1)
    assert "phone" not in line
    assert "row" not in line


def test_libraries_go_through_the_same_chain(out: io.StringIO) -> None:
    structlog.contextvars.bind_contextvars(import_id=42)
    logging.getLogger("botocore.x").warning("could not send to %s or %s", EMAIL, PHONE)
    logging.getLogger("uvicorn.error").info("not heard")
    [line] = lines(out)
    assert line["event"] == "could not send to [e-mail] or [number]"
    assert (line["import_id"], line["process"], line["logger"]) == (42, "tester", "botocore.x")


def fail() -> None:
    try:
        raise ValueError(f"invalid input syntax: {NAME} {EMAIL}")
    except ValueError as error:
        detail = Exception(f"DETAIL: Key (phone)=({PHONE}) already exists.")
        raise IntegrityError(f"INSERT {NAME}", {"phone": PHONE}, detail) from error


def test_errors_are_told_by_type_and_place_alone(out: io.StringIO) -> None:
    try:
        fail()
    except IntegrityError as error:
        logging.getLogger("sqlalchemy.pool").exception("went wrong: %s %r", error, error)
        logging.getLogger("x").error("again", exc_info=error)
        structlog.get_logger("workers.y").error("part_failed", exc_info=True)
        structlog.get_logger("workers.y").error("part_failed", error=error)
        data = {
            "name": "imports.parse",
            "id": "t",
            "description": "raised unexpected",
            "exc": repr(error),
            "args": NAME,
        }
        logging.getLogger("celery.app.trace").exception("Task %(name)s[%(id)s] %(description)s: %(exc)s %(args)s", data)
    text = out.getvalue()
    assert not any(piece in text for piece in ("Jane", "(415)", "555-", "@", "DETAIL", "INSERT"))
    told = lines(out)
    assert len(told) == 5
    assert told[0]["event"] == "went wrong: IntegrityError 'IntegrityError'"
    assert told[0]["exception"]["type"] == "IntegrityError from ValueError"
    assert told[0]["exception"]["frames"][-1].endswith(" fail")
    assert told[3]["error"] == "IntegrityError"
    assert told[4]["event"].startswith("Task imports.parse[t] raised unexpected: IntegrityError")


def test_warnings_and_threads_say_no_values(out: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"cell A1 holds {NAME}", UserWarning, stacklevel=1)

    def crash() -> None:
        raise RuntimeError(NAME)

    thread = threading.Thread(target=crash)
    thread.start()
    thread.join()
    assert "Jane" not in out.getvalue()
    warned, failed = lines(out)
    assert warned["event"].startswith("UserWarning at test_log.py:")
    assert (failed["event"], failed["exception"]["type"]) == ("thread_failed", "RuntimeError")


@pytest.mark.parametrize(
    "number",
    [
        *("4155552671", "+14155552671", "(415) 555-2671", "415.555.2671", "415-555-2671", "+49 30 901820", "555-0134"),
        *("00 44 20 7946 0958", "１２３４５６７８９０", "+1/415/555/2671"),
    ],
)
def test_numbers_are_masked_wherever_they_stand(number: str) -> None:
    for text in (number, f"call {number}, now", f"({number})", f"phone={number}", f"'{number}'"):
        assert not any(character.isdigit() for character in mask(text)), text


@pytest.mark.parametrize(
    "email",
    ["a@b.c", "jane.doe+tag@example.co.uk", "ünï@exämple.de", "a%40b.com", "<x@y.org>", "mailto:x@y.org", "o'b@x.ie"],
)
def test_e_mails_are_masked_wherever_they_stand(email: str) -> None:
    for text in (email, f"to {email}: no", f'"{email}"', f"email={email}"):
        assert "@" not in mask(text)
        assert "%40" not in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "Task imports.parse[0e46ee72-4659-4df6-a3b4-c1518ee94356] received",
        "12345678-1234-4abc-9def-123456789012",
        "344fd2323dd33d5c058b7cf27de029e8",
        "http://127.0.0.1:43301/x 192.168.100.200",
        "Process 'ForkPoolWorker-1' pid:123456 exited with 'signal 9 (SIGKILL)'",
        "worker-1@host, 3 rows in 0.25 seconds, 2026-11-21",
    ],
)
def test_ids_addresses_and_dates_stay(text: str) -> None:
    assert mask(text).replace("[number]", "") == text.replace("2026-11-21", "") or mask(text) == text


def test_a_long_message_is_cut(out: io.StringIO) -> None:
    logging.getLogger("x").warning("y" * 10_000)
    assert len(lines(out)[0]["event"]) == 500
