"""Commands of staff while imports of the same account are at work: nobody waits for long, and the books hold."""

import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline import checkpoints
from pipeline.answers import approve
from pipeline.personas.archiving import archive_persona, restore_persona
from pipeline.stages import dedupe
from schemas.errors import Transient, WrongCommand
from tests.desk import Desk
from tests.factories.files import write_table
from tests.factories.people import People
from tests.factories.rows import Knobs, make_table
from tests.integration.test_scenarios import check_books
from tests.running import Running

pytestmark = pytest.mark.services

SHOPPERS = 60
#: Commands of one member of staff: then the imports may go on undisturbed, however slow the machine.
COMMANDS = 300


def test_commands_and_imports_at_once(system: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedupe, "PART_SIZE", 40)
    desk = Desk(system)
    over, faults, acted = threading.Event(), list[BaseException](), Counter[str]()
    staff = [threading.Thread(target=work, args=(desk, seed, over, faults, acted)) for seed in range(2)]
    for one in staff:
        one.start()
    statuses = []
    for seed in range(3):
        table = make_table(seed, Knobs(rows=600, shoppers=SHOPPERS))
        mapped = {header: field for header, field in table.mapping.items() if field}
        path = write_table(table, tmp_path / f"{seed}.csv")
        done = system.run_here(desk.name, path, map=mapped, ignore=["Junk"], replace_identifiers=seed == 1)
        done = go_on(system, done)
        if done["code"] == "too_many_rejects":
            # Where many were forgotten, many rows are blocked, and the gate asks a person.
            bells = approve(desk.tools, done["import_id"], accept_terms=False, again=False, by="tests")
            system.ring_here(bells)
            done = go_on(system, system.describe(done["import_id"]))
        statuses.append((done["status"], done["code"]))
    over.set()
    for one in staff:
        one.join(60)
    assert faults == []
    assert statuses == [("completed", None)] * 3
    assert len(acted) >= 6, acted
    check_books(system, desk.name)
    check_circles(system, desk.name)


def go_on(system: Running, done: dict[str, Any]) -> dict[str, Any]:
    """What the sweep does: a part that was in somebody's way is rung again."""
    deadline = time.monotonic() + 60
    while done["status"] == "running" and time.monotonic() < deadline:
        time.sleep(0.2)
        with system.system.engine.begin() as conn:
            bells = checkpoints.ring_unheld(conn, 0, 100)
        system.ring_here(bells)
        done = system.describe(done["import_id"])
    return done


def work(desk: Desk, seed: int, over: threading.Event, faults: list[BaseException], acted: Counter[str]) -> None:
    """Random commands while the imports are at work; refusals are part of the day."""
    rng, people = random.Random(seed), People()
    for _ in range(COMMANDS):
        if over.is_set():
            return
        one, other = (people.phone(rng.randrange(SHOPPERS)) for _ in range(2))
        name = rng.choice(["add", "edit", "phone", "archive", "restore", "merge", "unmerge", "forget", "stop"])
        try:
            command(desk, rng, name, one, other)
            acted[name] += 1
        except WrongCommand:
            continue
        except (Transient, Exception) as fault:  # noqa: BLE001 - told by the test's own thread
            faults.append(fault)
            return


def command(desk: Desk, rng: random.Random, name: str, one: str, other: str) -> None:
    match name:
        case "add":
            desk.add(phone=one, first_name="Ann", points="5", reason="welcome")
        case "edit":
            desk.edit(one, city="Reno", points="3", reason="sorry")
        case "phone":
            desk.edit(one, phone=other)
        case "archive":
            archive_persona(desk.tools, desk.account, one)
        case "restore":
            restore_persona(desk.tools, desk.account, one)
        case "merge":
            desk.merge(one, other)
        case "unmerge":
            desk.unmerge(one)
        case "forget" if rng.random() < 0.15:
            desk.forget(one)
        case "stop":
            desk.stop(desk.show(one)["persona_id"])


def check_circles(system: Running, name: str) -> None:
    """Whoever was merged away answers for somebody who was not, and has no balance of its own."""
    wrong = system.select(
        "SELECT p.id FROM personas p JOIN accounts a ON a.id = p.account_id "
        "LEFT JOIN personas s ON s.id = p.survivor_id "
        "WHERE a.name = :name AND p.status = 'merged' AND (s.id IS NULL OR s.status = 'merged' OR p.points <> 0)",
        name=name,
    )
    assert wrong == []
    dead = system.select(
        "SELECT l.persona_id FROM ledger l JOIN accounts a ON a.id = l.account_id "
        "WHERE a.name = :name AND NOT EXISTS (SELECT FROM personas p WHERE p.id = l.persona_id)",
        name=name,
    )
    assert dead == []
