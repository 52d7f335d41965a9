"""Stories of one account: imports with options, and what staff and shoppers do to personas between them."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.factories.people import People
from tests.factories.rows import FileTable, Knobs, make_table
from tests.oracle import ImportResult, Persona, World, apply_import


@dataclass(frozen=True, slots=True)
class ImportStep:
    """One import; `options` by the names of the command line, with underscores."""

    table: FileTable
    options: Mapping[str, Any]
    format: str = "csv"


@dataclass(frozen=True, slots=True)
class CommandStep:
    """One command on the persona that `who` (stored phone or e-mail) finds; nobody found: nothing happens.

    Names: add edit archive restore merge unmerge forget shopper_stop shopper_start confirm_opt_ins. `values` are
    stored values of fields, for add and edit; `channel` is for the shopper's own words.
    """

    name: str
    who: str = ""
    other: str = ""
    channel: str = "sms"
    values: Mapping[str, Any] = field(default_factory=dict)
    on: bool = False


Step = ImportStep | CommandStep

_COMMANDS = (
    "archive",
    "archive",
    "unmerge",
    "restore",
    "merge",
    "merge",
    "unmerge",
    "restore",
    "forget",
    "edit",
    "add",
)
_SHOPPER = ("shopper_stop", "shopper_stop", "shopper_start", "confirm_opt_ins")


def make_scenario(seed: int, imports: int = 4, knobs: Knobs | None = None) -> list[Step]:
    """`imports` imports over one small pool of people, with up to eight commands after each but the last."""
    rng, chosen = random.Random(seed), knobs or Knobs(rows=60, shoppers=12)
    steps: list[Step] = []
    away: list[str] = []  # archived or merged earlier: whom restore and unmerge can be about
    for number in range(imports):
        table = make_table(rng.randrange(2**32), chosen)
        style = rng.choice(["csv", "xlsx", "xls"] if chosen.portable else ["csv"])
        steps.append(ImportStep(table, _options(rng), style))
        if number < imports - 1:
            steps.extend(_commands(rng, chosen.people, chosen.shoppers, away))
    return steps


def _options(rng: random.Random) -> dict[str, Any]:
    return {
        "opt_in": rng.choice([[], [], ["sms"], ["email"], ["sms", "email"]]),
        "on_conflict": rng.choice(["reject", "reject", "phone", "email"]),
        "replace_identifiers": rng.random() < 0.3,
        "only_fill_blanks": rng.random() < 0.2,
        "archived": rng.choice(["skip", "skip", "restore"]),
        "allow_negative_balance": rng.random() < 0.2,
        "date_order": rng.choice([None, None, "mdy", "dmy", "ymd"]),
    }


def _commands(rng: random.Random, people: People, shoppers: int, away: list[str]) -> Iterator[CommandStep]:
    for _ in range(rng.randrange(8)):
        who, other = (_somebody(rng, people, shoppers) for _ in range(2))
        name = rng.choice(_COMMANDS + _SHOPPER)
        if name in ("restore", "unmerge") and away:
            who = rng.choice(away)
        elif name in ("archive", "merge"):
            away.append(who if name == "archive" else other)
        values: dict[str, Any] = {"first_name": "Edited", "favorite_store": "Staff Pick"} if name == "edit" else {}
        if name == "add":
            values = {"phone": people.phone(shoppers + rng.randrange(5)), "last_name": "Added"}
        yield CommandStep(name, who, other, rng.choice(["sms", "email"]), values, rng.random() < 0.5)


def _somebody(rng: random.Random, people: People, shoppers: int) -> str:
    number = rng.randrange(shoppers)
    email = people.email(number).replace("müller", "xn--mller-kva")
    return rng.choice([people.phone(number), email])


def play_step(world: World, step: Step, import_id: int) -> ImportResult | None:
    """Let the oracle's world live through one step; the result is an import's."""
    if isinstance(step, CommandStep):
        run_command(world, step)
        return None
    table = step.table
    return apply_import(
        world, table.headers, table.rows, table.mapping, step.options, import_id, workbook=step.format != "csv"
    )


def run_command(world: World, step: CommandStep) -> bool:
    """Run one command; False where it could not act (nobody found, wrong status) and therefore changed nothing."""
    if step.name == "confirm_opt_ins":
        world.confirm_opt_ins = step.on
        return True
    persona = world.find(step.who)
    try:
        if step.name == "add":
            world.add(step.values)
        elif persona is None:
            return False
        else:
            _run_on(world, step, persona)
    except ValueError:
        return False
    return True


def _run_on(world: World, step: CommandStep, persona: Persona) -> None:
    if step.name == "merge":
        other = world.find(step.other)
        if other is None:
            raise ValueError("nobody to merge")
        world.merge(persona, other)
    elif step.name == "unmerge":
        # `who` names the merged persona by its own identifier, not the survivor that answers for it.
        world.unmerge(world.owner("phone", step.who) or world.owner("email", step.who) or persona)
    elif step.name == "edit":
        world.edit(persona, step.values)
    elif step.name in ("shopper_stop", "shopper_start"):
        getattr(world, step.name)(persona, step.channel)
    else:
        getattr(world, step.name)(persona)
