"""Stories of one account, played to the product and to the oracle: after each step both tell the same."""

import random
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import text

from pipeline.personas import accounts, consent
from pipeline.personas.archiving import archive_persona, restore_persona
from pipeline.personas.changes import Manner
from pipeline.personas.editing import add_persona, edit_persona
from pipeline.personas.forgetting import forget_persona
from pipeline.personas.merging import merge_personas
from pipeline.personas.naming import name_persona
from pipeline.personas.unmerging import unmerge_persona
from pipeline.work import Account
from schemas.errors import WrongCommand
from tests.factories.people import People
from tests.factories.rows import Knobs, make_table
from tests.factories.scenarios import CommandStep, ImportStep, make_scenario, run_command
from tests.integration.test_equivalence import check_same, import_both, make_world
from tests.oracle import World, compare
from tests.running import Running

pytestmark = pytest.mark.services

STAFF = Manner("tests", "because")


@pytest.mark.parametrize("seed", range(100, 115))
def test_product_and_oracle_live_through_the_same_story(system: Running, tmp_path: Any, seed: int) -> None:
    name, world = system.make_account(), make_world()
    for number, step in enumerate(make_scenario(seed)):
        if isinstance(step, ImportStep):
            done, expected = import_both(system, name, world, step.table, tmp_path, step.format, **dict(step.options))
            check_same(system, name, world, done, expected)
        else:
            acted = run_command(world, step)
            assert carry_out(system, name, step) == acted, (number, step)
            assert compare(system.export(name), world.export()) == [], (number, step)
    check_books(system, name)


def carry_out(system: Running, name: str, step: CommandStep) -> bool:
    """Let the product live through one command; False where it was refused."""
    with system.system.engine.connect() as conn:
        account = accounts.find_account(conn, name)
    try:
        _carry_out(system, account, step)
    except WrongCommand:
        return False
    return True


def _carry_out(system: Running, account: Account, step: CommandStep) -> None:
    tools = system.system.tools
    match step.name:
        case "confirm_opt_ins":
            with tools.engine.begin() as conn:
                conn.execute(
                    text("UPDATE accounts SET confirm_opt_ins = :on WHERE id = :id"), {"on": step.on, "id": account.id}
                )
        case "add":
            add_persona(tools, account, _texts(step.values), STAFF)
        case "edit":
            edit_persona(tools, account, step.who, _texts(step.values), STAFF)
        case "archive":
            archive_persona(tools, account, step.who)
        case "restore":
            restore_persona(tools, account, step.who)
        case "merge":
            merge_personas(tools, account, step.who, step.other, by="tests")
        case "unmerge":
            unmerge_persona(tools, account, step.who, by="tests")
        case "forget":
            forget_persona(tools, account, step.who)
        case "shopper_stop" | "shopper_start":
            say = getattr(consent, step.name)
            with tools.engine.begin() as conn:
                say(conn, account.id, name_persona(conn, account, step.who).answering, step.channel)
        case other:
            raise AssertionError(other)


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def check_books(system: Running, name: str) -> None:
    """Balances are the sums of ledgers, and the last event of a channel is its state."""
    wrong = system.select(
        "SELECT p.id FROM personas p JOIN accounts a ON a.id = p.account_id WHERE a.name = :name "
        "AND p.points <> coalesce((SELECT sum(delta) FROM ledger l WHERE l.persona_id = p.id), 0)",
        name=name,
    )
    assert wrong == []
    for channel in ("sms", "email"):
        wrong = system.select(
            f"SELECT p.id, p.{channel}_consent, last.new FROM personas p JOIN accounts a ON a.id = p.account_id "
            "CROSS JOIN LATERAL (SELECT new FROM consent_events e WHERE e.persona_id = p.id AND e.channel = :channel "
            f"ORDER BY at DESC, line DESC LIMIT 1) last WHERE a.name = :name AND p.{channel}_consent <> last.new",
            name=name,
            channel=channel,
        )
        assert wrong == []


@pytest.mark.parametrize("seed", range(6))
def test_merging_and_unmerging_over_and_over(system: Running, tmp_path: Any, seed: int) -> None:
    """Few shoppers, many merges on merges, undone in any order, with files and the shoppers' own words between."""
    rng, people, shoppers = random.Random(seed), People(), 7
    name, world = system.make_account(), make_world()
    steps = ["merge"] * 6 + ["unmerge"] * 6 + ["shopper_stop", "shopper_start", "edit", "archive", "restore", "import"]
    import_small(system, name, world, seed, tmp_path)
    for number in range(40):
        word = rng.choice(steps)
        if word == "import":
            import_small(system, name, world, rng.randrange(2**32), tmp_path)
            continue
        who, other = (people.phone(rng.randrange(shoppers)) for _ in range(2))
        values = {"city": rng.choice(["Reno", "Ely"]), "attribute:Shoe": "44"} if word == "edit" else {}
        step = CommandStep(word, who, other, rng.choice(["sms", "email"]), values)
        acted = run_command(world, step)
        assert carry_out(system, name, step) == acted, (number, step)
        assert compare(system.export(name), world.export()) == [], (number, step)
    check_books(system, name)


def import_small(system: Running, name: str, world: World, seed: int, folder: Any) -> None:
    table = make_table(seed, Knobs(rows=14, shoppers=7, tangled=1.0))
    done, expected = import_both(system, name, world, table, folder, "csv")
    check_same(system, name, world, done, expected)
