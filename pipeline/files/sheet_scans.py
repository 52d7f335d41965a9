"""A look over the XML of a workbook before any parser sees it: forbidden things, and the rectangle that values span.

Knows tags and places, no values.
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from xml.parsers import expat

from schemas.errors import ImportRefused

_NAME = rb"(?:[A-Za-z_][\w.\-]*:)?"
_COLUMN = re.compile(rb'<c r="([A-Z]+)[0-9]')
_ROW = re.compile(rb'<c r="[A-Z]+([0-9]+)"')
_PLACED_CELL = re.compile(rb"<" + _NAME + rb"c(?:\s[^<>]*?)?\sr\s*=\s*[\"']([A-Z]+)([0-9]+)[\"'](?:[^<>]*[^<>/])?>")
_OPEN_CELL = re.compile(rb"<" + _NAME + rb"c(?:\s[^<>]*[^<>/])?>")
_FORMULA = re.compile(rb"<" + _NAME + rb"f[\s/>]")
_ERROR = re.compile(rb"\st\s*=\s*[\"']e[\"']")
_VALUE = re.compile(rb"<" + _NAME + rb"(?:v|is|f)[\s/>]")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
# XML names and values between two tags are never this long.
_LONGEST = 32 << 20


@dataclass(slots=True)
class Extent:
    """Where the values of a sheet are; rows and columns count from 1, 0 without any value."""

    last_row: int = 0
    first_column: int = 0
    last_column: int = 0
    #: Cells that are not self-closing, which nearly always have a value.
    cells: int = 0
    #: There are formulas, errors or cells without a place, so that only a full walk can tell more.
    needs_walk: bool = False
    #: Row → columns (both from 0) of cells with an error or a formula without a stored value; only a walk fills it.
    errors: dict[int, list[int]] = field(default_factory=dict)

    def include(self, row: int, column: int) -> None:
        """Stretch it to a cell."""
        self.last_row = max(self.last_row, row)
        self.last_column = max(self.last_column, column)
        self.first_column = min(self.first_column or column, column)


def column_number(letters: str) -> int:
    """The number of a column from its letters: A is 1, XFD 16,384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def whole_tags(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """XML as UTF-8 in pieces that end with a tag; raises ImportRefused (unreadable) for a DOCTYPE."""
    rest = b""
    for piece in _as_utf8(pieces):
        data = rest + piece
        end = data.rfind(b">") + 1
        if b"<!DOCTYPE" in data or len(data) - end > _LONGEST:
            raise ImportRefused("unreadable")
        rest = data[end:]
        if end:
            yield data[:end]


def _as_utf8(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decoder: codecs.IncrementalDecoder | None = None
    begun = False
    for piece in pieces:
        if not begun and piece:
            begun = True
            # Other marks and declarations are read as they are: the tags are ASCII in all of them.
            if piece[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                decoder = codecs.getincrementaldecoder("utf-16")("replace")
            elif b"\0" in piece[:4]:
                raise ImportRefused("unreadable")
        yield decoder.decode(piece).encode("utf-8", "replace") if decoder else piece


def scan_sheet(pieces: Iterable[bytes]) -> Extent:
    """The extent of a sheet from its XML, by a fast look at the places of its cells."""
    extent = Extent()
    letters: set[bytes] = set()
    rows: set[bytes] = set()
    valued = False
    for data in whole_tags(pieces):
        columns, numbers, opened = _find_places(data, letters)
        letters.update(columns)
        rows = {max(rows.union(numbers), key=int, default=b"0")}
        extent.cells += len(numbers)
        valued = valued or _VALUE.search(data) is not None
        extent.needs_walk |= opened != len(numbers) or _has_special(data)
    if valued or extent.needs_walk:
        for column in letters:
            extent.include(int(*rows), column_number(column.decode()))
    return extent


def _find_places(data: bytes, known: Set[bytes]) -> tuple[Sequence[bytes], Sequence[bytes], int]:
    """Columns, but for known ones, and rows of cells with contents; how many there are, with a place or without."""
    rows, cells = _ROW.findall(data), data.count(b"<c")
    if len(rows) == cells and data.count(b"</c") == cells + _cut_cells(data) and b":c" not in data:
        # As Excel and nearly everybody writes it. Looking for what is not known takes less than listing what is.
        new = re.search(rb'<c r="(?!(?:' + b"|".join(known) + rb")[0-9])", data)
        return _COLUMN.findall(data) if new else [], rows, cells
    placed = _PLACED_CELL.findall(data)
    return [column for column, _ in placed], [row for _, row in placed], len(_OPEN_CELL.findall(data))


def _cut_cells(data: bytes) -> int:
    """How many more cells end here than begin: the piece may begin and end in the midst of one."""
    first, last, end = data.find(b"<c "), data.rfind(b"<c "), data.find(b"</c>")
    begins_inside = end >= 0 and (first < 0 or end < first)
    tail = data[last:] if last >= 0 else b"</c>"
    ends_inside = b"</c>" not in tail and not tail.partition(b">")[0].endswith(b"/")
    return begins_inside - ends_inside


def _has_special(data: bytes) -> bool:
    if (b'"e"' in data or b"'e'" in data) and _ERROR.search(data):
        return True
    return (b"<f" in data or b":f" in data) and _FORMULA.search(data) is not None


def walk_sheet(pieces: Iterable[bytes]) -> Extent:
    """The extent of a sheet by reading every tag, with its errors; ten times slower than a scan.

    Raises ImportRefused (unreadable) for broken XML.
    """
    walker = _Walker()
    try:
        for data in whole_tags(pieces):
            walker.parser.Parse(data)
    except expat.ExpatError:
        raise ImportRefused("unreadable") from None
    return walker.extent


class _Walker:
    """Follows rows and cells, also where they don't say their place, as spreadsheets do."""

    def __init__(self) -> None:
        self.extent = Extent()
        self.parser = expat.ParserCreate("utf-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._row = self._column = 0
        self._kind = ""
        self._formula = self._in_value = self._valued = self._empty_value = False

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "row":
            place = attributes.get("r", "")
            self._row = int(place) if place.isdecimal() else self._row + 1
            self._column = 0
        elif tag == "c":
            found = _REFERENCE.fullmatch(attributes.get("r", "").upper())
            self._column = column_number(found[1]) if found else self._column + 1
            self._row = int(found[2]) if found else self._row
            self._kind = attributes.get("t", "")
            self._formula = self._valued = self._empty_value = False
        elif tag == "f":
            self._formula = True
        elif tag in ("v", "is"):
            self._in_value = self._empty_value = True

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag in ("v", "is"):
            self._in_value = False
        elif tag == "c":
            self._end_cell()

    def _end_cell(self) -> None:
        # A formula whose text is empty has a value; one without any type has none.
        lost = self._formula and not self._valued and not (self._kind == "str" and self._empty_value)
        if self._kind == "e" or lost:
            self.extent.errors.setdefault(self._row - 1, []).append(self._column - 1)
        if self._valued or self._formula or self._kind == "e":
            self.extent.cells += 1
            self.extent.include(self._row, self._column)

    def _text(self, text: str) -> None:
        self._valued |= self._in_value
