"""The console's HTTP server as a process. What it serves is in `web`."""

import socket
from typing import TYPE_CHECKING

from console.processes import CONSOLE, noted
from console.up import web_url
from schemas.errors import WrongCommand
from schemas.roles import Role

if TYPE_CHECKING:
    from infra.services import Services
    from infra.settings import Settings


def run_console(settings: "Settings", services: "Services", host: str, port: int) -> None:
    """Serve until the process is asked to stop. Raises `WrongCommand` if the address can't be used."""
    import uvicorn

    from console.web import make_app
    from infra.log import configure_logging
    from workers.bootstrap import open_system

    listener = _listen(host, port)
    configure_logging(CONSOLE)
    system = open_system(settings, services, Role.STAFF)
    server = uvicorn.Server(uvicorn.Config(make_app(system), log_config=None, access_log=False, server_header=False))
    try:
        with noted(settings.home, CONSOLE, web_url(host, listener.getsockname()[1])):
            server.run(sockets=[listener])
    finally:
        system.close()


def _listen(host: str, port: int) -> socket.socket:
    """Bound before the server starts, so that the address is known when it is noted."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise WrongCommand(f"The address {host}:{port} can't be used: {error.strerror}.") from None
    return listener
