"""The system as `personas up` runs it: which processes, where, and what is said about them. Knows no tasks."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from console.printing import say
from console.processes import BEAT, CONSOLE, CONSUMER, FLOWER, WORKER, noted
from console.state import without_password
from console.supervisor import Child, Family, StopSignal, sole_supervisor
from schemas.errors import PersonaImportError, WrongCommand

if TYPE_CHECKING:
    from infra.embedded.seaweedfs import Webhook
    from infra.services import Services
    from infra.settings import Settings

_LOOPBACK = "127.0.0.1"
_CHECK_SECONDS = 1.0
_SMALL_FILES = "small-files"


@dataclass(frozen=True, slots=True)
class Plan:
    """What shall run and where it listens."""

    host: str
    port: int
    flower_port: int
    workers: int
    events_queue_url: str | None = None


def run_system(settings: "Settings", host: str | None, port: int | None, workers: int | None) -> None:
    """Run everything until a signal asks to stop. Raises `WrongCommand` if it runs already, or the port is taken."""
    with sole_supervisor(settings.home):
        stop = StopSignal()
        plan = Plan(
            host=host or settings.console_host,
            port=choose_port(host or settings.console_host, settings.console_port if port is None else port, port),
            flower_port=choose_port(_LOOPBACK, settings.flower_port),
            workers=workers or settings.workers,
            events_queue_url=settings.events_queue_url,
        )
        with _services(settings, plan) as services, noted(settings.home, "up"):
            family = Family(_children(plan), settings.home, say)
            try:
                family.tend()
                _announce(settings, services, plan)
                _tend(settings, plan, family, stop)
            finally:
                say("Stopping; workers finish what they are at. Ctrl-C again does not wait.")
                family.stop(stop.is_urgent)
        say("Stopped.")


def choose_port(host: str, wished: int, insisted: int | None = None) -> int:
    """The wished port if it is free, else any. Raises `WrongCommand` if somebody insists on one that is taken."""
    for port in (wished, 0):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return int(probe.getsockname()[1])
            except OSError:
                if insisted is not None:
                    break
    raise WrongCommand(f"The address {host}:{wished} can't be used; name another with --host and --port.")


def web_url(host: str, port: int) -> str:
    """The address as one types it on this machine."""
    reachable = {"0.0.0.0": _LOOPBACK, "::": "[::1]"}.get(host, host)  # noqa: S104 - read, not bound
    return f"http://{reachable}:{port}"


@contextmanager
def _services(settings: "Settings", plan: Plan) -> Iterator["Services"]:
    from console.session import update_schema
    from infra.services import ensure_services, stop_services

    try:
        services = ensure_services(settings, _webhook(settings, plan))
        update_schema(services.database_url)
        yield services
    finally:
        stop_services(settings)


def _webhook(settings: "Settings", plan: Plan) -> "Webhook":
    from infra.embedded.seaweedfs import Webhook

    return Webhook(f"{web_url(plan.host, plan.port)}/events/object-created", settings.event_secrets()[0])


def _children(plan: Plan) -> list[Child]:
    workers = [f"{WORKER}-{number}" for number in range(1, plan.workers + 1)]
    small = f"{WORKER}-{_SMALL_FILES}"
    queue = [Child(CONSUMER, (CONSUMER,))] if plan.events_queue_url else []
    return [
        *(Child(name, (WORKER, "--name", name)) for name in workers),
        Child(small, (WORKER, "--name", small, f"--{_SMALL_FILES}")),
        *queue,
        Child(BEAT, (BEAT,)),
        Child(FLOWER, (FLOWER, "--port", str(plan.flower_port))),
        Child(CONSOLE, (CONSOLE, "--host", plan.host, "--port", str(plan.port))),
    ]


def _tend(settings: "Settings", plan: Plan, family: Family, stop: StopSignal) -> None:
    """Until we are asked to stop: start again what has died, our own processes and the embedded services alike."""
    from infra.services import ensure_services, running_services

    checked = time.monotonic()
    while not stop.wait():
        family.tend()
        if time.monotonic() - checked < _CHECK_SECONDS:
            continue
        checked = time.monotonic()
        if not running_services(settings).complete:
            say("A service has ended and is started again.")
            try:
                # At its old address, if that is free: whoever uses it connects again by itself.
                ensure_services(settings, _webhook(settings, plan))
            except PersonaImportError as error:
                say(str(error))


def _announce(settings: "Settings", services: "Services", plan: Plan) -> None:
    password = "the one set" if settings.flower_password else f"in {_flower_password_file(settings)}"
    addresses = {
        "PostgreSQL": without_password(services.database_url),
        "broker": without_password(services.broker_url),
        "object store": f"{services.store.url} (bucket {services.store.bucket})",
        "Flower": f"{web_url(_LOOPBACK, plan.flower_port)} (user personas, password {password})",
        "console": web_url(plan.host, plan.port),
        "workers": f"{plan.workers}, and one for small files",
        **({"event queue": plan.events_queue_url} if plan.events_queue_url else {}),
        "logs": str(settings.home / "logs"),
    }
    for name, address in addresses.items():
        say(f"{name:<13} {address}")
    say("Ctrl-C stops all of it.")


def _flower_password_file(settings: "Settings") -> Path:
    from infra.secretfiles import SECRETS_FOLDER

    settings.flower_secret()
    return settings.home / SECRETS_FOLDER / "flower_password"
