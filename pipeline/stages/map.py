"""Stage 2: a part file and the mapping become typed staging rows, rejects and notices.

The one place where rows enter Python whole.
"""

import io
from dataclasses import dataclass
from datetime import UTC
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.csv
from sqlalchemy import Connection

from pipeline.copying import copy_csv
from pipeline.files.parts import open_part
from pipeline.rows.normalise import NormalisedPart, normalise_part
from pipeline.stages.parse import part_key
from pipeline.staging import rows_table
from pipeline.work import Advance, Batch, Import, Next, Progress, Tools
from schemas.mapping import Mapping
from schemas.states import StageName


@dataclass(frozen=True, slots=True)
class Mapped:
    """One part, ready for COPY."""

    part: NormalisedPart
    staging: bytes


def prepare(tools: Tools, batch: Batch) -> Mapped:
    """Fetch a part file and normalise it by columns."""
    work = batch.work
    table = open_part(tools.store.get_bytes(part_key(work.parts_prefix or "", batch.part)))
    today = tools.clock().astimezone(UTC).astimezone(ZoneInfo(work.account.timezone)).date()
    part = normalise_part(
        table, work.profile["headers"], Mapping(**work.mapping), work.account.region, work.options, today
    )
    return Mapped(part, _csv(part.staging))


def _csv(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    options = pyarrow.csv.WriteOptions(include_header=False)
    pyarrow.csv.write_csv(table, sink, options)
    return sink.getvalue()


def perform(conn: Connection, tools: Tools, batch: Batch, prepared: Mapped) -> Progress:
    """COPY the part's rows, rejects and notices."""
    import_id = batch.work.id
    part = prepared.part
    copy_csv(conn, rows_table(import_id), part.staging.column_names, prepared.staging)
    for name, table in (("rejects", part.rejects), ("notices", part.notices)):
        if table.num_rows:
            keyed = table.append_column("import_id", pa.array([import_id] * table.num_rows, pa.int64()))
            copy_csv(conn, name, keyed.column_names, _csv(keyed.combine_chunks()))
    counts = {"points_readable": part.points_readable, "points_rejected": part.points_rejected}
    return Progress(rows=part.staging.num_rows + part.rejects.num_rows, counts=counts)


def close(conn: Connection, tools: Tools, work: Import) -> Next:
    return Advance(StageName.DEDUPE)
