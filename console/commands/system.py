"""The commands about the system as a whole: migrate, status, doctor, templates."""

from pathlib import Path
from typing import Annotated, Any

import typer

from console.exits import Exit
from console.printing import put_json, put_line, say, screen


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("migrate")(migrate)
    app.command("status")(status)
    app.command("doctor")(doctor)
    app.command("templates")(templates)


def migrate() -> None:
    """Bring the database schema up to date."""
    from console.session import open_services, update_schema

    with open_services() as (_settings, services):
        update_schema(services.database_url)
    say("The database schema is up to date.")


def status(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Show what is running."""
    from console.state import describe_state
    from infra.settings import load_settings

    state = describe_state(load_settings())
    if as_json:
        put_json(state)
    else:
        _print_state(state)


def doctor() -> None:
    """Check every service and setting, and say what to do."""
    from console.doctor import examine
    from console.tables import rows_table

    findings = examine()
    rows = [("ok" if each.is_fine else "TO DO", each.subject, each.said) for each in findings]
    screen().print(rows_table(("", "what", "finding"), rows))
    raise typer.Exit(Exit.DONE if all(each.is_fine for each in findings) else Exit.UNEXPECTED)


def templates(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="The folder to write to.")] = Path(),
) -> None:
    """Write the import templates, as .csv and .xlsx."""
    from pipeline.templates import write_templates

    output.mkdir(parents=True, exist_ok=True)
    for path in write_templates(output):
        put_line(str(path))


def _print_state(state: dict[str, Any]) -> None:
    from console.state import without_password
    from console.tables import rows_table

    # On a screen there are lookers-on; whoever needs the passwords takes the JSON.
    rows = [(name, without_password(each["url"]), each["pid"]) for name, each in state["services"].items()]
    rows += [(each["name"], "", each["pid"]) for kind in state if kind != "services" for each in state[kind]]
    screen().print(rows_table(("what", "where", "pid"), rows) if rows else "Nothing is running.")
