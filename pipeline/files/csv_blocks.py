"""Clean blocks of CSV, parsed into columns at once by Arrow. Gives up, never guesses, where a block is not clean."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.csv

from schemas.parts import column

# A record that can only come back as itself if no quote was open before it: then Arrow and we agree where rows end.
_END = b"\x02end of block"
_BOM = b"\xef\xbb\xbf"
_ATTEMPTS = 64


def find_record_end(data: bytes) -> int:
    """Where to cut: after the last line with an even number of quotes before it, which is most likely between records.

    Without such a line near the end, after the last line of all; 0 if there is no whole line.
    """
    last = end = _line_end(data, len(data))
    odd = data.count(b'"', 0, end) % 2
    for _ in range(_ATTEMPTS):
        if not odd or not end:
            break
        earlier = _line_end(data, end - 1)
        odd ^= data.count(b'"', earlier, end) % 2
        end = earlier
    return last if odd else end


def _line_end(data: bytes, stop: int) -> int:
    # A CR at the very end may be half of a CRLF, so it doesn't end a line yet.
    return max(data.rfind(b"\n", 0, stop), data.rfind(b"\r", 0, max(stop - 1, 0))) + 1


def parse_block(block: bytes, width: int, delimiter: str) -> list[pa.Array] | None:
    """Columns of a block of whole lines, blank cells null; None unless each record has `width` cells on one UTF-8 line.

    NULs, undecodable bytes, ragged rows, blank lines, cells of several lines and quotes that don't match all give None.
    """
    if b"\0" in block or block.startswith(_BOM) or not delimiter.isascii():
        return None
    names = [column(index) for index in range(width)]
    ending = b"" if block.endswith((b"\n", b"\r")) else b"\n"
    data = b"".join((block, ending, _END, delimiter.encode() * (width - 1), b"\n"))
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(data),
            pyarrow.csv.ReadOptions(column_names=names, block_size=len(data) + 1, use_threads=False),
            pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False),
            pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    rows = table.num_rows - 1
    lines = block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n") + len(ending)
    if rows != lines or not _is_end(table.slice(rows)):
        return None
    return [_whole(chunked.slice(0, rows)) for chunked in table.columns]


def _is_end(row: pa.Table) -> bool:
    return row.column(0)[0].as_py() == _END.decode() and all(chunked.null_count for chunked in row.columns[1:])


def _whole(chunked: pa.ChunkedArray) -> pa.Array:
    chunks: Sequence[pa.Array] = chunked.chunks
    return chunks[0] if len(chunks) == 1 else chunked.combine_chunks()
