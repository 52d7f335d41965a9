"""Stage 2: a part file and the mapping become typed staging rows, rejects and notices.

The one place where rows enter Python whole.
"""

import io
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.csv
from sqlalchemy import Connection

from pipeline.copying import copy_csv
from pipeline.files.parts import open_part, part_key
from pipeline.rows.normalise import NormalisedPart, normalise_part
from pipeline.staging import rows_table
from pipeline.work import Advance, Batch, Import, Next, Progress, Tools
from schemas.mapping import Mapping
from schemas.states import StageName

#: Rows normalised at a time: a whole part at once would take four times the memory and be no faster.
_SLICE = 12_500


@dataclass(frozen=True, slots=True)
class Slice:
    """A few rows of the part, ready for COPY."""

    part: NormalisedPart
    staging: bytes


def prepare(tools: Tools, batch: Batch) -> list[Slice]:
    """Fetch a part file and normalise it by columns."""
    work = batch.work
    table = open_part(tools.store.get_bytes(part_key(work.parts_prefix or "", batch.part)))
    today = tools.clock().astimezone(ZoneInfo(work.account.timezone)).date()
    return [_slice(table.slice(start, _SLICE), work, today) for start in range(0, table.num_rows, _SLICE)]


def _slice(table: pa.Table, work: Import, today: date) -> Slice:
    mapping = Mapping(**work.mapping)
    part = normalise_part(table, work.profile["headers"], mapping, work.account.region, work.options, today)
    return Slice(replace(part, staging=part.staging.schema.empty_table()), _csv(part.staging))


def _csv(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    options = pyarrow.csv.WriteOptions(include_header=False)
    pyarrow.csv.write_csv(table, sink, options)
    return sink.getvalue()


def perform(conn: Connection, tools: Tools, batch: Batch, prepared: list[Slice]) -> Progress:
    """COPY the part's rows, rejects and notices."""
    import_id = batch.work.id
    columns = prepared[0].part.staging.column_names
    copy_csv(conn, rows_table(import_id), columns, [piece.staging for piece in prepared])
    rejects = pa.concat_tables([piece.part.rejects for piece in prepared])
    notices = pa.concat_tables([piece.part.notices for piece in prepared])
    for name, table in (("rejects", rejects), ("notices", notices)):
        if table.num_rows:
            keyed = table.append_column("import_id", pa.array([import_id] * table.num_rows, pa.int64()))
            copy_csv(conn, name, keyed.column_names, [_csv(keyed.combine_chunks())])
    counts = {
        "points_readable": sum(piece.part.points_readable for piece in prepared),
        "points_rejected": sum(piece.part.points_rejected for piece in prepared),
    }
    return Progress(rows=batch.work.profile["part_rows"][batch.part], counts=counts)


def close(conn: Connection, tools: Tools, work: Import) -> Next:
    return Advance(StageName.DEDUPE)
