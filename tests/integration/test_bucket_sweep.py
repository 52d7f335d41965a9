"""The sweep of the bucket: finds what no event told of, leaves alone what is known, new, or nobody's."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from infra.objectstore import ObjectHead, ObjectStore
from pipeline import submission
from pipeline.sightings import sole_sweep
from pipeline.work import Doorbell, Tools
from tests.running import Running
from workers.bucket_sweep import sweep_bucket

pytestmark = pytest.mark.services

FILE = b"Phone,Points\n4155552671,5\n"


class Listed(ObjectStore):
    """The real store with a listing of our own: an account's files, or ones that are only said to be there."""

    def __init__(self, inner: ObjectStore, heads: Sequence[ObjectHead]) -> None:
        super().__init__(inner.endpoint, inner.bucket, "us-east-1", *inner._keys)
        self._heads = heads

    def list(self, prefix: str) -> Iterator[ObjectHead]:
        assert prefix == "uploads/"
        yield from self._heads


@pytest.fixture
def later(system: Running) -> Tools:
    """The tools of a minute from now, when every event has had its time."""
    return replace(system.worker_tools, clock=lambda: datetime.now(UTC) + timedelta(minutes=1))


def list_account(system: Running, account: str) -> Listed:
    store = system.system.store
    return Listed(store, list(store.list(f"uploads/{account}/")))


def sweep(tools: Tools, store: ObjectStore) -> tuple[int, list[Doorbell]]:
    rung: list[Doorbell] = []
    return sweep_bucket(tools, store, rung.extend), rung


def imports_of(system: Running, account: str) -> list[dict[str, Any]]:
    return system.select("SELECT key, trigger FROM imports WHERE key LIKE :keys", keys=f"uploads/{account}/%")


def test_it_finds_what_no_event_told_of_and_says_so(
    system: Running, later: Tools, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    account = system.make_account()
    known, lost = system.put(account, FILE), system.put(account, FILE, "lost.XLSX")
    system.submit(known)
    system.system.store.put_bytes(f"uploads/{account}/notes.txt", b"x")
    made, rung = sweep(later, list_account(system, account))
    assert (made, [bell.stage for bell in rung]) == (1, ["parse"])
    assert {row["key"]: row["trigger"] for row in imports_of(system, account)} == {known: "event", lost: "sweep"}
    said = caplog.text + capsys.readouterr().out
    assert "objects_swept" in said
    assert lost not in said
    assert sweep(later, list_account(system, account)) == (0, [])


def test_an_event_has_its_time_to_be_first(system: Running) -> None:
    account = system.make_account()
    system.put(account, FILE)
    assert sweep(system.worker_tools, list_account(system, account))[0] == 0
    # A store whose clock is ahead of ours must not hide its files.
    behind = replace(system.worker_tools, clock=lambda: datetime.now(UTC) - timedelta(hours=1))
    assert sweep(behind, list_account(system, account))[0] == 1


def test_the_same_key_again_is_another_version_only_with_other_bytes(system: Running, later: Tools) -> None:
    account = system.make_account()
    key = system.put(account, FILE)
    for body, expected in ((FILE, 1), (FILE, 0), (FILE + b"4155552672,1\n", 1), (FILE, 0)):
        system.system.store.put_bytes(key, body)
        assert sweep(later, list_account(system, account))[0] == expected


def test_folders_and_files_of_nobody_are_left_alone(system: Running, later: Tools) -> None:
    store, account = system.system.store, system.make_account()
    store.put_bytes(f"uploads/{account}/folder.csv/", b"")
    store.put_bytes(f"uploads/nobody-{account}/a.csv", FILE)
    heads = [*store.list(f"uploads/{account}/"), *store.list(f"uploads/nobody-{account}/")]
    assert len(heads) == 2
    assert sweep(later, Listed(store, heads))[0] == 0


def test_an_object_that_is_gone_or_ill_keeps_back_no_other(
    system: Running, later: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = system.make_account()
    keys = [system.put(account, FILE) for _ in range(3)]
    heads = list(system.system.store.list(f"uploads/{account}/"))
    system.system.store.delete_prefix(f"{keys[0]}/")

    def submit(tools: Tools, key: str, trigger: Any) -> Any:
        if key == keys[1]:
            raise RuntimeError("4155552671")
        return submission.submit(tools, key, trigger)

    monkeypatch.setattr("workers.bucket_sweep.submit", submit)
    gone = ObjectHead(f"uploads/{account}/gone.csv", "e", None, 1)
    assert sweep(later, Listed(system.system.store, [gone, *heads]))[0] == 2


def test_there_is_one_sweep_at_a_time(system: Running, later: Tools) -> None:
    account = system.make_account()
    system.put(account, FILE)
    with sole_sweep(system.system.engine) as alone:
        assert alone
        assert sweep(later, list_account(system, account))[0] == 0
    assert sweep(later, list_account(system, account))[0] == 1


def test_ten_thousand_known_files_take_a_moment(system: Running, later: Tools) -> None:
    account = system.make_account()
    heads = [ObjectHead(f"uploads/{account}/{number:05}.csv", f"e{number}", None, 1) for number in range(10_000)]
    with system.system.engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO imports (id, turn, account_id, name, status, finished_at, trigger, bucket, key, version,"
                " etag, bytes) SELECT n.id, n.id, a.id, 'x', 'cancelled', now(), 'event', :bucket, k.key, k.etag,"
                " k.etag, 1 FROM accounts a, unnest(CAST(:keys AS text[]), CAST(:etags AS text[])) k (key, etag),"
                " LATERAL (SELECT nextval('imports_id_seq') AS id WHERE k.key IS NOT NULL) n WHERE a.name = :account"
            ),
            {
                "bucket": system.system.store.bucket,
                "account": account,
                "keys": [head.key for head in heads],
                "etags": [head.etag for head in heads],
            },
        )
    lost = system.put(account, FILE, "zzz.csv")
    heads += [head for head in system.system.store.list(f"uploads/{account}/") if head.key == lost]
    started = time.monotonic()
    assert sweep(later, Listed(system.system.store, heads))[0] == 1
    assert time.monotonic() - started < 2
    with system.system.engine.begin() as conn:
        conn.execute(text("DELETE FROM imports WHERE key LIKE :keys"), {"keys": f"uploads/{account}/0%"})


def test_a_running_system_sweeps_by_itself(worker: Running) -> None:
    key = worker.put(worker.make_account(), FILE)
    deadline = time.monotonic() + 45
    while not (found := worker.select("SELECT id, trigger FROM imports WHERE key = :key", key=key)):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert found[0]["trigger"] == "sweep"
    assert worker.wait(found[0]["id"])["status"] == "completed"
