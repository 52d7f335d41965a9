"""The commands on one persona: show, add, edit, archive, restore, merge, unmerge, forget; and unblock."""

from collections.abc import Callable
from getpass import getuser
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.commands.parameters import AccountName, AsJson
from console.printing import put_json, say, screen
from console.session import open_reading, open_session
from schemas.errors import WrongCommand

if TYPE_CHECKING:
    from pipeline.work import Account
    from workers.bootstrap import System

Who = Annotated[str, typer.Argument(metavar="WHO", help="A phone, an e-mail or an id.")]
Settings = Annotated[list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="Repeatable.")]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why points are added or taken away.")]
Negative = Annotated[bool, typer.Option("--allow-negative-balance", help="Below zero, too.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    persona = typer.Typer(help="One persona: look, add, change, merge, forget.", no_args_is_help=True)
    for command in (show, add, edit, archive, restore, merge, unmerge, forget):
        persona.command(command.__name__)(command)
    app.add_typer(persona, name="persona")
    app.command("unblock")(unblock)


def show(who: Who, account: AccountName = "default", as_json: AsJson = False) -> None:
    """Show one persona, and where each of its values came from."""
    from console.tables import persona_panel, rows_table
    from pipeline.personas.accounts import find_account
    from pipeline.personas.finding import show_persona
    from pipeline.personas.provenance import list_sources

    with open_reading() as engine, engine.connect() as conn:
        persona = show_persona(conn, find_account(conn, account), who)
        sources = list_sources(conn, persona)
    if as_json:
        put_json({**persona, "sources": sources})
        return
    screen().print(persona_panel(persona))
    screen().print(rows_table(("value", "came from", "at"), [(name, *_told(each)) for name, each in sources.items()]))


def add(
    set_: Settings = None,
    account: AccountName = "default",
    reason: Reason = None,
    allow_negative_balance: Negative = False,
    as_json: AsJson = False,
) -> None:
    """Add a persona; it needs a phone or an e-mail. Values are written as in a file."""
    from pipeline.personas.changes import Manner
    from pipeline.personas.editing import add_persona

    manner = Manner(getuser(), reason, allow_negative_balance)
    _run(
        account,
        lambda system, known: add_persona(system.tools, known, _read_settings(set_), manner),
        "is there",
        as_json,
    )


def edit(  # noqa: PLR0917 - one parameter per option
    who: Who,
    set_: Settings = None,
    account: AccountName = "default",
    reason: Reason = None,
    allow_negative_balance: Negative = False,
    as_json: AsJson = False,
) -> None:
    """Set values of a persona; `field=` takes one away. Points are added or taken away, with a reason."""
    from pipeline.personas.changes import Manner
    from pipeline.personas.editing import edit_persona

    manner = Manner(getuser(), reason, allow_negative_balance)
    _run(
        account,
        lambda system, known: edit_persona(system.tools, known, who, _read_settings(set_), manner),
        "is changed",
        as_json,
    )


def archive(who: Who, account: AccountName = "default", as_json: AsJson = False) -> None:
    """Put a persona aside: rows of files about it are skipped."""
    from pipeline.personas.archiving import archive_persona

    _run(account, lambda system, known: archive_persona(system.tools, known, who), "is archived", as_json)


def restore(who: Who, account: AccountName = "default", as_json: AsJson = False) -> None:
    """Bring an archived persona back."""
    from pipeline.personas.archiving import restore_persona

    _run(account, lambda system, known: restore_persona(system.tools, known, who), "is active", as_json)


def merge(
    survivor: Annotated[str, typer.Argument(metavar="SURVIVOR", help="Who goes on: a phone, an e-mail or an id.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Who is merged into it.")],
    account: AccountName = "default",
    as_json: AsJson = False,
) -> None:
    """Merge two personas of one shopper; the first one goes on."""
    from pipeline.personas.merging import merge_personas

    _run(
        account,
        lambda system, known: merge_personas(system.tools, known, survivor, other, by=getuser()),
        "goes on for both",
        as_json,
    )


def unmerge(who: Who, account: AccountName = "default", as_json: AsJson = False) -> None:
    """Give a persona that was merged away everything back."""
    from pipeline.personas.unmerging import unmerge_persona

    _run(
        account,
        lambda system, known: unmerge_persona(system.tools, known, who, by=getuser()),
        "stands for itself again",
        as_json,
    )


def forget(
    who: Who,
    account: AccountName = "default",
    yes: Annotated[bool, typer.Option("--yes", help="It can't be undone.")] = False,
) -> None:
    """Forget a shopper: the persona, its points and its rows go, and its phone and e-mail can't come back."""
    from pipeline.personas.accounts import find_account
    from pipeline.personas.forgetting import forget_persona

    if not yes:
        raise WrongCommand("Forgetting can't be undone; say it with --yes.")
    with open_session() as system:
        with system.engine.connect() as conn:
            known = find_account(conn, account)
        done = forget_persona(system.tools, known, who)
    numbers = ", ".join(map(str, done.persona_ids))
    say(f"The shopper is forgotten (persona {numbers}; {done.rows} rows of files emptied).")
    if done.awaited:
        say(f"The rows of {done.awaited} imports go as soon as these have ended.")


def unblock(
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why: what the shopper asked for.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who answers for it.")],
    phone: Annotated[str | None, typer.Option(help="The shopper's phone.")] = None,
    email: Annotated[str | None, typer.Option(help="The shopper's e-mail.")] = None,
    account: AccountName = "default",
) -> None:
    """Let a forgotten shopper come back who asks for it; it is recorded who let them."""
    from pipeline.personas.accounts import find_account
    from pipeline.personas.unblocking import unblock as unblock_key

    if (phone is None) == (email is None):
        raise WrongCommand("Name the shopper's --phone or --email, one at a time.")
    with open_session() as system:
        with system.engine.connect() as conn:
            known = find_account(conn, account)
        unblock_key(
            system.tools,
            known,
            "phone" if phone is not None else "email",
            phone or email or "",
            reason=reason,
            by=by,
        )
    say("It is off the blocklist.")


def _run(account: str, command: "Callable[[System, Account], int]", said: str, as_json: bool) -> None:
    from pipeline.personas.accounts import use_account
    from pipeline.personas.objects import load_personas

    with open_session() as system:
        with system.engine.begin() as conn:
            known = use_account(conn, account)
        persona_id = command(system, known)
        with system.engine.connect() as conn:
            persona = load_personas(conn, known, [persona_id])[0]
    if as_json:
        put_json(persona)
    else:
        say(f"Persona {persona_id} {said}.")


def _read_settings(pairs: list[str] | None) -> dict[str, str]:
    found = {}
    for pair in pairs or ():
        name, equals, text = pair.partition("=")
        if not equals:
            raise WrongCommand("A value is written --set FIELD=VALUE.")
        found[name.strip()] = text
    return found


def _told(source: dict[str, Any]) -> tuple[str, str]:
    at = str(source["at"])[:19].replace("T", " ")
    if "import_id" in source:
        return f"import {source['import_id']}, line {source['line']}", at
    if "merged_from" in source:
        return f"persona {source['merged_from']}, merged", at
    return ("the shopper" if "shopper" in source else f"staff ({source['staff']})"), at
