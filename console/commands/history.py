"""The commands that read the import history: history, show, rejects. Change nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.answers import ImportId
from console.commands.imports import AsJson
from console.printing import put_json, say, screen
from console.session import open_reading, open_session
from schemas.roles import Role

if TYPE_CHECKING:
    from pyarrow import Table
    from sqlalchemy import Connection

    from pipeline.reports import ReadPart, Source
    from workers.bootstrap import System

_SHOWN = 500  # findings; a screen is no place for more


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("history")(history)
    app.command("show")(show)
    app.command("rejects")(rejects)


def history(
    account: Annotated[str | None, typer.Option(help="Of this account alone.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list and nothing else.")] = False,
) -> None:
    """List the imports, newest first."""
    with open_reading() as engine, engine.connect() as conn:
        from pipeline.history import list_imports

        if account is not None:
            from pipeline.personas.accounts import find_account  # only where it is needed: half of what is loaded here

            find_account(conn, account)
        found = list_imports(conn, account, limit)
    if as_json:
        put_json(found)
        return
    from console.tables import history_table

    screen().print(history_table(found))


def show(
    import_id: ImportId,
    plan: Annotated[bool, typer.Option("--plan", help="Row by row: what was decided, and what was done.")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="The plan as .csv.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show one import: stages, attempts with task ids, counts, timings."""
    with open_reading() as engine, engine.connect() as conn:
        from pipeline.history import describe_import

        if plan:
            _show_plan(conn, import_id, as_json, output)
            return
        told = describe_import(conn, import_id)
    if as_json:
        put_json(told)
        return
    from console.tables import import_panel

    screen().print(import_panel(told, in_full=True))


def rejects(
    import_id: ImportId,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write a .csv or .xlsx to mend and import.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per finding.")] = False,
) -> None:
    """Show rejected rows and notices: line, column, value, code, and what to do."""
    from pipeline.reports import load_source

    with open_session(Role.READER) as system:
        with system.engine.connect() as conn:
            source = load_source(conn, import_id)
        if output is not None:
            _write_report(system, import_id, source, output)
        else:
            _print_findings(system, import_id, source, as_json)


def _write_report(system: "System", import_id: int, source: "Source", output: Path) -> None:
    from pipeline.report_files import write_report
    from pipeline.reports import iter_found_rows

    with system.engine.connect() as conn:
        count = write_report(output, source, iter_found_rows(conn, import_id, _reader(system, source)))
    say(f"{count:,} rows in {output}")


def _print_findings(system: "System", import_id: int, source: "Source", as_json: bool) -> None:
    from dataclasses import asdict
    from itertools import islice

    from console.tables import rows_table
    from pipeline.reports import iter_findings

    with system.engine.connect() as conn:
        findings = iter_findings(conn, import_id, _reader(system, source))
        if as_json:
            for finding in findings:
                put_json(asdict(finding))
            return
        columns = ("line", "column", "value", "code", "sentence")
        shown = [[getattr(each, name) for name in columns] for each in islice(findings, _SHOWN)]
        more = next(findings, None) is not None
    screen().print(rows_table(columns, shown) if shown else "No rejects and no notices.")
    if more:
        say(f"There are more than these {_SHOWN}; `personas rejects {import_id} -o FILE.csv` has all.")


def _reader(system: "System", source: "Source") -> "ReadPart":
    """Reads the part files of an import; None for one that is gone."""
    from pipeline.files.parts import open_part, part_key

    def read(part: int) -> "Table | None":
        key = part_key(source.parts_prefix or "", part)
        if not source.parts_prefix or system.store.head(key) is None:
            return None
        return open_part(system.store.get_bytes(key))

    return read


def _show_plan(conn: "Connection", import_id: int, as_json: bool, output: Path | None) -> None:
    from console.tables import rows_table
    from pipeline.plan_rows import iter_plan, write_plan

    lines = iter_plan(conn, import_id)
    if output is not None:
        say(f"{write_plan(output, lines):,} rows written to {output}.")
    elif as_json:
        for line in lines:
            put_json(line)
    else:
        columns = ("line", "outcome", "persona_id", "code", "points", "texted", "created", "changes")
        screen().print(rows_table(columns, ([line[name] for name in columns] for line in lines)))
