"""Rows of part files that name a shopper are found in every spelling, and emptied to the last byte."""

import pyarrow as pa
import pytest

from pipeline.files.columns import schema
from pipeline.files.parts import open_part
from pipeline.personas.traces import Keys, empty_rows, find_lines, write_part

KEYS = Keys("US", frozenset({"+14155552671"}), frozenset({"ada.l@xn--bcher-kva.example"}))


def part(*cells: str | None) -> pa.Table:
    lines = pa.array(range(2, 2 + len(cells)), pa.int32())
    marks = pa.nulls(len(cells), pa.string())
    return pa.table([lines, marks, pa.array(cells, pa.string()), pa.array(["x"] * len(cells))], schema=schema(2))


@pytest.mark.parametrize(
    "cell",
    [
        "(415) 555-2671",
        "+1 415.555.2671",
        "4155552671.0",
        "'4155552671",
        "415\u200b555\u00a02671",
        "٤١٥٥٥٥٢٦٧١",
        "４１５５５５２６７１",
        "ADA.L@Bücher.example",
        " ada.l@xn--bcher-kva.example\u200b",
    ],
)
def test_every_spelling_is_found(cell: str) -> None:
    assert find_lines(part("212-555-0187", cell, None), KEYS, mentions=False) == [3]
    assert find_lines(part("212-555-0187", cell, None), KEYS, ["c1"], mentions=False) == []


@pytest.mark.parametrize("cell", ["call 415 555 2671", "4155552671 or 2125550187", "Ada <ada.l@xn--bcher-kva.example>"])
def test_a_mention_counts_only_where_it_is_asked_for(cell: str) -> None:
    assert find_lines(part(cell), KEYS, mentions=True) == [2]
    assert find_lines(part(cell), KEYS, mentions=False) == []


@pytest.mark.parametrize(
    "cell", ["415-555-2672", "vada.l@xn--bcher-kva.example", "ada.l@example.org", "2671", "", None]
)
def test_others_are_left_alone(cell: str | None) -> None:
    assert find_lines(part(cell), KEYS, mentions=True) == []


def test_an_emptied_row_keeps_its_line_and_no_byte_of_its_cells() -> None:
    emptied = empty_rows(part("Wandalina", "Bo", "Wandalina"), {2, 4})
    assert emptied is not None
    body = open_part(write_part(emptied))
    assert body["line"].to_pylist() == [2, 3, 4]
    assert body["c0"].to_pylist() == [None, "Bo", None]
    memory = b"".join(bytes(buffer) for chunk in body["c0"].chunks for buffer in chunk.buffers() if buffer)
    assert b"Wanda" not in memory
    assert empty_rows(body, {2, 4}) is None
