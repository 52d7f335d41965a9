"""One part of a file to typed staging rows, rejects and notices. Owns the order of things, not how a field is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.rows import cleaning, customer_types, dates, emails, phones, points, yes_no
from pipeline.rows.columns import Mask, Reading, blank_out, filled
from pipeline.rows.marks import Marks, read_marks
from pipeline.rows.staging_columns import Column, stage_columns
from schemas.fields import Kind, kind_of
from schemas.mapping import DateOrder, Mapping
from schemas.options import ImportOptions
from schemas.parts import LINE
from schemas.parts import column as part_column

_REJECTS: pa.Schema = pa.schema([("line", pa.int32()), ("field", pa.string()), ("code", pa.string())])
#: A cell with one of these is not read, and says so itself.
_CELL_NOTICES = ("cell_error", "number_shortened")
_CELL_REJECTS = ("cell_not_text", "cell_too_long")


@dataclass(frozen=True, slots=True)
class NormalisedPart:
    """A part as typed rows; `staging` lacks rejected rows, `notices` keeps those of rows without phone and e-mail."""

    staging: pa.Table
    #: line, field (null where it is the whole row), code: one for each rejected row.
    rejects: pa.Table
    #: line, field, code: at most one for each cell, grouped by field.
    notices: pa.Table
    #: Signed sums of deltas: of all that can be read, and of those that stand in rejected rows.
    points_readable: int
    points_rejected: int


@dataclass(slots=True)
class _Verdicts:
    """The reject of each row so far: a number into `found`, 0 for none."""

    of_row: npt.NDArray[np.int32]
    found: list[tuple[str | None, str]]

    def reject(self, rows: Mask | None, field: str | None, code: str) -> None:
        """Rejects the rows that are not rejected yet."""
        if rows is not None and (new := rows & (self.of_row == 0)).any():
            self.found.append((field, code))
            self.of_row[new] = len(self.found)


def normalise_part(  # noqa: PLR0917 - six things decide how a part is read, none of them optional
    part: pa.Table,
    headers: Sequence[str],
    mapping: Mapping,
    region: str,
    options: ImportOptions,
    today: date,
) -> NormalisedPart:
    """Reads the mapped columns of a part (see schemas.parts); `headers` names its columns in order.

    `region` reads phones without country code; `today` is the last possible birthday.
    """
    mapped = _list_mapped(headers, mapping)
    marks = read_marks(part, {index for index, _, _ in mapped})
    columns = {
        field: _read_column(part, index, field, marks, _Ways(region, today, mapping.date_orders.get(header, "ymd")))
        for index, header, field in mapped
    }
    verdicts = _Verdicts(np.zeros(len(part), dtype=np.int32), [])
    for code in _CELL_REJECTS:
        for field, column in columns.items():
            verdicts.reject(column.unreadable.get(code), field, code)
    verdicts.reject(marks.rows.get("row_too_wide"), None, "row_too_wide")
    silenced = verdicts.of_row > 0
    verdicts.reject(_lacks_keys(columns, len(part)), None, "no_phone_or_email")
    return _assemble(part.column(LINE).combine_chunks(), columns, verdicts, silenced, options)


def _list_mapped(headers: Sequence[str], mapping: Mapping) -> list[tuple[int, str, str]]:
    """Index, header and field of each mapped column, in file order."""
    named = ((index, header, mapping.fields.get(header)) for index, header in enumerate(headers))
    return [(index, header, field) for index, header, field in named if field is not None]


@dataclass(frozen=True, slots=True)
class _Ways:
    """What a reading depends on beside the cell."""

    region: str
    today: date
    order: DateOrder


def _read_column(part: pa.Table, index: int, field: str, marks: Marks, ways: _Ways) -> Column:
    kind = kind_of(field)
    raw = _as_one_array(part, index)
    text = cleaning.clean_column(raw, key=kind in (Kind.PHONE, Kind.EMAIL))
    unreadable = {code: mask for code in _CELL_REJECTS if (mask := marks.cell(index, code)) is not None}
    if (long := cleaning.find_too_long(text)) is not None:
        unreadable["cell_too_long"] = long | unreadable.get("cell_too_long", False)
    noticed = {code: mask for code in _CELL_NOTICES if (mask := marks.cell(index, code)) is not None}
    said = filled(text)
    for mask in (*unreadable.values(), *noticed.values()):
        said = said | mask
        text = blank_out(text, mask)
    reading = _read(text, field, kind, ways)
    codes = reading.codes
    for code, mask in reversed(noticed.items()):
        codes = pc.if_else(pa.array(mask), code, codes)
    return Column(raw, text, reading.values, codes, said, unreadable)


def _as_one_array(part: pa.Table, index: int) -> pa.StringArray:
    whole = part.column(part_column(index)).combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)


def _read(text: pa.StringArray, field: str, kind: Kind, ways: _Ways) -> Reading:
    match kind:
        case Kind.PHONE:
            return phones.read_phones(text, ways.region)
        case Kind.EMAIL:
            return emails.read_emails(text)
        case Kind.POINTS:
            return points.read_points(text)
        case Kind.YES_NO:
            return yes_no.read_yes_no(text)
        case Kind.CUSTOMER_TYPE:
            return customer_types.read_customer_types(text)
        case Kind.DATE if field == "birthday":
            return dates.read_dates(text, ways.order, dates.FIRST_BIRTHDAY, ways.today)
        case Kind.DATE:
            return dates.read_dates(text, ways.order)
        case _:
            return Reading(text, pa.nulls(len(text), pa.string()))


def _lacks_keys(columns: dict[str, Column], rows: int) -> Mask:
    lacking = np.ones(rows, dtype=bool)
    for key in ("phone", "email"):
        if key in columns:
            lacking &= ~filled(columns[key].values)
    return lacking


def _assemble(
    lines: pa.Array, columns: dict[str, Column], verdicts: _Verdicts, silenced: Mask, options: ImportOptions
) -> NormalisedPart:
    staging = stage_columns(lines, columns, options.opt_in)
    rejected = verdicts.of_row > 0
    readable, refused = _sum_points(columns, rejected)
    if rejected.any():
        staging = staging.filter(pa.array(~rejected))
    return NormalisedPart(
        staging, _list_rejects(lines, verdicts), _list_notices(lines, columns, silenced), readable, refused
    )


def _sum_points(columns: dict[str, Column], rejected: Mask) -> tuple[int, int]:
    if "points" not in columns:
        return 0, 0
    deltas = columns["points"].values
    refused = pc.sum(deltas.filter(pa.array(rejected))).as_py()
    return pc.sum(deltas).as_py() or 0, refused or 0


def _list_rejects(lines: pa.Array, verdicts: _Verdicts) -> pa.Table:
    rows = np.flatnonzero(verdicts.of_row)
    numbers = pa.array(verdicts.of_row[rows] - 1)
    fields = pa.array([field for field, _ in verdicts.found], pa.string()).take(numbers)
    codes = pa.array([code for _, code in verdicts.found], pa.string()).take(numbers)
    return pa.table([lines.take(pa.array(rows)), fields, codes], schema=_REJECTS)


def _list_notices(lines: pa.Array, columns: dict[str, Column], silenced: Mask) -> pa.Table:
    found = [_REJECTS.empty_table()]
    for field, column in columns.items():
        if column.codes.null_count == len(column.codes):
            continue
        rows = pa.array(np.flatnonzero(filled(column.codes) & ~silenced))
        fields = pa.array([field], pa.string()).take(pa.array(np.zeros(len(rows), dtype=np.int32)))
        found.append(pa.table([lines.take(rows), fields, column.codes.take(rows)], schema=_REJECTS))
    return pa.concat_tables(found)
