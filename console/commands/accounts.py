"""The commands about accounts, their settings and their API tokens."""

from typing import Annotated

import typer

from console.commands.parameters import AsJson
from console.printing import put_json, put_line, say, screen
from console.session import open_session
from schemas.errors import WrongCommand
from schemas.roles import Role

Name = Annotated[str, typer.Argument(metavar="NAME")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    account = typer.Typer(help="Accounts and their settings.", no_args_is_help=True)
    account.command("add")(add)
    account.command("show")(show)
    account.command("set")(change)
    app.add_typer(account, name="account")
    token = typer.Typer(help="API tokens.", no_args_is_help=True)
    token.command("add")(add_token)
    token.command("revoke")(revoke_token)
    app.add_typer(token, name="token")


def add(
    name: Name,
    region: Annotated[str, typer.Option(help="Region of phones without a country code, in two letters.")] = "US",
    timezone: Annotated[str | None, typer.Option(help="Time zone, like America/New_York; else the region's.")] = None,
) -> None:
    """Add an account."""
    from pipeline.personas import accounts

    with open_session() as system, system.engine.begin() as conn:
        accounts.add_account(conn, name, region, timezone)
    say(f"The account {name} is there.")


def show(name: Name, as_json: AsJson = False) -> None:
    """Show the settings of an account."""
    from console.tables import facts_table
    from pipeline.personas import accounts

    with open_session(Role.READER) as system, system.engine.connect() as conn:
        told = accounts.describe_account(conn, name)
    if as_json:
        put_json(told)
    else:
        screen().print(facts_table(told))


def change(
    name: Name,
    settings: Annotated[list[str], typer.Argument(metavar="KEY=VALUE…")],
) -> None:
    """Change accept_terms_by, double_opt_in (never, after_import, HH:MM), confirm_opt_ins, timezone or region."""
    from pipeline.personas import accounts

    asked = _read_settings(settings)
    with open_session() as system, system.engine.begin() as conn:
        accounts.change_account(conn, name, asked)
    say(f"The account {name} is changed.")


def add_token(
    name: Name,
    account: Annotated[str, typer.Option(help="The account that it opens.")],
    role: Annotated[str, typer.Option(help="staff, manager, analyst, marketing, marketing_analyst, operator, owner")],
) -> None:
    """Make an API token and print it, this once."""
    from pipeline.personas import tokens

    with open_session() as system, system.engine.begin() as conn:
        token = tokens.add_token(conn, name, account, role)
    put_line(token)


def revoke_token(name: Name) -> None:
    """Make an API token worthless."""
    from pipeline.personas import tokens

    with open_session() as system, system.engine.begin() as conn:
        tokens.revoke_token(conn, name)
    say(f"The token {name} is revoked.")


def _read_settings(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise WrongCommand(f"A setting is written KEY=VALUE, not {pair!r}.")
        found[key.strip()] = value
    return found
