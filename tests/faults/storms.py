"""What goes wrong around an import at random moments: one strike after another until it is over, chosen by a seed."""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import redis
from sqlalchemy import text

from infra.embedded import valkey
from infra.embedded.server import find
from schemas.states import FINAL
from tests.faults.fleet import Fleet
from tests.running import Running


@dataclass(frozen=True, slots=True)
class Target:
    """What a strike can hit."""

    ground: Running
    home: Path
    fleet: Fleet
    workers: int


Strike = Callable[[Target, random.Random], None]


def rage(
    target: Target, import_id: int, seed: int, strike: Strike, most: int, pause: tuple[float, float] = (0.1, 0.6)
) -> int:
    """Strike while the import is on its way, at most `most` times, with pauses of so many seconds; how often."""
    rng, struck = random.Random(seed), 0
    while target.ground.describe(import_id)["status"] == "received":
        time.sleep(0.02)
    while struck < most:
        time.sleep(rng.uniform(*pause))
        if target.ground.describe(import_id)["status"] in FINAL:
            break
        strike(target, rng)
        struck += 1
    return struck


def kill_somebody(target: Target, rng: random.Random) -> None:
    """SIGKILL for a process of a pool, mostly; or for a worker's main process, whose pool may live on for a moment."""
    number = rng.randint(1, target.workers)
    victims = target.fleet.children(number)
    with suppress(psutil.NoSuchProcess, ProcessLookupError):
        if victims and rng.random() < 0.7:
            rng.choice(victims).kill()
        else:
            os.kill(target.fleet.pid(number), signal.SIGKILL)


def restart_somebody(target: Target, rng: random.Random) -> None:
    """SIGTERM for a worker, as in a rolling restart: it finishes the part at hand, and another takes its place."""
    with suppress(ProcessLookupError):
        os.kill(target.fleet.pid(rng.randint(1, target.workers)), signal.SIGTERM)


def end_sessions(target: Target, rng: random.Random) -> None:
    """The database ends one or two sessions of workers, whatever they are at."""
    statement = text(
        "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity"
        " WHERE application_name = 'personas worker' ORDER BY hashint8extended(pid, :salt) LIMIT :n) chosen"
    )
    with target.ground.system.engine.begin() as conn:
        conn.execute(statement, {"salt": rng.randrange(2**31), "n": rng.randint(1, 2)})


def flush_broker(target: Target, rng: random.Random) -> None:
    """Every message is gone."""
    with redis.Redis.from_url(target.ground.system.services.broker_url) as client:
        # Not somebody else's: the server must say of itself that it is the one we started.
        running = find(valkey.SERVER.name, target.home)
        assert running is not None
        assert client.info("server")["process_id"] == running.pid
        client.flushall()


def lose_broker(target: Target, rng: random.Random) -> None:
    """The broker dies with everything it had, is away for a moment, and comes back empty."""
    running = find(valkey.SERVER.name, target.home)
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    time.sleep(rng.uniform(0.2, 0.8))
    shutil.rmtree(target.home / "valkey" / "appendonlydir")
    assert valkey.start(target.home).url == target.ground.system.services.broker_url
