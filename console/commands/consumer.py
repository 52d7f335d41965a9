"""The command that takes events off the queue of the bucket. Owns the process, not what it does."""

import signal
import sys
from typing import Annotated

import typer

from console.processes import CONSUMER, follow_parent, noted
from schemas.errors import WrongCommand
from schemas.roles import Role


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(CONSUMER)(consumer)


def consumer(
    parent: Annotated[int | None, typer.Option(hidden=True, help="Stop when this process is gone.")] = None,
) -> None:
    """Take bucket events off the SQS queue that PERSONAS_EVENTS_QUEUE_URL names."""
    follow_parent(parent)
    from infra.eventqueue import EventQueue
    from infra.log import configure_logging
    from infra.services import ensure_services
    from infra.settings import load_settings
    from workers.bootstrap import open_system
    from workers.intake.consumer import consume

    settings = load_settings()
    if settings.events_queue_url is None:
        raise WrongCommand("PERSONAS_EVENTS_QUEUE_URL is not set: there is no queue to take events from.")
    configure_logging(CONSUMER)
    system = open_system(settings, ensure_services(settings), Role.WORKER, f"personas {CONSUMER}")
    # Ended in the middle of anything, it has lost nothing: what was not deleted comes again.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with noted(settings.home, CONSUMER):
        try:
            consume(system, EventQueue(settings.events_queue_url, settings.region()))
        finally:
            system.close()
