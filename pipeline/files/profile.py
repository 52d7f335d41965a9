"""What the columns of a file look like, gathered part by part. Owns no meaning: mapping decides what to make of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from pipeline.files.cells import clean
from pipeline.files.shapes import DMY, MDY, YMD, date_orders, is_email, is_number, is_phone, is_yes_no
from schemas.parts import ColumnProfile, column

_SAMPLE = 1_000
# Of all columns together: sixteen thousand columns get smaller samples.
_SAMPLED_CELLS = 400_000
_EXAMPLES = 20
_EXAMPLE_LENGTH = 100
# Distinct dates whose orders are remembered; a file has fewer days than rows.
_REMEMBERED = 200_000


@dataclass(slots=True)
class _Column:
    header: str
    filled: int = 0
    sample: list[str] = field(default_factory=list)
    has_dates: bool = False
    orders: Counter[int] = field(default_factory=Counter)


class Profiler:
    """Watches the part tables of one file in order; the first one is the sample."""

    def __init__(self, headers: Sequence[str]) -> None:
        self._columns = [_Column(header) for header in headers]
        self._sample_size = max(20, min(_SAMPLE, _SAMPLED_CELLS // len(headers)))
        self._seen_first = False
        self._known_orders: dict[str, int] = {}

    def watch(self, table: pa.Table) -> None:
        """Count one part."""
        for index, told in enumerate(self._columns):
            cells = table.column(column(index))
            told.filled += len(cells) - cells.null_count
            if not self._seen_first:
                told.sample = _sample(cells, self._sample_size)
                told.has_dates = any(map(date_orders, told.sample))
            if told.has_dates:
                self._count_dates(cells, told.orders)
        self._seen_first = True

    def columns(self) -> tuple[ColumnProfile, ...]:
        """What was learned."""
        return tuple(map(_describe, self._columns))

    def _count_dates(self, cells: pa.ChunkedArray, orders: Counter[int]) -> None:
        distinct = cells.value_counts()
        known = self._known_orders
        if len(known) > _REMEMBERED:
            known.clear()
        for text, times in zip(distinct.field(0).to_pylist(), distinct.field(1).to_pylist(), strict=True):
            if text is None:
                continue
            fits = known.get(text)
            if fits is None:
                fits = known[text] = date_orders(clean(text))
            orders[fits] += times


def _sample(cells: pa.ChunkedArray, size: int) -> list[str]:
    """Up to `size` filled cells, cleaned, spread evenly."""
    filled = cells.drop_null()
    count = len(filled)
    if count > size:
        filled = filled.take(pa.array([place * count // size for place in range(size)]))
    return [text for cell in filled.to_pylist() if (text := clean(cell))]


def _describe(told: _Column) -> ColumnProfile:
    sample, orders = told.sample, told.orders
    return ColumnProfile(
        header=told.header,
        filled=told.filled,
        sampled=len(sample),
        phones=sum(map(is_phone, sample)),
        emails=sum(map(is_email, sample)),
        numbers=sum(map(is_number, sample)),
        yes_no=sum(map(is_yes_no, sample)),
        dates=sum(1 for cell in sample if date_orders(cell)),
        date_cells=sum(times for fits, times in orders.items() if fits),
        fits_mdy=sum(times for fits, times in orders.items() if fits & MDY),
        fits_dmy=sum(times for fits, times in orders.items() if fits & DMY),
        fits_ymd=sum(times for fits, times in orders.items() if fits & YMD),
        examples=tuple(text[:_EXAMPLE_LENGTH] for text, _ in Counter(sample).most_common(_EXAMPLES)),
    )
