"""Short ways to set up an oracle's world and to import a few hand-written rows into it."""

from datetime import date
from typing import Any

from tests.oracle import CellFault, ImportResult, Persona, World, apply_import

PHONE, OTHER_PHONE, FOREIGN_PHONE = "+14155552671", "+12125550187", "+447400123456"
TODAY = date(2026, 1, 31)


def new_world(**settings: Any) -> World:
    """An empty account in the United States on a fixed day."""
    return World(today=TODAY, **settings)


def person(world: World, **values: Any) -> Persona:
    """A persona that staff added, by stored values."""
    return world.add(values)


def load(world: World, *rows: dict[str, str | CellFault], import_id: int = 1, **options: Any) -> ImportResult:
    """Import rows given as field to cell; the headers are the fields' names, the first row stands on line 2."""
    headers = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[row.get(name, "") for name in headers] for row in rows]
    return apply_import(world, headers, cells, {name: name for name in headers}, options, import_id)


def only(world: World) -> Persona:
    """The one persona there is."""
    (persona,) = world.personas.values()
    return persona
