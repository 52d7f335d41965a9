"""The commands that read personas: find, export. Change nothing."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from console.commands.parameters import AccountName, AsJson
from console.printing import put_json, put_line, say, screen
from console.session import open_reading, open_session
from schemas.roles import Role


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("find")(find)
    app.command("export")(export)


def find(query: str, account: AccountName = "default", as_json: AsJson = False) -> None:
    """Find personas by phone, e-mail, first and last name or external id; `merge:<phone or e-mail>`: the survivor."""
    from console.tables import persona_panel
    from pipeline.personas.accounts import find_account
    from pipeline.personas.finding import find_personas

    with open_reading() as engine, engine.connect() as conn:
        found = find_personas(conn, find_account(conn, account), query)
    for persona in found:
        if as_json:
            put_json(persona)
        else:
            screen().print(persona_panel(persona))
    if not found:
        say("Nobody found.")


def export(
    account: AccountName = "default",
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Else standard output.")] = None,
) -> None:
    """Write every persona of the account as JSON lines, by id."""
    from pipeline.personas.export import export_personas

    with open_session(Role.READER) as system:
        lines = export_personas(system.engine, account)
        if output is None:
            for line in lines:
                put_line(line)
            sys.stdout.flush()
            return
        _write_lines(output, lines)
        say(f"The personas are in {output}.")


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    """The file appears when it is whole."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
