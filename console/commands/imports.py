"""The commands that bring a file in and wait for it: import, replay. The work is done in `uploads` and `waiting`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from console.commands.parameters import AsJson, Wait
from console.exits import Exit, exit_for, worst
from console.printing import margin, put_json, say, screen
from schemas.errors import PersonaImportError, WrongCommand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.waiting import Attendance
    from pipeline.work import Doorbell
    from schemas.options import ImportOptions
    from workers.bootstrap import System


@dataclass(frozen=True, slots=True)
class Manner:
    """How a command reports on imports."""

    as_json: bool
    wait: bool


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("import")(import_files)
    app.command("replay")(replay)


def import_files(  # noqa: PLR0917 - one parameter per option
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="A .csv, .xlsx or .xls file.")],
    account: Annotated[str, typer.Option(help="The account whose personas these are.")] = "default",
    accept_terms: Annotated[bool, typer.Option("--accept-terms", help="Accept the terms for this import.")] = False,
    map_: Annotated[list[str] | None, typer.Option("--map", metavar='"HEADER=FIELD"', help="Repeatable.")] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="HEADER", help="Leave a column out. Repeatable.")] = None,
    mapping: Annotated[str | None, typer.Option(metavar="NAME", help="Use a saved mapping.")] = None,
    save_mapping: Annotated[str | None, typer.Option(metavar="NAME", help="Save this file's mapping.")] = None,
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help="The sheet of a workbook.")] = None,
    encoding: Annotated[str | None, typer.Option(metavar="NAME", help="The encoding of a .csv file.")] = None,
    opt_in: Annotated[str | None, typer.Option(metavar="sms,email", help="Opt in rows that say nothing.")] = None,
    on_conflict: Annotated[
        Literal["reject", "phone", "email"], typer.Option(help="When phone and e-mail belong to two personas.")
    ] = "reject",
    replace_identifiers: Annotated[bool, typer.Option("--replace-identifiers", help="The row's own win.")] = False,
    only_fill_blanks: Annotated[bool, typer.Option("--only-fill-blanks", help="Keep every value there is.")] = False,
    archived: Annotated[Literal["skip", "restore"], typer.Option(help="Rows of archived personas.")] = "skip",
    allow_negative_balance: Annotated[bool, typer.Option("--allow-negative-balance", help="Below zero, too.")] = False,
    date_order: Annotated[Literal["mdy", "dmy", "ymd"] | None, typer.Option(help="How dates are written.")] = None,
    name: Annotated[str | None, typer.Option(metavar="TEXT", help="The import's name; else the file's.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also if these bytes were imported before.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only plan; change nothing.")] = False,
    wait: Wait = True,
    as_json: AsJson = False,
) -> None:
    """Import customer files: creates and updates personas, points, consent and an audience."""
    options = _read_options(locals())
    raise typer.Exit(_import_all(files, account, options, Manner(as_json, wait)))


def replay(task_id: str, wait: Wait = True, as_json: AsJson = False) -> None:
    """Run a failed import again from where it stopped; TASK_ID is any Celery task of it."""
    from console.session import open_session
    from pipeline.replay import replay as replay_task

    with open_session(migrate=False) as system:
        done = replay_task(system.tools, task_id)
        if done.said:
            say(done.said)
            raise typer.Exit(show_end(system, done.import_id, Manner(as_json, wait), changed=False))
        raise typer.Exit(go_on(system, done.import_id, done.doorbells, Manner(as_json, wait)))


def read_map(pairs: list[str]) -> dict[str, str]:
    """`Header=field` pairs; the last `=` parts. Raises `WrongCommand`."""
    found = {}
    for pair in pairs:
        header, equals, field = pair.rpartition("=")
        if not equals or not header.strip() or not field.strip():
            raise WrongCommand(f'--map takes "Header=field", not {pair!r}.')
        found[header.strip()] = field.strip()
    return found


def go_on(system: "System", import_id: int, doorbells: "Sequence[Doorbell]", manner: Manner) -> Exit:
    """Ring for an import that a person has set going, and wait for it as asked."""
    from console.waiting import attended, wait_for_import

    system.ring(doorbells)
    if manner.wait:
        with attended(system) as attendance:
            wait_for_import(system, import_id, attendance)
    return show_end(system, import_id, manner)


def show_end(system: "System", import_id: int, manner: Manner, *, changed: bool = True) -> Exit:
    """Print the import as it stands; its exit code, which is 0 for one that nothing was done about."""
    from console.tables import import_line, import_panel
    from pipeline.asking import driver_connection
    from pipeline.history import describe_import
    from schemas.states import ImportStatus

    with system.engine.connect() as conn:
        told = describe_import(driver_connection(conn), import_id)
    if manner.as_json:
        put_json(told)
    else:
        screen().print(import_panel(told))
    if not margin().is_terminal:
        say(import_line(told))
    return exit_for(ImportStatus(told["status"])) if changed else Exit.DONE


def _import_all(files: list[Path], account: str, options: "ImportOptions", manner: Manner) -> Exit:
    from console.session import is_attended, open_session
    from console.uploads import check_file
    from console.waiting import attended
    from infra.settings import load_settings

    for path in files:
        check_file(path, options)
    with open_session(migrate=not is_attended(load_settings())) as system:
        _check_account(system, account, options)
        if not manner.wait:
            return worst([_accept(system, account, path, options, manner) for path in files])
        with attended(system) as attendance:
            return worst([_carry_out(system, account, path, options, manner, attendance) for path in files])


def _accept(system: "System", account: str, path: Path, options: "ImportOptions", manner: Manner) -> Exit:
    return show_end(system, _submit(system, account, path, options), manner)


def _carry_out(  # noqa: PLR0917
    system: "System", account: str, path: Path, options: "ImportOptions", manner: Manner, attendance: "Attendance"
) -> Exit:
    from console.waiting import wait_for_import

    import_id = _submit(system, account, path, options)
    wait_for_import(system, import_id, attendance)
    return show_end(system, import_id, manner)


def _submit(system: "System", account: str, path: Path, options: "ImportOptions") -> int:
    from console.uploads import upload_file
    from pipeline.submission import submit
    from schemas.states import Trigger

    submission = submit(system.tools, upload_file(system, account, path, options), Trigger.CLI)
    if submission is None:
        raise PersonaImportError("The file was removed from the bucket before its import began.")
    system.ring(submission.doorbells)
    return submission.import_id


def _check_account(system: "System", account: str, options: "ImportOptions") -> None:
    from pipeline.personas.accounts import has_mapping, use_account

    with system.engine.begin() as conn:
        use_account(conn, account)
        if options.mapping and not has_mapping(conn, account, options.mapping):
            raise WrongCommand(f"The account has no saved mapping {options.mapping!r}.")


def _read_options(given: dict[str, Any]) -> "ImportOptions":
    """The parameters of `import_files` as options; those that people write in a form of their own are read here."""
    from schemas.options import ImportOptions

    plain = {name: given[name] for name in ImportOptions.model_fields if name in given}
    written = {"map": read_map(given["map_"] or []), "ignore": given["ignore"] or []}
    return ImportOptions(**plain | written | {"opt_in": _read_channels(given["opt_in"])})


def _read_channels(text: str | None) -> list[str]:
    named = [channel.strip() for channel in (text or "").split(",") if channel.strip()]
    for channel in named:
        if channel not in ("sms", "email"):
            raise WrongCommand(f"--opt-in takes sms, email or both, not {channel!r}.")
    return named
