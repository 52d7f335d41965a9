"""What every kind of file is read as: headers, then batches of rows. Owns no reading."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Source:
    """A file that has been opened; taking `batches` reads the rest of it, once."""

    headers: tuple[str, ...]
    #: Batches in the layout of a part file, of any number of rows, blank rows left out.
    batches: Iterator[pa.RecordBatch]
    #: Codes of REMARKS.
    remarks: tuple[str, ...] = ()
