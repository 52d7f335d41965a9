"""The embedded servers for real: started once, reused, killed, stopped, and what they keep."""

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from infra.embedded import postgres
from infra.embedded.process import is_gone, wait_until
from infra.embedded.seaweedfs import Webhook
from infra.embedded.state import find_process, load_state, save_state
from infra.objectstore import ObjectStore, StoreRefused
from infra.services import Services, ServicesNotRunning, ensure_services, running_services, stop_services
from infra.settings import Settings
from infra.whereabouts import find_database

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.services

# Starts the services of a home, says what it found, and uses them until its input ends.
USER = """
import json, sys
from pathlib import Path
from infra.services import ensure_services, stop_services
from infra.settings import Settings
settings = Settings(home=Path(sys.argv[1]))
services = ensure_services(settings)
print(json.dumps([services.embedded, services.database_url]), flush=True)
sys.stdin.read()
print(json.dumps(stop_services(settings)), flush=True)
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """One home for the module. Run by root it lies in a folder that only root can enter, like a clone below /root."""
    home = tmp_path_factory.mktemp("services") / "home with a space, and a very long name" / ("x" * 120)
    settings = Settings(home=home)
    yield settings
    stop_services(settings, started_only=False)


@pytest.fixture
def services(settings: Settings) -> Services:
    return ensure_services(settings)


def test_a_second_call_reuses_what_runs(settings: Settings, services: Services) -> None:
    again = ensure_services(settings)
    assert again == services
    assert sorted(again.embedded) == ["broker", "object_store", "postgres"]
    assert all(psutil.pid_exists(pid) for pid in again.embedded.values())
    assert running_services(settings) == services


def test_the_database_is_found_without_loading_the_rest(settings: Settings, services: Services, tmp_path: Path) -> None:
    assert find_database(settings) == services.database_url
    assert find_database(Settings(home=tmp_path)) is None
    assert find_database(Settings(home=tmp_path, database_url="postgresql://elsewhere")) == "postgresql://elsewhere"


def test_they_listen_on_loopback_alone(services: Services) -> None:
    for pid in services.embedded.values():
        listening = [each for each in psutil.Process(pid).net_connections("tcp") if each.status == psutil.CONN_LISTEN]
        assert {each.laddr.ip for each in listening} == {"127.0.0.1"}


def test_passwords_are_asked_for_and_kept_private(settings: Settings, services: Services) -> None:
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(services.database_url, password="wrong")
    port = int(services.broker_url.rpartition(":")[2].partition("/")[0])
    with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    stranger_store = ObjectStore(services.store.url, services.store.bucket, "us-east-1", "who", "knows")
    with pytest.raises(StoreRefused):
        stranger_store.put_bytes("t/a", b"")
    private = [*(settings.home / "secrets").iterdir(), *(settings.home / "run").glob("*.json")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
    assert services.database_url not in repr(services)


def test_nothing_weakens_durability(services: Services) -> None:
    with psycopg.connect(services.database_url) as connection:
        query = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)"
        names = ["fsync", "full_page_writes", "synchronous_commit", "data_checksums"]
        found: dict[str, str] = dict(connection.execute(query, (names,)).fetchall())
    assert found == dict.fromkeys(names, "on")
    with redis.Redis.from_url(services.broker_url) as broker:
        assert broker.config_get("appendonly") == {"appendonly": "yes"}
        assert broker.config_get("appendfsync") == {"appendfsync": "always"}
        assert broker.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_the_database_log_hears_of_no_values(settings: Settings, services: Services) -> None:
    with psycopg.connect(services.database_url) as connection, pytest.raises(psycopg.DataError):
        connection.execute("SELECT 'jane@example.com'::int")
    assert "jane" not in (settings.home / "logs" / "postgres.log").read_text()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_data_and_addresses_survive(settings: Settings, end: str) -> None:
    before = ensure_services(settings)
    _write(before, end)
    if end == "stop":
        assert stop_services(settings)
        assert running_services(settings) == Services(None, None, None)
    else:
        for pid in before.embedded.values():
            os.kill(pid, signal.SIGKILL)
    after = ensure_services(settings)
    assert after.database_url == before.database_url
    assert after.broker_url == before.broker_url
    assert after.store.url == before.store.url
    assert set(after.embedded.values()).isdisjoint(before.embedded.values())
    assert _read(after, end) == ("kept", b"kept", b"kept")


def test_one_killed_server_is_started_alone(settings: Settings, services: Services) -> None:
    os.kill(services.embedded["broker"], signal.SIGKILL)
    after = ensure_services(settings)
    assert after.embedded["postgres"] == services.embedded["postgres"]
    assert after.embedded["object_store"] == services.embedded["object_store"]
    assert after.embedded["broker"] != services.embedded["broker"]
    assert after.broker_url == services.broker_url


def test_a_working_backend_does_not_keep_the_database_down(settings: Settings, services: Services) -> None:
    """Killed alone, the main process leaves backends behind that work on and hold its shared memory."""
    connection = psycopg.connect(services.database_url, autocommit=True)
    try:
        backend = psutil.Process(connection.info.backend_pid)
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 10000000000)")
        assert wait_until(lambda: backend.cpu_percent(0.05) > 10, 10)
        os.kill(services.embedded["postgres"], signal.SIGKILL)
        assert _scalar(ensure_services(settings).database_url, "SELECT 1") == 1
        assert is_gone(backend)
    finally:
        connection.close()


def test_processes_that_start_together_start_once_and_the_last_one_stops(tmp_path: Path) -> None:
    with _user(tmp_path) as first, _user(tmp_path) as second:
        found = [_line(first), _line(second)]
        assert found[0] == found[1]
        assert _leave(first) is False
        assert all(psutil.pid_exists(pid) for pid in found[0][0].values())
        assert _leave(second) is True
    assert running_services(Settings(home=tmp_path)) == Services(None, None, None)


def test_a_user_that_was_killed_holds_nobody(tmp_path: Path) -> None:
    with _user(tmp_path) as victim:
        _line(victim)
        victim.kill()
    settings = Settings(home=tmp_path)
    assert running_services(settings).complete
    assert stop_services(settings)


def test_a_folder_that_others_can_enter(services: Services) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        running = postgres.start(home)
        assert _scalar(running.url, "SELECT 1") == 1
        assert postgres.stop(home)


def test_another_process_with_the_same_number_is_not_taken_for_ours(tmp_path: Path, settings: Settings) -> None:
    ensure_services(settings)
    known = load_state(settings.home, "valkey")
    assert known is not None
    assert find_process(known) is not None
    me = psutil.Process()
    for wrong in ({"pid": me.pid}, {"pid": me.pid, "created": me.create_time()}, {"created": known.created - 60}):
        save_state(tmp_path, type(known)(**{**json.loads(json.dumps(_as_dict(known))), **wrong}))
        assert find_process(load_state(tmp_path, "valkey")) is None


def test_an_unreadable_state_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "valkey.json").write_text("{half")
    assert load_state(tmp_path, "valkey") is None


def test_what_is_set_from_outside_is_neither_started_nor_stopped(services: Services, tmp_path: Path) -> None:
    outside = Settings(
        home=tmp_path,
        database_url=services.database_url,
        broker_url=services.broker_url,
        s3_endpoint_url=services.store.url,
    )
    found = running_services(outside)
    assert found.complete
    assert found.embedded == {}
    assert found.store.secret_key is None
    assert not stop_services(outside)
    assert all(psutil.pid_exists(pid) for pid in services.embedded.values())


def test_services_that_do_not_run_say_so(tmp_path: Path) -> None:
    with pytest.raises(ServicesNotRunning, match="personas up"):
        _ = running_services(Settings(home=tmp_path)).database_url


def test_a_new_webhook_starts_the_store_anew(settings: Settings, services: Services) -> None:
    webhook = Webhook("http://127.0.0.1:9/events/object-created", "token")
    told = ensure_services(settings, webhook)
    assert told.embedded["object_store"] != services.embedded["object_store"]
    assert told.store.url == services.store.url
    assert ensure_services(settings, webhook) == told
    assert ensure_services(settings) == told


def _as_dict(running: object) -> dict[str, object]:
    return {name: getattr(running, name) for name in ("name", "program", "pid", "created", "ports", "url")}


def _scalar(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def _write(services: Services, name: str) -> None:
    with psycopg.connect(services.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (name text, value text)")
        connection.execute("INSERT INTO kept VALUES (%s, 'kept')", (name,))
    with redis.Redis.from_url(services.broker_url) as broker:
        broker.set(name, "kept")
    services.store.connect().put_bytes(f"kept/{name}", b"kept")


def _read(services: Services, name: str) -> tuple[object, object, bytes]:
    with redis.Redis.from_url(services.broker_url) as broker:
        held = broker.get(name)
    kept = _scalar(services.database_url, f"SELECT value FROM kept WHERE name = '{name}'")
    return kept, held, services.store.connect().get_bytes(f"kept/{name}")


def _user(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        (sys.executable, "-c", USER, str(home)), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _line(user: subprocess.Popen[str]) -> tuple[dict[str, int], str]:
    assert user.stdout is not None
    embedded, url = json.loads(user.stdout.readline())
    return embedded, url


def _leave(user: subprocess.Popen[str]) -> bool:
    assert user.stdin is not None
    assert user.stdout is not None
    user.stdin.close()
    answer = bool(json.loads(user.stdout.readline()))
    assert wait_until(lambda: user.poll() is not None, 10)
    return answer
