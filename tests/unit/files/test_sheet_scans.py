"""A sheet's extent is the same however its XML is cut, and the same for the quick look as for the walk."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.files import sheet_scans
from pipeline.files.sheet_scans import scan_sheet, walk_sheet

ROWS = b"""<row r="2"><c r="B2" t="inlineStr"><is><t>Ann</t></is></c><c r="C2"><v>7</v></c></row>\
<row r="3"><c r="B3"><v>1</v></c><c r="C3"><v>2</v></c></row>\
<row r="12"><c r="AB12" t="s"><v>5</v></c></row>"""
SHEET = b"<worksheet><sheetData>" + ROWS + b"</sheetData></worksheet>"
WITH_BLANKS = SHEET.replace(b"<v>7</v></c>", b'<v>7</v></c><c r="D2" s="3"/>').replace(b"12", b"9")


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@pytest.mark.parametrize("sheet", [SHEET, WITH_BLANKS])
@given(places=st.lists(st.integers(0, len(SHEET)), max_size=5))
def test_cuts_change_nothing(sheet: bytes, places: list[int]) -> None:
    extent, walked = scan_sheet(iter(cut(sheet, places))), walk_sheet(iter([sheet]))
    assert (extent.last_row, extent.first_column, extent.last_column) == (12 if sheet is SHEET else 9, 2, 28)
    assert extent == walked


def test_a_piece_cut_within_a_cell_needs_no_slow_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly every piece of a large sheet is cut so."""
    monkeypatch.setattr(sheet_scans, "_PLACED_CELL", None)
    for place in range(len(SHEET)):
        assert scan_sheet(iter(cut(SHEET, [place]))).cells == 5
