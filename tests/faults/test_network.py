"""Bad connections between workers and each service: late, cut, or half-open; the import goes on by itself."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults.customers import bring, find_differences
from tests.faults.fleet import PATIENCE, sailing
from tests.faults.invariants import find_violations
from tests.faults.proxy import Proxy, proxying
from tests.running import Running

pytestmark = pytest.mark.services

PARTS = ("--part-rows", "400", "--part-size", "200", "--impatient", "--session-timeout", "1500ms")
SERVICES = ("postgres", "broker", "store")


@pytest.fixture(scope="module")
def lines(ground: Running, harbour: Path) -> Iterator[dict[str, Proxy]]:
    """Two workers and a beat whose every connection goes through a proxy, by the name of the service."""
    services = ground.system.services
    urls = (services.database_url, services.broker_url, services.store.url)
    ports = [urlsplit(url).port or 0 for url in urls]
    with proxying(*ports) as proxies, ExitStack() as stack:
        new = [url.replace(f":{port}", f":{proxy.port}") for url, port, proxy in zip(urls, ports, proxies, strict=True)]
        variables = ("PERSONAS_DATABASE_URL", "PERSONAS_BROKER_URL", "PERSONAS_S3_ENDPOINT_URL")
        keys = {
            "AWS_ACCESS_KEY_ID": services.store.access_key or "",
            "AWS_SECRET_ACCESS_KEY": services.store.secret_key or "",
        }
        environment = {**dict(zip(variables, new, strict=True)), **keys}
        stack.enter_context(sailing(harbour, 2, *PARTS, environment=environment))
        yield dict(zip(SERVICES, proxies, strict=True))


@pytest.mark.parametrize("service", SERVICES)
def test_late_cut_and_half_open_connections(
    ground: Running, lines: dict[str, Proxy], tmp_path: Path, service: str
) -> None:
    weather(ground, lines[service], tmp_path, 900 + SERVICES.index(service), 1_000)


@pytest.mark.soak
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("seed", range(910, 940, 3))
def test_long_bad_weather(ground: Running, lines: dict[str, Proxy], tmp_path: Path, service: str, seed: int) -> None:
    weather(ground, lines[service], tmp_path, seed + SERVICES.index(service), 10_000, times=5)


def weather(ground: Running, line: Proxy, folder: Path, seed: int, rows: int, times: int = 1) -> None:
    """Late all the time; each time cut twice, then for a second and a half a black hole; and then no more."""
    customers, rng, before = bring(ground, folder, seed, rows), random.Random(seed), line.hits
    line.latency = 0.001
    ground.system.ring(customers.doorbells)
    while ground.describe(customers.import_id)["status"] == "received":
        time.sleep(0.02)
    for _ in range(times):
        for _ in range(2):
            time.sleep(rng.uniform(0.1, 0.3))
            line.cut()
        time.sleep(rng.uniform(0.1, 0.3))
        line.black_hole = True
        time.sleep(1.5)
        line.heal()
    healed = time.monotonic()
    ground.wait(customers.import_id, PATIENCE)
    assert line.hits > before
    assert time.monotonic() - healed < 120
    assert find_violations(ground, customers.account) == []
    assert find_differences(ground, customers) == []
