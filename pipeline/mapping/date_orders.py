"""In which order a column writes day, month and year. Reads no dates: parse has counted them."""

from typing import get_args

from schemas.mapping import DateOrder
from schemas.parts import ColumnProfile

_YEAR_FIRST = frozenset({"CN", "JP", "KR", "HU"})


def choose_date_order(column: ColumnProfile, region: str, remembered: DateOrder | None = None) -> DateOrder:
    """The one order that fits all dates of the column, else the one that a saved mapping has, else the region's."""
    counts: dict[DateOrder, int] = {"mdy": column.fits_mdy, "dmy": column.fits_dmy, "ymd": column.fits_ymd}
    fitting = [order for order in get_args(DateOrder) if column.date_cells and counts[order] == column.date_cells]
    if len(fitting) == 1:
        only: DateOrder = fitting[0]
        return only
    return remembered or order_of_region(region)


def order_of_region(region: str) -> DateOrder:
    """How a region (ISO, two letters) writes dates."""
    if region.upper() == "US":
        return "mdy"
    return "ymd" if region.upper() in _YEAR_FIRST else "dmy"
