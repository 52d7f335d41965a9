"""Reads any file that can be read, whatever its kind: headers, part files, profile. Runs inside the child."""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline.files.csv_files import open_csv
from pipeline.files.kinds import Kind, find_kind
from pipeline.files.limits import ReadLimits
from pipeline.files.parts import PartWriter
from pipeline.files.profile import Profiler
from pipeline.files.source import Source
from schemas.errors import ImportRefused
from schemas.parts import FileProfile


@dataclass(frozen=True, slots=True)
class Asked:
    """One file and how to read it."""

    path: Path
    sheet: str | None
    encoding: str | None
    limits: ReadLimits
    #: Slower parsers that can't end the process.
    careful: bool = False


def open_source(asked: Asked) -> Source:
    """The file's headers, with its rows to come; raises ImportRefused."""
    size = asked.path.stat().st_size
    if not size:
        raise ImportRefused("empty_file")
    if size > asked.limits.file_bytes:
        raise ImportRefused("file_too_large")
    kind = find_kind(asked.path)
    if kind is Kind.CSV:
        return open_csv(asked.path, asked.encoding, asked.limits.columns, asked.careful)
    # Workbook libraries take as long to import as a small file takes to read.
    if kind is Kind.XLSX:
        from pipeline.files.xlsx_files import open_xlsx

        return open_xlsx(asked.path, asked.sheet, asked.limits, asked.careful)
    from pipeline.files.xls_files import open_xls

    return open_xls(asked.path, asked.sheet, asked.careful)


def read_headers(asked: Asked) -> tuple[str, ...]:
    """The headers alone; raises ImportRefused like a whole reading, but for what only rows can show."""
    return open_source(asked).headers


def read_parts(asked: Asked, out: Path, finished: Callable[[int, Path], None]) -> FileProfile:
    """Write all part files, saying when each is finished; raises ImportRefused (no_rows for a header alone)."""
    source = open_source(asked)
    profiler = Profiler(source.headers)

    def watch(index: int, path: Path, table: pa.Table) -> None:
        profiler.watch(table)
        finished(index, path)

    writer = PartWriter(out, len(source.headers), watch)
    try:
        for batch in source.batches:
            writer.add(batch)
        writer.finish()
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise ImportRefused("file_too_large") from None
        raise
    if not writer.part_rows:
        raise ImportRefused("no_rows")
    rows = sum(writer.part_rows)
    return FileProfile(source.headers, rows, tuple(writer.part_rows), profiler.columns(), source.remarks)
