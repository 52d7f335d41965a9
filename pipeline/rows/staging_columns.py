"""Read columns laid out as the staging table wants them. Owns no reading and no rejects."""

from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.rows.attributes import attribute_key, join_attributes
from pipeline.rows.columns import Mask, filled
from pipeline.rows.wishes import Answers, read_wishes
from schemas.fields import ATTRIBUTE_PREFIX, PROFILE
from schemas.options import Channel
from schemas.staging import COLUMNS

_CHANNELS: tuple[Channel, ...] = ("sms", "email")


@dataclass(frozen=True, slots=True)
class Column:
    """One mapped column of a part."""

    #: The cells as they came.
    raw: pa.StringArray
    #: Cleaned text; null where blank, or where the cell itself could not be read.
    text: pa.StringArray
    values: pa.Array
    #: The notice of each cell, null where none.
    codes: pa.Array
    #: Cells that are not blank, readable or not.
    said: Mask
    #: Cells that reject their row, by code.
    unreadable: dict[str, Mask]


def stage_columns(lines: pa.Array, columns: dict[str, Column], opt_in: Collection[Channel]) -> pa.Table:
    """Every staging column that these fields and the option `opt_in` can fill, in the order of COPY."""
    staged: dict[str, pa.Array] = {"line": lines}
    for name in (*PROFILE, "favorite_store"):
        if name in columns:
            staged[name] = columns[name].values
    for key in ("phone", "email"):
        if key in columns:
            staged[key] = columns[key].values
            staged[f"{key}_unusable"] = _true_or_null(columns[key].said & ~filled(columns[key].values))
    if "loyalty" in columns:
        yes = columns["loyalty"].values
        staged["loyalty"] = pc.if_else(yes, yes, pa.scalar(None, pa.bool_()))
    if "points" in columns:
        deltas = columns["points"].values
        staged["points"] = pc.if_else(pc.equal(deltas, 0), pa.scalar(None, deltas.type), deltas)
    if attributes := _list_attributes(columns):
        staged["attributes"] = join_attributes(attributes)
    staged |= _stage_wishes(len(lines), columns, opt_in)
    return pa.table({name: staged[name] for name in COLUMNS if name in staged})


def _list_attributes(columns: dict[str, Column]) -> list[tuple[str, pa.StringArray]]:
    """Key and text of each attribute; of two columns for one attribute the first counts."""
    found: dict[str, pa.StringArray] = {}
    for field, column in columns.items():
        if field.startswith(ATTRIBUTE_PREFIX):
            found.setdefault(attribute_key(field.removeprefix(ATTRIBUTE_PREFIX)), column.text)
    return list(found.items())


def _stage_wishes(rows: int, columns: dict[str, Column], opt_in: Collection[Channel]) -> dict[str, pa.Array]:
    staged: dict[str, pa.Array] = {}
    for channel in _CHANNELS:
        yes = _answers(columns.get(f"{channel}_opt_in"))
        no = _answers(columns.get(f"{channel}_opt_out"))
        if yes is not None or no is not None or channel in opt_in:
            wishes, texts = read_wishes(rows, yes, no, by_default=channel in opt_in)
            staged[f"{channel}_wish"], staged[f"{channel}_raw"] = wishes, texts
    return staged


def _answers(column: Column | None) -> Answers | None:
    return None if column is None else Answers(column.values, column.raw, column.said)


def _true_or_null(mask: Mask) -> pa.BooleanArray:
    """An empty cell costs COPY less than a false, and means the same."""
    return pa.array(mask, mask=~mask)
