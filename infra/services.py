"""Where the three services are: set from outside, or embedded and started here. Knows nothing of their use."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from infra.embedded import postgres, seaweedfs, valkey
from infra.embedded.process import wait_until
from infra.embedded.seaweedfs import Webhook
from infra.embedded.server import find
from infra.embedded.state import Running
from infra.lease import drop_lease, sole_user, take_lease
from infra.settings import Settings
from schemas.errors import PersonaImportError

if TYPE_CHECKING:
    from infra.objectstore import ObjectStore

_Service = TypeVar("_Service")


class ServicesNotRunning(PersonaImportError):
    """The services are not running; `personas up` starts them."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, slots=True)
class Address:
    """A service's URL, password and all; `pid` is None if it was set from outside."""

    url: str = field(repr=False)
    pid: int | None


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """The object store. Without keys the AWS library finds its own; `url` may be `aws`."""

    url: str
    bucket: str
    region: str
    access_key: str | None = field(repr=False)
    secret_key: str | None = field(repr=False)
    pid: int | None

    def connect(self) -> "ObjectStore":
        """A client for it; opens no connection yet."""
        from infra.objectstore import ObjectStore  # late: the AWS library takes longer to load than all else here

        return ObjectStore(self.url, self.bucket, self.region, self.access_key, self.secret_key)


@dataclass(frozen=True, slots=True)
class Services:
    """The three services; None stands for an embedded one that does not run."""

    postgres: Address | None
    broker: Address | None
    object_store: StoreAddress | None

    @property
    def database_url(self) -> str:
        """URL of the database. Raises `ServicesNotRunning`, like the two below."""
        return _running(self.postgres).url

    @property
    def broker_url(self) -> str:
        """URL of the broker."""
        return _running(self.broker).url

    @property
    def store(self) -> StoreAddress:
        """Address of the object store."""
        return _running(self.object_store)

    @property
    def complete(self) -> bool:
        """Whether all three are set from outside or run."""
        return None not in (self.postgres, self.broker, self.object_store)

    @property
    def embedded(self) -> dict[str, int]:
        """The embedded ones that run, by name, with their pids."""
        named = {"postgres": self.postgres, "broker": self.broker, "object_store": self.object_store}
        return {name: each.pid for name, each in named.items() if each is not None and each.pid is not None}


def ensure_services(settings: Settings, webhook: Webhook | None = None) -> Services:
    """Start whatever is neither set from outside nor running, side by side, and make the bucket; takes about a second.

    The calling process counts as a user of the embedded services until `stop_services` or its end. `webhook` is where
    a newly started embedded store tells of new objects. Raises `ServerFailed`.
    """
    if _embedded_names(settings):
        take_lease(settings.home)
    with ThreadPoolExecutor(3) as pool:
        database = pool.submit(_ensure, settings.database_url, lambda: postgres.start(settings.home))
        broker = pool.submit(_ensure, settings.broker_url, lambda: valkey.start(settings.home))
        store = pool.submit(_ensure_store, settings, webhook)
        return Services(database.result(), broker.result(), store.result())


def running_services(settings: Settings) -> Services:
    """What is set from outside or runs already; starts nothing, and asks only for live processes."""
    return Services(
        _find(settings, settings.database_url, postgres.SERVER.name),
        _find(settings, settings.broker_url, valkey.SERVER.name),
        _find_store(settings),
    )


def stop_services(settings: Settings, started_only: bool = True) -> bool:
    """Give up this process's use of the embedded services and stop them, cleanly and side by side.

    With `started_only` they stay if another process still uses them; without it they go in any case. Services set from
    outside are never touched. Returns whether they were stopped.
    """
    drop_lease(settings.home)
    if not _embedded_names(settings):
        return False
    with sole_user(settings.home) as alone:
        if alone or not started_only:
            with ThreadPoolExecutor(3) as pool:
                stopping = [pool.submit(stop, settings.home) for stop in _embedded_names(settings).values()]
                stopped = [each.result() for each in stopping]
                return any(stopped)
    return False


def _embedded_names(settings: Settings) -> dict[str, Callable[..., bool]]:
    """Name and stop function of each service that no setting points elsewhere."""
    every = (
        ("postgres", settings.database_url, postgres.stop),
        ("valkey", settings.broker_url, valkey.stop),
        ("seaweedfs", settings.s3_endpoint_url, seaweedfs.stop),
    )
    return {name: stop for name, url, stop in every if url is None}


def _ensure(url: str | None, start: Callable[[], Running]) -> Address:
    if url is not None:
        return Address(url, None)
    running = start()
    return Address(running.url, running.pid)


def _ensure_store(settings: Settings, webhook: Webhook | None) -> StoreAddress:
    if settings.s3_endpoint_url is None:
        running = seaweedfs.start(settings.home, settings.s3_bucket, webhook)
        store = _embedded_store(settings, running)
        # A new one makes the bucket by itself, in a moment; one that runs for another bucket has to be asked.
        if not wait_until(lambda: seaweedfs.has_bucket(running, settings.s3_bucket), 1.0):
            store.connect().ensure_bucket()
        return store
    address = _outside_store(settings, settings.s3_endpoint_url)
    address.connect().ensure_bucket()
    return address


def _find(settings: Settings, url: str | None, name: str) -> Address | None:
    if url is not None:
        return Address(url, None)
    running = find(name, settings.home)
    return Address(running.url, running.pid) if running else None


def _find_store(settings: Settings) -> StoreAddress | None:
    if settings.s3_endpoint_url is not None:
        return _outside_store(settings, settings.s3_endpoint_url)
    running = find(seaweedfs.NAME, settings.home)
    return _embedded_store(settings, running) if running else None


def _embedded_store(settings: Settings, running: Running) -> StoreAddress:
    keys = seaweedfs.credentials(settings.home)
    return StoreAddress(running.url, settings.s3_bucket, seaweedfs.REGION, *keys, running.pid)


def _outside_store(settings: Settings, url: str) -> StoreAddress:
    return StoreAddress(url, settings.s3_bucket, settings.region(), None, None, None)


def _running(service: _Service | None) -> _Service:
    if service is None:
        raise ServicesNotRunning
    return service
