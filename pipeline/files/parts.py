"""Part files: written in order, read back whole. The layout is in schemas.parts; cells mean nothing here."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from pipeline.files.columns import schema
from schemas.parts import PART_ROWS

#: A part of long texts ends before PART_ROWS, so that a reader of it needs no more memory than for any other.
PART_BYTES = 48 << 20


def open_part(source: Path | bytes) -> pa.Table:
    """The table of one part file, given its path or its bytes."""
    with pa.BufferReader(source) if isinstance(source, bytes) else pa.OSFile(str(source)) as file:
        return pa.ipc.open_file(file).read_all()


def part_key(prefix: str, part: int) -> str:
    """The key of a part file in the bucket."""
    return f"{prefix}{part:05d}.arrow"


class PartWriter:
    """Gathers batches into part files `00000.arrow`, `00001.arrow` … of a folder, and says when each is finished."""

    def __init__(self, folder: Path, width: int, finished: Callable[[int, Path, pa.Table], None]) -> None:
        self._folder = folder
        self._schema = schema(width)
        self._finished = finished
        self._batches: list[pa.RecordBatch] = []
        self._rows = 0
        self._bytes = 0
        #: Rows of each finished part.
        self.part_rows: list[int] = []

    def add(self, batch: pa.RecordBatch) -> None:
        """Take the next rows; writes a part file whenever one is full."""
        while batch.num_rows:
            room = PART_ROWS - self._rows
            piece, batch = batch.slice(0, room), batch.slice(room)
            self._batches.append(piece)
            self._rows += piece.num_rows
            self._bytes += piece.nbytes
            if self._rows == PART_ROWS or self._bytes >= PART_BYTES:
                self.finish()

    def finish(self) -> None:
        """Write what is gathered; nothing if that is nothing."""
        if not self._rows:
            return
        table = pa.Table.from_batches(self._batches, self._schema).combine_chunks()
        self._batches, self._rows, self._bytes = [], 0, 0
        index = len(self.part_rows)
        path = self._folder / f"{index:05d}.arrow"
        options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, self._schema, options=options) as writer:
            writer.write_table(table)
        self.part_rows.append(table.num_rows)
        self._finished(index, path, table)
