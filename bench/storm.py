"""`personas up` as a new user has it, and a file put into its bucket; once in peace, once while workers are killed.

python -m bench.storm --rows 100000 --kills 20
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis
from boto3.session import Session

from bench.generate import Shape, write_file
from bench.system import ROOT

_OPTIONS = {"accept_terms": True, "map": {"Veteran": "attribute:Veteran"}}
_OVER = {"completed", "failed", "cancelled", "needs_mapping", "needs_approval"}
_LONGEST = 600.0  # seconds
#: What differs between two homes, whatever happens: the moment, and a number that only tells who was first.
_OF_THE_MOMENT = {"persona_id", "at"}


@dataclass(frozen=True, slots=True)
class Home:
    """A home in which `personas up` runs."""

    folder: Path
    supervisor: int

    def ask(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "console.cli", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=_environment(self.folder), check=True, capture_output=True, text=True
        ).stdout

    def state(self) -> dict[str, Any]:
        return dict(json.loads(self.ask("status", "--json")))

    def put(self, path: Path) -> None:
        """As any S3 client would."""
        place = self.state()["services"]["object_store"]
        client = Session().client(
            "s3",
            endpoint_url=place["url"],
            region_name=place["region"],
            aws_access_key_id=place["access_key"],
            aws_secret_access_key=place["secret_key"],
        )
        key = f"uploads/default/{path.stem}"
        client.put_object(Bucket=place["bucket"], Key=f"{key}.options.json", Body=json.dumps(_OPTIONS).encode())
        client.upload_file(str(path), place["bucket"], f"{key}.csv")

    def personas(self) -> list[str]:
        """Every persona, whole, but for what is of the moment; in an order that any two homes share."""
        told = (_lasting(json.loads(line)) for line in self.ask("export").splitlines())
        return sorted(json.dumps(each, sort_keys=True) for each in told)

    def import_(self) -> dict[str, Any]:
        (told,) = json.loads(self.ask("history", "--json"))
        kept = ("status", "rows", "rejects", "notices", "points", "consent", "texts")
        return {name: told[name] for name in kept} | {"members": told["audience"]["members"]}


@dataclass(frozen=True, slots=True)
class Result:
    """How an import went, and what it left."""

    seconds: float
    strikes: int
    told: dict[str, Any]
    personas: list[str]


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.storm", description=__doc__)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--kills", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=1)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="personas-storm-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "customers.csv"
        write_file(Shape(asked.rows, seed=asked.seed), path)
        peace = run(path, Path(folder) / "peace", [])
        rng = random.Random(asked.seed)
        moments = sorted(rng.uniform(0.0, 0.8 * peace.seconds) for _ in range(asked.kills))
        storm = run(path, Path(folder) / "storm", moments, rng)
    print(
        f"undisturbed {peace.seconds:.1f} s; {storm.strikes} kills and a flushed broker: {storm.seconds:.1f} s,", end=""
    )
    print(f" {storm.seconds / peace.seconds:.1f} times as long")
    same = (storm.told, storm.personas) == (peace.told, peace.personas)
    print("the same result" if same else f"ANOTHER RESULT: {peace.told} {storm.told}")
    sys.exit(0 if same and storm.told["status"] == "completed" else 1)


def run(path: Path, folder: Path, moments: list[float], rng: random.Random | None = None) -> Result:
    """Put the file, strike at these moments after it (the broker in the middle of them), and wait for the end."""
    with up(folder) as home:
        state = home.state()
        home.put(path)
        began, strikes, flushed = time.monotonic(), 0, not moments
        with psycopg.connect(state["services"]["postgres"]["url"], autocommit=True) as database:
            while (status := _status(database)) not in _OVER and time.monotonic() - began < _LONGEST:
                time.sleep(0.02)
                passed = time.monotonic() - began
                if rng is not None and strikes < len(moments) and moments[strikes] <= passed:
                    strikes += 1
                    _kill_somebody(home, rng)
                if not flushed and strikes >= len(moments) / 2:
                    flushed = True
                    with redis.Redis.from_url(state["services"]["broker"]["url"]) as broker:
                        broker.flushall()
        seconds = time.monotonic() - began
        print(f"{folder.name}: {status} after {seconds:.1f} s, {strikes} kills", file=sys.stderr)
        return Result(seconds, strikes, home.import_(), home.personas())


def _kill_somebody(home: Home, rng: random.Random) -> None:
    """SIGKILL for any process of any worker, be it started a moment ago."""
    for _try in range(100):
        with suppress(psutil.NoSuchProcess):
            mains = [each for each in psutil.Process(home.supervisor).children() if "worker" in each.cmdline()]
            processes = [each for main in mains for each in (main, *main.children(recursive=True))]
            if processes:
                rng.choice(processes).kill()
                return
        time.sleep(0.02)


def _status(database: psycopg.Connection[Any]) -> str | None:
    row = database.execute("SELECT status FROM imports ORDER BY id LIMIT 1").fetchone()
    return row[0] if row else None


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lasting(each) for name, each in value.items() if name not in _OF_THE_MOMENT}
    return [_lasting(each) for each in value] if isinstance(value, list) else value


@contextmanager
def up(folder: Path) -> Iterator[Home]:
    """`personas up` in this new home, until the block ends."""
    folder.mkdir()
    with (folder / "up.log").open("wb") as log:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "console.cli", "up"], cwd=ROOT, env=_environment(folder), stderr=log, stdout=log
        )
    home = Home(folder, supervisor.pid)
    try:
        while len(home.state()["services"]) < 5 or not home.state()["workers"]:
            time.sleep(0.2)
        # Workers are noted a moment before they take their first task.
        time.sleep(3)
        yield home
    finally:
        supervisor.terminate()
        supervisor.wait(180)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PERSONAS_")}
    return kept | {"PERSONAS_HOME": str(folder), "PERSONAS_FLOWER_PORT": "0", "PERSONAS_CONSOLE_PORT": "0"}


if __name__ == "__main__":
    main()
