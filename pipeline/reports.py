"""What was left out of an import and why: rejects and notices with the cells they are about. Writes no files.

The cells come from the part files, where they stand as the file had them. A row whose cells are gone (its shopper was
forgotten, or the part files were removed in time) keeps its line and code and has empty cells.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, groupby, takewhile, tee
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from pipeline.asking import Row, ask, ask_one
from schemas import codes
from schemas.errors import UnknownImport

if TYPE_CHECKING:
    from pipeline.report_cells import Cells, ReadPart

#: The code that a report tells nothing about but the line.
BLOCKED = "blocked"
_ROWS_AT_ONCE = 5_000
_FIRST_ROWS = 500  # so that the first comes soon


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a report is about: its columns, what each fed, where its part files are, and how much was found."""

    name: str
    headers: tuple[str, ...]
    fields: dict[str, str | None]
    parts_prefix: str | None
    parts: int
    #: Code → how many, once the import is over.
    rejects: dict[str, int] = field(default_factory=dict)
    notices: dict[str, int] = field(default_factory=dict)

    def header_of(self, field: str | None) -> str | None:
        """The header that fed a field, or None."""
        return next((header for header in self.headers if field and self.fields.get(header) == field), None)


@dataclass(frozen=True, slots=True)
class Finding:
    """One reject or notice. `column` and `value` are None where it concerns no single cell."""

    line: int
    field: str | None
    column: str | None
    value: str | None
    code: str
    sentence: str
    is_reject: bool


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One row of the file with all its findings; `cells` in the order of the headers, None where blank or gone."""

    line: int
    cells: tuple[str | None, ...]
    findings: tuple[Finding, ...]
    #: Nothing of the row was applied: it was rejected, or its persona is archived.
    is_left_out: bool


@dataclass(frozen=True, slots=True)
class _Noted:
    line: int
    findings: tuple[Finding, ...]
    is_left_out: bool


def load_source(conn: Connection[Any], import_id: int) -> Source:
    """What a report of this import needs to know. Raises `UnknownImport` if there is none."""
    row = ask_one(conn, "reports", "import_facts", {"import_id": import_id})
    if row is None:
        raise UnknownImport(import_id)
    fields = row["fields"] or {}
    headers = tuple(row["headers"] or fields)
    return Source(row["name"], headers, fields, row["parts_prefix"], row["parts"], row["rejects"], row["notices"])


def iter_findings(conn: Connection[Any], import_id: int, read_part: "ReadPart") -> Iterator[Finding]:
    """Every reject and notice, in the order of the file; no part is read before one that concerns a cell."""
    source = load_source(conn, import_id)
    rows = _iter_noted(conn, import_id, source)
    for noted in rows:
        bare = tuple(takewhile(lambda finding: finding.column is None, noted.findings))
        yield from bare
        if len(bare) < len(noted.findings):
            # All the rest goes this way, so that nothing is left for the loop.
            found = _with_cells(source, chain([noted], rows), read_part)
            yield from next(found).findings[len(bare) :]
            for row in found:
                yield from row.findings


def iter_found_rows(conn: Connection[Any], import_id: int, read_part: "ReadPart") -> Iterator[FoundRow]:
    """Every row with a reject or a notice, in the order of the file; memory holds one part and a page of findings."""
    source = load_source(conn, import_id)
    yield from _with_cells(source, _iter_noted(conn, import_id, source), read_part)


def _iter_noted(conn: Connection[Any], import_id: int, source: Source) -> Iterator[_Noted]:
    for line, group in groupby(_iter_rows(conn, import_id), key=lambda row: row["line"]):
        found = list(group)
        findings = tuple(_finding(source, row) for row in found)
        yield _Noted(line, findings, any(row["is_reject"] or row["is_skipped"] for row in found))


def _iter_rows(conn: Connection[Any], import_id: int) -> Iterator[Row]:
    """Rejects and notices as they stand in the database, page by page."""
    facts: dict[str, Any] = {"import_id": import_id, "after": 0, "page": _FIRST_ROWS}
    while (end := ask_one(conn, "reports", "page_end", facts)) is not None and end["until"] is not None:
        yield from ask(conn, "reports", "findings", facts | end)
        facts |= {"after": end["until"], "page": _ROWS_AT_ONCE}


def _finding(source: Source, row: Row) -> Finding:
    owners = (row["phone_persona_id"], row["email_persona_id"])
    said = codes.sentence(row["code"])
    if None not in owners:
        said += f" (phone: persona {owners[0]}, e-mail: persona {owners[1]})"
    header = source.header_of(row["field"])
    return Finding(row["line"], row["field"], header, None, row["code"], said, row["is_reject"])


def _with_cells(source: Source, rows: Iterator[_Noted], read_part: "ReadPart") -> Iterator[FoundRow]:
    from pipeline.report_cells import iter_cells  # late: Arrow takes longer to load than all else that a report needs

    ahead, rows = tee(rows)
    tables = (read_part(part) for part in range(source.parts))
    found = iter_cells((noted.line for noted in ahead), len(source.headers), tables)
    for noted, cells in zip(rows, found, strict=True):
        blocked = any(finding.code == BLOCKED for finding in noted.findings)
        yield _found_row(source, noted, (None,) * len(source.headers) if blocked else cells)


def _found_row(source: Source, noted: _Noted, cells: "Cells") -> FoundRow:
    by_header = dict(zip(source.headers, cells, strict=True))
    findings = tuple(replace(finding, value=by_header.get(finding.column or "")) for finding in noted.findings)
    return FoundRow(noted.line, cells, findings, noted.is_left_out)
