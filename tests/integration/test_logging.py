"""Nobody's phone, e-mail or name leaves by the back door: log, broker, attempts, error texts, after real imports."""

import csv
import io
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import text

from infra.log import KEYS
from tests.factories.files import write_table
from tests.factories.rows import Knobs, make_table
from tests.running import Running

pytestmark = pytest.mark.services

#: Spellings of one number each; the odd ones draw rejects and notices.
SPELLINGS = (
    "415555{n}",
    "+1415555{n}",
    "(415) 555-{n}",
    "415.555.{n}",
    "415555{n}.0",
    "1.415555{n}E+9",
    "415-555-{n} x12",
    "415-555-{n} or 212-555-{n}",
    "call 415555{n}",
    "415555{n}99999999",
    "'415555{n}",
    "\u202a415555{n}\u202c",
)
EMAILS = (
    "zq{n}@leak.example.com",
    "ZQ{n}+tag@Leak.Example.com",
    "Zq{n} <zq{n}@leak.example.com>",
    "zq{n}@",
    "zq{n} at leak",
)
NAMES = (
    "Zqaliyah{n}",
    "Zqjürgen{n}",
    "Zqo'brien{n}",
    '=HYPERLINK("http://x","Zq{n}")',
    "Zqrow\x01{n}",
    "Zqend{n}" + "x" * 40_000,
)


def make_corpus() -> tuple[bytes, set[str]]:
    """A file of odd values, and every piece of it that must be found nowhere."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(
        ["First Name", "Last Name", "Phone", "Email", "Birthday", "Points", "Opt-in SMS", "Explicit SMS Opt-out"]
    )
    secrets = {"leak", "zqaliyah", "zqjürgen", "zqo'brien", "zqrow", "zqend"}
    for number in range(1000, 1240):
        phone = SPELLINGS[number % len(SPELLINGS)].format(n=number)
        email = EMAILS[number % len(EMAILS)].format(n=number)
        first, last = (NAMES[(number + shift) % len(NAMES)].format(n=number) for shift in (0, 1))
        points = ("50", "-9999999", "1e5", "NaN", f"415555{number}")[number % 5]
        writer.writerow([first, last, phone, email, f"zq{number}", points, "yes", "maybe"])
        secrets |= {f"415555{number}", f"555-{number}", f"555.{number}", f"zq{number}"}
    body = out.getvalue().encode() + b"Zq\xff,Zq\x00,415555\xfe1240,zq1240@leak.example.com,,,,,too,wide\n"
    return body, secrets


def find_leaks(source: str, secrets: set[str]) -> set[str]:
    folded = source.casefold()
    return {secret for secret in secrets if secret in folded}


@contextmanager
def watching(broker_url: str) -> Iterator[list[str]]:
    """Everything that is in the broker, or goes through it, while the body runs."""
    seen: list[str] = []
    over = threading.Event()

    def watch() -> None:
        with redis.Redis.from_url(broker_url) as broker, broker.pubsub() as channels:
            channels.psubscribe("*")
            while not over.is_set():
                while (message := channels.get_message(timeout=0.0)) is not None:
                    seen.append(repr(message["data"]))
                seen.extend(dump(broker))
                time.sleep(0.02)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def dump(broker: Any) -> Iterator[str]:
    readers = {
        b"string": broker.get,
        b"list": lambda key: broker.lrange(key, 0, -1),
        b"set": broker.smembers,
        b"hash": broker.hgetall,
        b"zset": lambda key: broker.zrange(key, 0, -1),
    }
    for key in broker.scan_iter("*", count=1000):
        kind = broker.type(key)
        if kind in readers:
            yield repr((key, readers[kind](key)))


@pytest.fixture
def broken_account(worker: Running) -> Iterator[str]:
    """An account whose personas the database refuses with a sentence full of values."""
    account = worker.make_account()
    [row] = worker.select("SELECT id FROM accounts WHERE name = :name", name=account)
    statements = (
        "CREATE FUNCTION refuse_persona() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'Key (phone, name)=(%, %) is refused', NEW.phone, NEW.first_name; END $$",
        "CREATE TRIGGER refuse_persona BEFORE INSERT ON personas FOR EACH ROW"
        f" WHEN (NEW.account_id = {int(row['id'])}) EXECUTE FUNCTION refuse_persona()",
    )
    with worker.system.engine.begin() as conn:
        for statement in statements:
            conn.execute(text(statement))
    yield account
    with worker.system.engine.begin() as conn:
        conn.execute(text("DROP TRIGGER refuse_persona ON personas"))
        conn.execute(text("DROP FUNCTION refuse_persona"))


def test_odd_values_are_found_in_no_log_no_broker_and_no_error(
    worker: Running, home: Path, tmp_path: Path, broken_account: str
) -> None:
    body, secrets = make_corpus()
    table = make_table(7, Knobs(portable=False))
    cells = {cell.strip().casefold() for row in table.rows for cell in row}
    secrets |= {cell for cell in cells if "@" in cell and len(cell) > 6}
    secrets |= {cell for cell in cells if len(re.sub(r"\D", "", cell)) >= 9}
    with watching(worker.system.services.broker_url) as broker:
        ids = [
            worker.submit(worker.put(account, data, name))
            for account in (worker.make_account(), broken_account)
            for data, name in (
                (body, "zx.csv"),
                (write_table(table, tmp_path / "t.csv"), "table.csv"),
                (body[:5000].replace(b"Phone", b"\xff\xfe"), "damaged.csv"),
                (b"PK\x03\x04" + body, "no.xlsx"),
            )
        ]
        told = [worker.wait(import_id) for import_id in ids]
        time.sleep(0.2)
    assert "completed" in {each["status"] for each in told[:2]}
    assert ("failed", "internal_error") in {(each["status"], each["code"]) for each in told[4:]}
    logs = [home / "worker.log", *(home / "logs").glob("*.log")]
    sources = {path.name: path.read_text(errors="replace") for path in logs}
    sources["broker"] = "\n".join(broker)
    sources["attempts"] = json.dumps([each["attempts"] for each in told])
    sources["messages"] = json.dumps([(each["code"], each["message"]) for each in told], ensure_ascii=False)
    assert "imports.parse" in sources["broker"]
    assert find_leaks(body.decode(errors="replace"), secrets) > {"leak", "zqaliyah", "zq1001"}
    assert {name: leaks for name, source in sources.items() if (leaks := find_leaks(source, secrets))} == {}
    check_lines(sources["worker.log"], ids)


def test_inspecting_a_worker_shows_no_secret(worker: Running, home: Path) -> None:
    """Whoever may ask Celery's remote control, as Flower does, is told how a worker is set up, and no password."""
    inspect = worker.system.app.control.inspect(timeout=5.0, limit=1)
    told = {name: getattr(inspect, name)() for name in ("stats", "report", "active_queues", "registered")}
    told["conf"] = inspect.conf(with_defaults=True)
    assert all(told.values()), told
    secrets = {path.name: path.read_text().strip() for path in (home / "secrets").iterdir() if path.is_file()}
    assert {"postgres_password", "valkey_password", "blocklist_key"} <= set(secrets)
    said = json.dumps(told, default=str)
    assert "broker_url" in said
    assert [name for name, secret in secrets.items() if secret in said] == []


def check_lines(log: str, ids: list[int]) -> None:
    """Every line is JSON with known keys, and says what it is about."""
    lines = [json.loads(line) for line in log.splitlines()]
    assert all(set(line) <= KEYS for line in lines)
    done = [line for line in lines if line["event"] in ("part_done", "part_failed") and line["import_id"] in ids]
    assert {line["event"] for line in done} == {"part_done", "part_failed"}
    assert all({"stage", "part", "task_id", "process", "timestamp"} <= set(line) for line in done)
