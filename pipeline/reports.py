"""What was left out of an import and why: rejects and notices with the cells they are about. Writes no files.

The cells come from the part files, where they stand as the file had them. A row whose cells are gone (its shopper was
forgotten, or the part files were removed in time) keeps its line and code and has empty cells.
"""

import math
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, RowMapping

from pipeline.sql import statement
from schemas import codes
from schemas.errors import WrongCommand
from schemas.parts import LINE, column

#: The code that a report tells nothing about but the line.
BLOCKED = "blocked"
_ROWS_AT_ONCE = 5_000

#: The part file of an index, as a table; None if it is gone.
ReadPart = Callable[[int], pa.Table | None]


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a report is about: its columns, what each fed, and where its part files are."""

    name: str
    headers: tuple[str, ...]
    fields: dict[str, str | None]
    parts_prefix: str | None
    parts: int

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


def load_source(conn: Connection, import_id: int) -> Source:
    """What a report of this import needs to know. Raises `WrongCommand` if there is no such import."""
    row = conn.execute(statement("reports", "import_facts"), {"import_id": import_id}).mappings().one_or_none()
    if row is None:
        raise WrongCommand(f"There is no import {import_id}.")
    fields = row["fields"] or {}
    headers = tuple(row["headers"] or fields)
    return Source(row["name"], headers, fields, row["parts_prefix"], row["parts"])


def iter_findings(conn: Connection, import_id: int, read_part: ReadPart) -> Iterator[Finding]:
    """Every reject and notice, in the order of the file."""
    for row in iter_found_rows(conn, import_id, read_part):
        yield from row.findings


def iter_found_rows(conn: Connection, import_id: int, read_part: ReadPart) -> Iterator[FoundRow]:
    """Every row with a reject or a notice, in the order of the file; memory holds one part and a page of findings."""
    source = load_source(conn, import_id)
    tables = (read_part(part) for part in range(source.parts))
    for page, table in _pages(_iter_noted(conn, import_id, source), (each for each in tables if each is not None)):
        for noted, cells in zip(page, _cells(source, page, table), strict=True):
            blocked = any(finding.code == BLOCKED for finding in noted.findings)
            yield _found_row(source, noted, (None,) * len(source.headers) if blocked else cells)


def _iter_noted(conn: Connection, import_id: int, source: Source) -> Iterator[_Noted]:
    for line, group in groupby(_iter_rows(conn, import_id), key=lambda row: row["line"]):
        found = list(group)
        findings = tuple(_finding(source, row) for row in found)
        yield _Noted(line, findings, any(row["is_reject"] or row["is_skipped"] for row in found))


def _iter_rows(conn: Connection, import_id: int) -> Iterator[RowMapping]:
    """Rejects and notices as they stand in the database, page by page."""
    facts: dict[str, int | None] = {"import_id": import_id, "after": 0, "page": _ROWS_AT_ONCE}
    while (until := conn.execute(statement("reports", "page_end"), facts).scalar_one()) is not None:
        yield from conn.execute(statement("reports", "findings"), {**facts, "until": until}).mappings()
        facts["after"] = until


def _finding(source: Source, row: RowMapping) -> Finding:
    owners = (row["phone_persona_id"], row["email_persona_id"])
    said = codes.sentence(row["code"])
    if None not in owners:
        said += f" (phone: persona {owners[0]}, e-mail: persona {owners[1]})"
    header = source.header_of(row["field"])
    return Finding(row["line"], row["field"], header, None, row["code"], said, row["is_reject"])


def _pages(noted: Iterator[_Noted], tables: Iterator[pa.Table]) -> Iterator[tuple[list[_Noted], pa.Table | None]]:
    """Both come in the order of the file: pages of rows, each with the part that holds them, or None."""
    waiting = next(noted, None)

    def take_page(last: float) -> list[_Noted]:
        nonlocal waiting
        page: list[_Noted] = []
        while waiting is not None and waiting.line <= last and len(page) < _ROWS_AT_ONCE:
            page.append(waiting)
            waiting = next(noted, None)
        return page

    while waiting is not None and (table := next(tables, None)) is not None:
        last = pc.max(table[LINE]).as_py() or 0
        while page := take_page(last):
            yield page, table
    while page := take_page(math.inf):
        yield page, None


def _cells(source: Source, page: list[_Noted], table: pa.Table | None) -> Iterable[tuple[str | None, ...]]:
    """The cells of each row of the page; all None for a row that the part does not hold."""
    if table is None or not source.headers:
        return [(None,) * len(source.headers)] * len(page)
    positions = pc.index_in(_integers([noted.line for noted in page]), value_set=table[LINE].combine_chunks())
    columns = (table[column(index)].take(positions).to_pylist() for index in range(len(source.headers)))
    return zip(*columns, strict=True)


def _integers(lines: list[int]) -> pa.Int32Array:
    """What `pa.array` would make, which loads pandas first to see whether that is what it was given."""
    return pa.Array.from_buffers(pa.int32(), len(lines), [None, pa.py_buffer(array("i", lines))])


def _found_row(source: Source, noted: _Noted, cells: tuple[str | None, ...]) -> FoundRow:
    by_header = dict(zip(source.headers, cells, strict=True))
    findings = tuple(replace(finding, value=by_header.get(finding.column or "")) for finding in noted.findings)
    return FoundRow(noted.line, cells, findings, noted.is_left_out)
