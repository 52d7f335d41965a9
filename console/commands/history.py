"""The commands that read the import history: history, show, rejects. Change nothing."""

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.commands.parameters import AsJson, ImportId
from console.printing import put_json, say, screen
from console.session import open_asking, open_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg import Connection
    from pyarrow import Table

    from infra.objectstore import ObjectStore
    from pipeline.report_cells import ReadPart
    from pipeline.reports import Finding, Source

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
    with open_asking() as conn:
        from pipeline.history import check_account, list_imports

        if account is not None:
            check_account(conn, account)
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
    with open_asking() as conn:
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
    """Show rejected rows and notices: how many of each code; then line, column, value, code, and what to do."""
    with open_report() as (conn, find_store):
        from pipeline.reports import iter_findings, load_source

        source = load_source(conn, import_id)
        read_part = _reader(source, find_store)
        if output is not None:
            _write_report(conn, import_id, source, read_part, output)
        elif as_json:
            _print_lines(iter_findings(conn, import_id, read_part))
        else:
            _print_counts(source)
            _print_findings(import_id, iter_findings(conn, import_id, read_part), source)


def _write_report(conn: "Connection[Any]", import_id: int, source: "Source", read: "ReadPart", output: Path) -> None:
    from pipeline.report_files import write_report
    from pipeline.reports import iter_found_rows

    count = write_report(output, source, iter_found_rows(conn, import_id, read))
    say(f"{count:,} rows in {output}")


def _print_lines(findings: "Iterator[Finding]") -> None:
    from dataclasses import asdict

    for number, finding in enumerate(findings):
        put_json(asdict(finding))
        if number == 0:
            sys.stdout.flush()  # whoever waits sees at once that there is something


def _print_counts(source: "Source") -> None:
    from console.tables import codes_table

    if source.rejects or source.notices:
        screen().print(codes_table(source.rejects, source.notices))
        sys.stdout.flush()


def _print_findings(import_id: int, findings: "Iterator[Finding]", source: "Source") -> None:
    from itertools import islice

    from console.tables import rows_table

    columns = ("line", "column", "value", "code", "sentence")
    shown = [[getattr(each, name) for name in columns] for each in islice(findings, _SHOWN)]
    if shown:
        screen().print(rows_table(columns, shown))
    elif not (source.rejects or source.notices):
        screen().print("No rejects and no notices.")
    if next(findings, None) is not None:
        say(f"There are more than these {_SHOWN}; `personas rejects {import_id} -o FILE.csv` has all.")


def _reader(source: "Source", find_store: "Callable[[], ObjectStore]") -> "ReadPart":
    """Reads the part files of an import, None for one that is gone; the store is found when the first is wanted."""
    find_once = cache(find_store)

    def read(part: int) -> "Table | None":
        from pipeline.files.parts import open_part, part_key

        key = part_key(source.parts_prefix or "", part)
        if not source.parts_prefix or find_once().head(key) is None:
            return None
        return open_part(find_once().get_bytes(key))

    return read


def _show_plan(conn: "Connection[Any]", import_id: int, as_json: bool, output: Path | None) -> None:
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
