"""Turns a file's cells into judged rows: values, notices, the rejects that need no persona. Touches no state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.oracle import dates, values
from tests.oracle.model import FIELDS, YES_OR_NO, AttributeValue, Cell, CellFault
from tests.oracle.text import MAX_CELL, clean, is_not_text, unique_headers

DATES = ("birthday", "loyalty_signup_date")


@dataclass(slots=True)
class Row:
    """One judged row. `said` names the fields whose cell is not blank, also where its value was dropped."""

    line: int
    phone: str | None = None
    email: str | None = None
    points: int = 0
    text: dict[str, str] = field(default_factory=dict)
    answers: dict[str, bool] = field(default_factory=dict)
    attributes: list[tuple[str, AttributeValue]] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    notices: dict[str, str] = field(default_factory=dict)
    reject: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """How to read one file: the field of each column (None: ignored), and what its values depend on."""

    columns: tuple[str | None, ...]
    orders: Mapping[str, str]
    region: str
    today: date
    workbook: bool


def column_fields(headers: Sequence[str], mapping: Mapping[str, str | None]) -> tuple[str | None, ...]:
    """The field of each column; a mapping of an unknown header or field, or two columns on one field, is an error."""
    names = unique_headers(headers)
    unknown = set(mapping) - set(names)
    found = tuple(mapping.get(name) for name in names)
    used = [name for name in found if name is not None]
    bad = [name for name in used if name not in FIELDS and not name.startswith("attribute:")]
    if unknown or bad or len(used) != len(set(used)):
        raise ValueError(f"mapping: unknown headers {sorted(unknown)}, unknown fields {bad}, or a field used twice")
    return found


def date_orders(
    columns: Sequence[str | None], rows: Sequence[Sequence[Cell]], asked: str | None, region: str
) -> dict[str, str]:
    """The order of each mapped date column, judged over every row of the file."""
    orders = {}
    for position, name in enumerate(columns):
        if name in DATES:
            cells = [row[position] for row in rows if position < len(row)]
            texts = [clean(cell) for cell in cells if isinstance(cell, str) and not is_not_text(cell)]
            orders[str(name)] = dates.column_order(texts, asked, region)
    return orders


def read_row(line: int, cells: Sequence[Cell], sheet: Sheet) -> Row | None:
    """The judged row, or None: "A row whose cells are all blank after cleaning is not a row"."""
    if all(_is_blank(cell) for cell in cells):
        return None
    row = Row(line)
    mapped = [(name, cell) for name, cell in zip(sheet.columns, cells, strict=False) if name is not None]
    for name, cell in mapped:
        _read_cell(row, name, cell, sheet)
    texts = [cell for _, cell in mapped if isinstance(cell, str)]
    extra = () if sheet.workbook else cells[len(sheet.columns) :]
    # "A reject has one code, the first of": the order of these branches is the order of the rules.
    if any(is_not_text(text) for text in texts):
        row.reject = "cell_not_text"
    elif any(len(clean(text)) > MAX_CELL for text in texts):
        row.reject = "cell_too_long"
    elif not all(_is_blank(cell) for cell in extra):
        row.reject = "row_too_wide"
    elif row.phone is None and row.email is None:
        row.reject = "no_phone_or_email"
    if row.reject in ("cell_not_text", "cell_too_long", "row_too_wide"):
        row.notices.clear()
    return row


def _is_blank(cell: Cell) -> bool:
    # A cell that is no text is not blank: it makes its row a row, and a reject.
    return isinstance(cell, str) and not is_not_text(cell) and not clean(cell)


def _read_cell(row: Row, name: str, cell: Cell, sheet: Sheet) -> None:
    if _is_blank(cell):
        return
    row.said.add(name)
    if isinstance(cell, CellFault):
        row.notices[name] = cell.code
        return
    text = clean(cell)
    if is_not_text(cell) or len(text) > MAX_CELL:
        return
    try:
        _store(row, name, text, sheet)
    except values.Rejected as dropped:
        row.notices[name] = dropped.args[0]


def _store(row: Row, name: str, text: str, sheet: Sheet) -> None:
    if name == "phone":
        row.phone = values.phone(text, sheet.region)
    elif name == "email":
        row.email = values.email(text)
    elif name == "points":
        row.points = values.points(text)
    elif name in YES_OR_NO:
        row.answers[name] = values.yes_or_no(text)
    elif name == "birthday":
        row.text[name] = dates.read_birthday(text, sheet.orders[name], sheet.today).isoformat()
    elif name == "loyalty_signup_date":
        row.text[name] = dates.read_date(text, sheet.orders[name]).isoformat()
    elif name == "customer_type":
        row.text[name] = values.customer_type(text)
    elif name.startswith("attribute:"):
        value = values.attribute(text)
        if value is not None:
            row.attributes.append((name.removeprefix("attribute:"), value))
    else:
        row.text[name] = text
