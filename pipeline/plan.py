"""The plan of tangled rows: labelled by component, resolved in file order, written back in slices. Owns no rule."""

from collections.abc import Iterator
from dataclasses import fields
from itertools import islice, tee
from operator import attrgetter
from typing import Any

import numpy as np
from sqlalchemy import Connection

from pipeline.asking import driver_connection, stream_named
from pipeline.components import Links, assign_parts, label_components
from pipeline.copying import copy_rows, driver_cursor
from pipeline.identity import Decision, Resolver
from pipeline.numbers import Ints, copy_columns, fill_columns
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
    here, there = tee(stream_named(driver_connection(conn), "dedupe", "tangled_rows", {}, _SLICE))
    decisions = zip(here, Resolver(work.options, _id_source(conn)).resolve(there), strict=True)
    while some := [(*_values(decision), row.row_at, True) for row, decision in islice(decisions, _SLICE)]:
        copy_rows(conn, table, [*_COLUMNS, "row_at", "tangled"], some)
    return count


def _write_components(conn: Connection, count: int, first_part: int, part_size: int) -> None:
    lines = np.empty(count, dtype=np.int32)
    labels = label_components(_read_links(conn, lines))
    parts = assign_parts(labels, first_part, part_size)
    conn.execute(statement("dedupe", "create_components"))
    with driver_cursor(conn) as cursor:
        copy_columns(cursor, "components", {"line": lines, "component": labels, "part": parts})
    conn.execute(statement("dedupe", "analyze_components"))


def _read_links(conn: Connection, lines: Ints) -> Links:
    """The links of all tangled rows; `lines` is filled with their lines."""
    keys = [np.empty(len(lines), dtype=np.int64) for _ in range(4)]
    fill_columns([lines, *keys], stream_named(driver_connection(conn), "dedupe", "links", {}, 1))
    return Links(*keys)


def _id_source(conn: Connection) -> Any:
    """Ids for new personas, taken from the sequence in slices."""

    def ids() -> Iterator[int]:
        while True:
            yield from conn.execute(statement("dedupe", "new_ids"), {"n": 1_000}).scalars().all()

    return ids().__next__
