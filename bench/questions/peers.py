"""How fast is an import beside what a user could run instead, on the same rows?"""

import json
import os
import subprocess
import venv
from pathlib import Path
from typing import Any

from bench.limit import make_limit_database
from bench.questions.runs import middle_seconds, repeat, tell_runs
from bench.questions.sizes import Sizes
from bench.results import Answer, Finding, at_least_times, middle
from bench.system import ROOT, Bench

_HOME = ROOT / ".bench" / "peers"
_REQUIREMENTS = ROOT / "bench" / "peers" / "requirements.txt"
#: Module in bench/peers → what it is called, and how many times its rows a second ours must be.
_PEERS = {
    "dlt_merge": ("dlt merge", 3.0),
    "django_resource": ("django-import-export", 20.0),
    "rows_by_orm": ("row by row with an ORM", 25.0),
}


def measure(bench: Bench, sizes: Sizes) -> Answer:
    path = bench.file(sizes.rows, sizes.population)
    ours = repeat(bench, path, sizes)
    python, work = install_peers(), sizes.tell()
    if python is None:
        missing = Finding(work, sizes.rows / middle_seconds(ours), "rows/s", beside="the peers' packages can't be had")
        return Answer([missing], tell_runs(sizes, ours))
    findings, told = [], {}
    for module, (name, least) in _PEERS.items():
        told[module] = [run_peer(bench, python, module, path, sizes.population) for _ in range(sizes.runs)]
        theirs = sizes.rows / middle(each["seconds"] for each in told[module])
        findings.append(at_least_times(work, sizes.rows / middle_seconds(ours), theirs, name, least))
    return Answer(findings, tell_runs(sizes, ours) | {"peers": told})


def install_peers() -> Path | None:
    """The interpreter of an environment with all peers, made at first use; None: the packages can't be had."""
    python, stamp = _HOME / "bin" / "python", _HOME / "installed"
    wanted = _REQUIREMENTS.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        venv.create(_HOME, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*command, "-r", str(_REQUIREMENTS)], check=False).returncode:
            return None
        stamp.write_text(wanted, encoding="utf-8")
    return python


def run_peer(bench: Bench, python: Path, module: str, path: Path, population: int) -> dict[str, Any]:
    """One run of a peer on a fresh copy of the limit's tables; what it tells of itself."""
    database = bench.cluster.copy(make_limit_database(bench, population), "peer")
    people = bench.population_file(population)
    command = [str(python), "-m", f"bench.peers.{module}", str(path), str(people), bench.cluster.address(database)]
    environment = {**os.environ, "TMPDIR": str(bench.folder)}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


if __name__ == "__main__":
    install_peers()
