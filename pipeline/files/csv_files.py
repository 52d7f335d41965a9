"""A text file becomes headers and batches of rows, block by block, in memory that does not grow with the file."""

import csv
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline.files.cells import is_blank
from pipeline.files.columns import from_rows, to_batch
from pipeline.files.csv_blocks import find_record_end, parse_block
from pipeline.files.delimiters import declared_delimiter, find_delimiter
from pipeline.files.encodings import BLOCK, TextStream, decode_marked, find_encoding
from pipeline.files.headers import count_known, find_header, unique_headers
from pipeline.files.records import END, parse_text, split_lines, unclosed_quote
from pipeline.files.source import Source
from schemas.errors import ImportRefused

# More of a record than this is a quote that never closes; the longest cell that must survive is 10 MB.
_RECORD_LIMIT = 64 << 20
# Of a first look: enough for the header and for the shape of the rows below it.
_HEAD_BYTES = 256 << 10
_HEAD_RECORDS = 100
_HEAD_LINES = 200
_HEAD_CELLS = 200_000
# Of a block, bytes for each column: a very wide file needs enough rows to be worth a pass over all columns.
_WORTHWHILE = 2048
# Lists of so many records stay in the processor's cache.
_SLICE = 1_000


@dataclass(slots=True)
class _Start:
    """What the beginning of a file says about the rest of it."""

    delimiter: str
    headers: tuple[str, ...]
    #: The line of the first record after the header, and where in the text it begins.
    line: int
    offset: int


def open_csv(path: Path, encoding: str | None, most_columns: int, careful: bool = False) -> Source:
    """The headers of a text file and its rows, which are read as they are asked for.

    `careful` leaves out the fast parser. Raises ImportRefused: empty_file, no_header, bad_encoding, bad_options,
    file_too_large (columns), unreadable.
    """
    chosen = find_encoding(path, encoding)
    stream = TextStream(path, chosen)
    try:
        head = _read_head(stream)
        start = _read_start(head, most_columns)
    except BaseException:
        stream.close()
        raise
    remarks = (chosen.remark,) if chosen.remark else ()
    return Source(start.headers, _read_batches(stream, head[start.offset :], start, careful), remarks)


def _read_head(stream: TextStream) -> bytes:
    """The beginning of the text with at least one whole line, however long that is."""
    head = b""
    while len(head) < _HEAD_BYTES or (b"\n" not in head and b"\r" not in head):
        block = stream.read(BLOCK)
        if not block:
            break
        head += block
        if len(head) > _RECORD_LIMIT:
            raise unclosed_quote(1)
    if not head.strip():
        raise ImportRefused("empty_file")
    return head


def _read_start(head: bytes, most_columns: int) -> _Start:
    whole = head.find(b"\n", _HEAD_BYTES) + 1 or len(head)
    raw_lines = head[:whole].splitlines(keepends=True)
    text = decode_marked(head[:whole])
    lines = split_lines(text)
    declared = declared_delimiter(text)
    delimiter = declared or find_delimiter(lines[:_HEAD_LINES], count_known)
    skipped = 1 if declared else 0
    records, ends = _read_records(lines[skipped:], delimiter)
    if all(map(is_blank, records)) and whole == len(head):
        raise ImportRefused("empty_file")
    header = find_header(records)
    if len(records[header]) > most_columns:
        raise ImportRefused("file_too_large", f"It has more than {most_columns:,} columns.")
    offset = sum(map(len, raw_lines[: skipped + ends[header]]))
    names = unique_headers(records[header], len(records[header]))
    return _Start(delimiter, names, skipped + header + 2, offset)


def _read_records(lines: list[str], delimiter: str) -> tuple[list[list[str]], list[int]]:
    """The first records that are whole, and how many lines end with each."""
    reader = csv.reader([*lines, END], delimiter=delimiter)
    records: list[list[str]] = []
    ends: list[int] = []
    cells = 0
    for record in reader:
        if reader.line_num > len(lines) or len(records) == _HEAD_RECORDS or cells > _HEAD_CELLS:
            break
        records.append(record)
        ends.append(reader.line_num)
        cells += len(record)
    if not records:
        raise unclosed_quote(1)
    return records, ends


def _read_batches(stream: TextStream, begun: bytes, start: _Start, careful: bool) -> Iterator[pa.RecordBatch]:
    width, line, pending = len(start.headers), start.line, begun
    size = max(BLOCK, width * _WORTHWHILE)
    with closing(stream):
        while True:
            # What is pending grows in steps of its own size, so that a long record is not parsed again for each block.
            block = stream.read(max(size, len(pending)))
            data = pending + block
            if not data:
                return
            if len(pending) > _RECORD_LIMIT:
                raise unclosed_quote(line)
            end = find_record_end(data) if block else len(data)
            arrays = None if careful or not end else parse_block(data[:end], width, start.delimiter)
            if arrays is not None:
                yield to_batch(arrays, line)
                line += len(arrays[0])
                pending = data[end:]
                continue
            parsed = parse_text(decode_marked(data[:end]), start.delimiter, width, line)
            for first in range(0, len(parsed.records), _SLICE):
                yield from_rows(parsed.records[first : first + _SLICE], width, line + first)
            line += len(parsed.records)
            if parsed.open_text and not block:
                raise unclosed_quote(line)
            pending = parsed.open_text.encode("utf-8", "surrogateescape") + data[end:]
