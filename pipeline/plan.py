"""The plan of tangled rows: labelled by component, resolved in file order, written back in slices. Owns no rule."""

from collections.abc import Iterator
from dataclasses import fields
from itertools import islice, tee
from operator import attrgetter
from typing import Any

import numpy as np
from sqlalchemy import Connection

from pipeline.components import Edges, assign_parts, label_components
from pipeline.copying import copy_rows, streamed
from pipeline.identity import Decision, Resolver
from pipeline.sql import statement
from pipeline.work import Import

_SLICE = 5_000
_COLUMNS = [field.name for field in fields(Decision)]
_values = attrgetter(*_COLUMNS)


def plan_tangled(conn: Connection, work: Import, first_part: int, part_size: int) -> int:
    """Plan the rows of the temporary table `tangled`, in parts from `first_part` on; their number."""
    edges = _read_edges(conn)
    count = len(edges.line)
    if count == 0:
        return 0
    labels = label_components(edges)
    parts = assign_parts(labels, first_part, part_size)
    conn.execute(statement("dedupe", "create_components"))
    columns = zip(edges.line.tolist(), labels.tolist(), parts.tolist(), strict=True)
    copy_rows(conn, "components", ["line", "component", "part"], columns)
    conn.execute(statement("dedupe", "analyze_components"))
    table = f"staging.plan_{work.id}"
    with streamed(conn, statement("dedupe", "tangled_rows")) as rows:
        here, there = tee(rows)
        decisions = zip(here, Resolver(work.options, _id_source(conn)).resolve(there), strict=True)
        while some := [(*_values(decision), row.row_at, True) for row, decision in islice(decisions, _SLICE)]:
            copy_rows(conn, table, [*_COLUMNS, "row_at", "tangled"], some)
    return count


def _read_edges(conn: Connection) -> Edges:
    """-1 stands for no link; 40 bytes a row."""
    with streamed(conn, statement("dedupe", "edges")) as rows:
        slices = [np.array([tuple(row) for row in some], dtype=np.int64) for some in rows.partitions()]
    table = np.concatenate(slices) if slices else np.empty((0, 5), dtype=np.int64)
    return Edges(*(np.ascontiguousarray(table[:, index]) for index in range(5)))


def _id_source(conn: Connection) -> Any:
    """Ids for new personas, taken from the sequence in slices."""

    def ids() -> Iterator[int]:
        while True:
            yield from conn.execute(statement("dedupe", "new_ids"), {"n": 1_000}).scalars().all()

    return ids().__next__
