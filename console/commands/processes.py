"""The commands that run processes: up, and each of its parts for a process manager or a container."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from console.processes import BEAT, WORKER, follow_parent, noted

if TYPE_CHECKING:
    from infra.services import Services
    from infra.settings import Settings

Parent = Annotated[int | None, typer.Option(hidden=True, help="Stop when this process is gone.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("up")(up)
    app.command("worker")(worker)
    app.command("beat")(beat)
    app.command("flower")(flower)
    app.command("console")(console)


def up(
    host: Annotated[str | None, typer.Option(help="Address that the console listens on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port of the console; 0: any free one.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="How many workers.")] = None,
) -> None:
    """Run the whole system in the foreground; Ctrl-C stops it."""
    from console.up import run_system
    from infra.settings import load_settings

    run_system(load_settings(), host, port, workers)


def worker(
    name: Annotated[str | None, typer.Option(help="Its name in `status` and Flower.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Tasks at a time.")] = 1,
    small_files: Annotated[bool, typer.Option("--small-files", help="Take files of up to 2 MiB alone.")] = False,
    parent: Parent = None,
) -> None:
    """Run one worker."""
    follow_parent(parent)
    from workers.app import run_worker

    settings, services = _join()
    name = name or f"{WORKER}-{os.getpid()}"
    with noted(settings.home, name):
        run_worker(services.broker_url, name, concurrency, small_files=small_files)


def beat(
    name: Annotated[str, typer.Option(help="Its name in the home folder.")] = BEAT,
    parent: Parent = None,
) -> None:
    """Run the clock of the periodic tasks; one is enough."""
    follow_parent(parent)
    from workers.app import run_beat

    settings, services = _join()
    with noted(settings.home, name):
        # When each task is due next needs no keeping: all of them are due within the hour.
        schedule = str(settings.home / "run" / f"{name}.schedule")
        run_beat(services.broker_url, schedule, settings.bucket_sweep_seconds)


def flower(
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port, on loopback; 0: any free one.")] = None,
    parent: Parent = None,
) -> None:
    """Run Flower, which shows the tasks; behind a password, and for looking only."""
    follow_parent(parent)
    from console.flower import run_flower

    settings, services = _join()
    run_flower(settings, services, port)


def console(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0: any free one.")] = None,
    parent: Parent = None,
) -> None:
    """Run the console's HTTP server."""
    follow_parent(parent)
    from console.serving import run_console

    settings, services = _join()
    run_console(settings, services, host or settings.console_host, settings.console_port if port is None else port)


def _join() -> "tuple[Settings, Services]":
    """The services, of which this process is a user until its end; embedded ones are started if need be."""
    from infra.services import ensure_services
    from infra.settings import load_settings

    settings = load_settings()
    return settings, ensure_services(settings)
