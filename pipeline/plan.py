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
    count: int = conn.execute(statement("dedupe", "count_tangled")).scalar_one()
    if count == 0:
        return 0
    _write_components(conn, count, first_part, part_size)
    table = f"staging.plan_{work.id}"
    with streamed(conn, statement("dedupe", "tangled_rows")) as rows:
        here, there = tee(rows)
        decisions = zip(here, Resolver(work.options, _id_source(conn)).resolve(there), strict=True)
        while some := [(*_values(decision), row.row_at, True) for row, decision in islice(decisions, _SLICE)]:
            copy_rows(conn, table, [*_COLUMNS, "row_at", "tangled"], some)
    return count


def _write_components(conn: Connection, count: int, first_part: int, part_size: int) -> None:
    edges = _read_edges(conn, count)
    labels = label_components(edges)
    parts = assign_parts(labels, first_part, part_size)
    conn.execute(statement("dedupe", "create_components"))
    for start in range(0, count, _SLICE):
        columns = (column[start : start + _SLICE].tolist() for column in (edges.line, labels, parts))
        copy_rows(conn, "components", ["line", "component", "part"], zip(*columns, strict=True))
    conn.execute(statement("dedupe", "analyze_components"))


def _read_edges(conn: Connection, count: int) -> Edges:
    lines, ids = np.empty((3, count), dtype=np.int32), np.empty((2, count), dtype=np.int64)
    start = 0
    with streamed(conn, statement("dedupe", "edges")) as rows:
        for some in rows.partitions():
            columns = np.array([tuple(row) for row in some], dtype=np.int64).T
            here = slice(start, start := start + len(some))
            lines[:, here], ids[:, here] = columns[:3], columns[3:]
    return Edges(*lines, *ids)


def _id_source(conn: Connection) -> Any:
    """Ids for new personas, taken from the sequence in slices."""

    def ids() -> Iterator[int]:
        while True:
            yield from conn.execute(statement("dedupe", "new_ids"), {"n": 1_000}).scalars().all()

    return ids().__next__
