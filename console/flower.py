"""Flower as we allow it: on loopback, behind a password, for looking only. The truth is the import history."""

import os
from typing import TYPE_CHECKING

from console.processes import FLOWER, noted
from console.up import choose_port, web_url

if TYPE_CHECKING:
    from infra.services import Services
    from infra.settings import Settings

USER = "personas"
_LOOPBACK = "127.0.0.1"
#: Opens Flower's API to anybody, who can then stop workers with it.
UNAUTHENTICATED = "FLOWER_UNAUTHENTICATED_API"


def run_flower(settings: "Settings", services: "Services", port: int | None) -> None:
    """Run Flower in this process until it is stopped."""
    from infra.log import configure_logging
    from workers.app import make_app

    configure_logging(FLOWER)
    chosen = choose_port(_LOOPBACK, settings.flower_port if port is None else port, port)
    os.environ.pop(UNAUTHENTICATED, None)
    # Not as an argument: everybody on the machine can read those.
    os.environ["FLOWER_BASIC_AUTH"] = f"{USER}:{settings.flower_secret()}"
    with noted(settings.home, FLOWER, web_url(_LOOPBACK, chosen)):
        make_app(services.broker_url).start(
            ["flower", f"--address={_LOOPBACK}", f"--port={chosen}", "--persistent=False", "--read_only=True"]
        )
