"""What is running, as `status` tells it. Asks only for live processes: opens no connection and starts nothing."""

from typing import TYPE_CHECKING, Any

from console.processes import BEAT, CONSOLE, CONSUMER, FLOWER, WORKER, list_processes

if TYPE_CHECKING:
    from infra.services import Address, StoreAddress
    from infra.settings import Settings


def describe_state(settings: "Settings") -> dict[str, Any]:
    """Services and workers with addresses and pids; secrets only of what was started here.

    Beat and consumer are named only if there are any.
    """
    from infra.services import running_services

    services = running_services(settings)
    found: dict[str, Any] = {}
    if services.postgres is not None:
        found["postgres"] = _address(services.postgres)
    if services.broker is not None:
        found["broker"] = _address(services.broker)
    if services.object_store is not None:
        found["object_store"] = _store(services.object_store)
    for kind in (FLOWER, CONSOLE):
        for running in list_processes(settings.home, kind):
            found[kind] = {"url": running.url, "pid": running.pid}
    others = {kind: _processes(settings, kind) for kind in (BEAT, CONSUMER)}
    named = {kind: processes for kind, processes in others.items() if processes}
    return {"services": found, "workers": _processes(settings, WORKER), **named}


def _processes(settings: "Settings", kind: str) -> list[dict[str, Any]]:
    return [{"name": each.name, "pid": each.pid} for each in list_processes(settings.home, kind)]


def _address(address: "Address") -> dict[str, Any]:
    return {"url": address.url if address.pid is not None else without_password(address.url), "pid": address.pid}


def _store(store: "StoreAddress") -> dict[str, Any]:
    keys = (store.access_key, store.secret_key) if store.pid is not None else (None, None)
    return {
        "url": store.url,
        "bucket": store.bucket,
        "access_key": keys[0],
        "secret_key": keys[1],
        "region": store.region,
        "pid": store.pid,
    }


def without_password(url: str) -> str:
    """The address without what opens it, in user part and query alike."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    user = parts.username
    return parts._replace(netloc=f"{user}@{place}" if user else place, query="").geturl()
