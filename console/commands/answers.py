"""The commands that answer an import that waits for a person: approve, cancel, map. The rules are in the pipeline."""

from getpass import getuser
from typing import Annotated

import typer

from console.commands.imports import Manner, go_on, read_map, show_end
from console.commands.parameters import AsJson, ImportId, Wait
from console.exits import Exit
from console.session import open_session
from schemas.errors import WrongCommand


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("approve")(approve)
    app.command("cancel")(cancel)
    app.command("map")(map_columns)


def approve(
    import_id: ImportId,
    accept_terms: Annotated[bool, typer.Option("--accept-terms", help="Accept the terms for this import.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also if these bytes were imported before.")] = False,
    wait: Wait = True,
    as_json: AsJson = False,
) -> None:
    """Let an import go on that waits for approval, or carry out one that was only planned."""
    from pipeline import answers

    with open_session() as system:
        bells = answers.approve(system.tools, import_id, accept_terms=accept_terms, again=again, by=getuser())
        raise typer.Exit(go_on(system, import_id, bells, Manner(as_json, wait)))


def cancel(import_id: ImportId, as_json: AsJson = False) -> None:
    """Give up an import that waits; nothing of it is applied."""
    from pipeline import answers

    with open_session() as system:
        system.ring(answers.cancel(system.tools, import_id))
        show_end(system, import_id, Manner(as_json, wait=False))
        raise typer.Exit(Exit.DONE)


def map_columns(
    import_id: ImportId,
    map_: Annotated[list[str] | None, typer.Option("--map", metavar='"HEADER=FIELD"', help="Repeatable.")] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="HEADER", help="Leave a column out. Repeatable.")] = None,
    wait: Wait = True,
    as_json: AsJson = False,
) -> None:
    """Say what the columns of a waiting import mean."""
    from console.uploads import check_fields
    from pipeline import answers

    chosen: dict[str, str | None] = dict(read_map(map_ or []))
    if not chosen and not ignore:
        raise WrongCommand("Name at least one column with --map or --ignore.")
    check_fields({header: field for header, field in chosen.items() if field is not None})
    with open_session() as system:
        bells = answers.map_columns(system.tools, import_id, chosen | dict.fromkeys(ignore or [], None))
        raise typer.Exit(go_on(system, import_id, bells, Manner(as_json, wait)))
