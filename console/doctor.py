"""Checks every service and setting and says what to do. Starts nothing and changes nothing."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.flower import UNAUTHENTICATED
from infra.services import Services, running_services
from infra.settings import Settings, load_settings, unknown_variables
from schemas.errors import PersonaImportError

if TYPE_CHECKING:
    from infra.services import StoreAddress

_LEAST_DISK = 2 << 30  # bytes
_LEAST_POSTGRES = 160_000
_MOST_SKEW = 60.0  # seconds
_PROBE_FOLDER = "imports/doctor/"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, and what to do where it is not fine."""

    subject: str
    is_fine: bool
    said: str


def examine() -> list[Finding]:
    """Every check, in order; one that can't be made is a finding, not an error."""
    try:
        settings = load_settings()
    except PersonaImportError as error:
        return [Finding("settings", False, str(error))]
    services = running_services(settings)
    return [*_settings(settings), *_home(settings), *_flower(), *_services(services), *_workers(settings)]


def _settings(settings: Settings) -> Iterator[Finding]:
    unknown = [name for name in unknown_variables(os.environ) if name != "PERSONAS_DEBUG"]
    said = f"No setting reads {', '.join(unknown)}; check the spelling." if unknown else "All variables are known."
    yield Finding("settings", not unknown, said)
    outside = (settings.database_url, settings.broker_url, settings.s3_endpoint_url)
    if all(outside) and settings.blocklist_key is None:
        said = "Set PERSONAS_BLOCKLIST_KEY: the one in the home folder is lost with this machine."
        yield Finding("blocklist key", False, said)


def _home(settings: Settings) -> Iterator[Finding]:
    folder = next(each for each in (settings.home, *settings.home.parents) if each.exists())
    if not os.access(folder, os.W_OK):
        yield Finding("home", False, f"{folder} can't be written to; set PERSONAS_HOME to a folder that can.")
        return
    free = shutil.disk_usage(folder).free
    fine = free >= _LEAST_DISK
    said = f"{settings.home}, {free / 2**30:.1f} GB free"
    yield Finding("home", fine, said if fine else f"{said}; make room, or move PERSONAS_HOME.")


def _flower() -> Iterator[Finding]:
    if UNAUTHENTICATED in os.environ:
        yield Finding("Flower", False, f"Remove {UNAUTHENTICATED}: it lets anybody stop the workers.")


def _services(services: Services) -> Iterator[Finding]:
    checks: list[tuple[str, object, Callable[[], Iterator[Finding]]]] = [
        ("PostgreSQL", services.postgres, lambda: _postgres(services.database_url)),
        ("broker", services.broker, lambda: _broker(services.broker_url)),
        ("object store", services.object_store, lambda: _store(services.store)),
    ]
    for subject, address, check in checks:
        if address is None:
            yield Finding(subject, True, "The embedded one does not run; `personas up` starts it.")
            continue
        try:
            yield from check()
        except Exception as error:  # noqa: BLE001 - whatever a service does wrong is what the doctor is to tell
            said = f"It can't be used ({type(error).__name__}); check that it runs, its address and its password."
            yield Finding(subject, False, said)


def _postgres(url: str) -> Iterator[Finding]:
    from datetime import UTC, datetime

    from sqlalchemy import text

    from infra.database import make_engine
    from infra.roles import missing_roles, what_to_type

    engine = make_engine(url, "personas doctor", None)
    try:
        with engine.connect() as conn:
            version = int(conn.execute(text("SHOW server_version_num")).scalar_one())
            now = conn.execute(text("SELECT clock_timestamp()")).scalar_one()
            migrated = conn.execute(text("SELECT to_regclass('imports') IS NOT NULL")).scalar_one()
            missing = missing_roles(conn)
            advice = what_to_type(conn)
    finally:
        engine.dispose()
    fine = version >= _LEAST_POSTGRES
    yield Finding("PostgreSQL", fine, f"Version {version // 10_000}" + ("" if fine else "; 16 or later is needed."))
    said = "There are no tables yet; run `personas migrate`." if not migrated else "The tables are there."
    yield Finding("schema", bool(migrated), said)
    if migrated:
        said = (
            f"The login can't take the roles of all processes. {advice}" if missing else "The login can take them all."
        )
        yield Finding("roles", not missing, said)
    skew = abs((datetime.now(UTC) - now).total_seconds())
    if skew > _MOST_SKEW:
        yield Finding(
            "clock", False, f"This machine's clock and the database's differ by {skew:.0f} s; set them right."
        )


def _broker(url: str) -> Iterator[Finding]:
    from redis import Redis

    with Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as broker:
        broker.ping()
        policy = str(broker.info("memory").get("maxmemory_policy", "noeviction"))
    fine = policy == "noeviction"
    said = "It answers." if fine else f"Its maxmemory-policy is {policy}: set noeviction, or it forgets queues."
    yield Finding("broker", fine, said)


def _store(address: "StoreAddress") -> Iterator[Finding]:
    store = address.connect()
    # Not below uploads, where it would be an import.
    probe = f"{_PROBE_FOLDER}probe"
    store.put_bytes(probe, b"probe")
    fine = store.get_bytes(probe) == b"probe"
    store.delete_prefix(_PROBE_FOLDER)
    said = f"The bucket {address.bucket} can be written and read." if fine else "It does not give back what was put."
    yield Finding("object store", fine, said)


def _workers(settings: Settings) -> Iterator[Finding]:
    from console.processes import BEAT, WORKER, list_processes

    workers, beats = list_processes(settings.home, WORKER), list_processes(settings.home, BEAT)
    fine = bool(workers) == bool(beats)
    said = f"{len(workers)} workers, {len(beats)} beat in this home"
    yield Finding("processes", fine, said if fine else f"{said}; workers need one beat, and beat needs workers.")
