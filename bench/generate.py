"""Writes an invented customer file of any size, and the existing customers it is to meet. Same arguments, same bytes.

python -m bench.generate --rows 1000000 --population 1000000 --out customers.csv --population-out population.csv
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

from bench.people import Numbers, draw, emails, join, phone_pieces, profile, take
from bench.spelling import FILE_TYPE_SHARES, FILE_TYPES, blank, spell_answers, spell_emails, spell_phones

HEADERS = [
    *("First Name", "Last Name", "Phone", "Email", "Birthday", "Address", "City", "State", "Zip", "Points"),
    *("Opt-in SMS", "Opt-in Email", "Explicit SMS Opt-out", "Customer Type", "Loyalty Signup Date", "Favorite Store"),
    "Veteran",
]
KINDS = ("new", "known_by_both", "known_by_phone", "known_by_email", "duplicate", "conflict", "tangled", "shared_phone")
SLICE = 100_000
SHEET_ROWS = 1_048_575


@dataclass(frozen=True, slots=True)
class Shape:
    """What to write. Shares are of all rows; persons 0 to `population` - 1 are the existing customers."""

    rows: int
    population: int = 0
    overlap: float = 0.3
    duplicates: float = 0.04
    conflicts: float = 0.005
    #: Rows in rings in which each phone and each e-mail stands in two rows, and how many rows make a ring (even).
    tangled: float = 0.0
    ring: int = 4
    #: So many phones in all of the file, each row with an e-mail of its own; 0 for one phone per person.
    phones: int = 0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Keys:
    """For each row the persons whose phone, e-mail and profile it carries (-1: none); and its kind in KINDS."""

    phone: Numbers
    email: Numbers
    person: Numbers
    kind: Numbers


def plan_keys(shape: Shape) -> Keys:
    """Who is in every row, in the order of the file."""
    rng = np.random.default_rng(shape.seed)
    # Newcomers are numbered after the population, identities that are nobody's main one after them.
    newcomer, spare = shape.population, shape.population + shape.rows
    if shape.phones:
        people = newcomer + np.arange(shape.rows)
        return Keys(
            np.arange(shape.rows) % shape.phones, people, people, np.full(shape.rows, KINDS.index("shared_phone"))
        )
    tangled = int(shape.rows * shape.tangled) // shape.ring * shape.ring
    free = shape.rows - tangled
    conflicts = min(int(shape.rows * shape.conflicts), free) if shape.population > 1 else 0
    duplicates = min(int(shape.rows * shape.duplicates), free - conflicts)
    plain = _plain_rows(shape, free - conflicts - duplicates, newcomer, spare, rng)
    pieces = [
        plain,
        _duplicate_rows(plain, duplicates, spare + shape.rows, rng),
        _conflict_rows(shape.population, conflicts, rng),
        _tangled_rows(tangled, shape.ring, spare + 2 * shape.rows),
    ]
    order = rng.permutation(shape.rows)
    columns = (np.concatenate([getattr(piece, name) for piece in pieces])[order] for name in Keys.__slots__)
    return Keys(*columns)


def _plain_rows(shape: Shape, rows: int, newcomer: int, spare: int, rng: np.random.Generator) -> Keys:
    known = min(int(shape.rows * shape.overlap), shape.population, rows)
    people = np.concatenate([rng.permutation(shape.population)[:known], newcomer + np.arange(rows - known)])
    kind = np.zeros(rows, np.int64)
    kind[:known] = rng.choice([1, 2, 3], known, p=[0.6, 0.25, 0.15])
    other = spare + np.arange(rows)
    return Keys(np.where(kind == 3, other, people), np.where(kind == 2, other, people), people, kind)


def _duplicate_rows(plain: Keys, rows: int, spare: int, rng: np.random.Generator) -> Keys:
    if not len(plain.kind):
        rows = 0
    again = rng.integers(0, max(len(plain.kind), 1), rows)
    shares = rng.random(rows)
    phone = np.where(shares < 0.8, plain.phone[again], -1)
    email = np.where((shares >= 0.5) & (shares < 0.8), spare + np.arange(rows), plain.email[again])
    return Keys(phone, email, plain.person[again], np.full(rows, KINDS.index("duplicate")))


def _conflict_rows(population: int, rows: int, rng: np.random.Generator) -> Keys:
    one = rng.integers(0, max(population, 1), rows)
    other = (one + rng.integers(1, max(population, 2), rows)) % max(population, 1)
    return Keys(one, other, one, np.full(rows, KINDS.index("conflict")))


def _tangled_rows(rows: int, ring: int, first: int) -> Keys:
    place, half = np.arange(rows) % ring, ring // 2
    base = first + np.arange(rows) // ring * half
    phone = base + place // 2
    return Keys(phone, base + (place + 1) // 2 % half, phone, np.full(rows, KINDS.index("tangled")))


def make_slices(shape: Shape, keys: Keys) -> Iterator[pa.Table]:
    """The rows as tables of at most SLICE rows, all cells text as they stand in a .csv."""
    for number, start in enumerate(range(0, shape.rows, SLICE)):
        part = slice(start, start + SLICE)
        rng = np.random.default_rng([shape.seed, number])
        yield _make_slice(keys.phone[part], keys.email[part], keys.person[part], rng)


def _make_slice(phone: Numbers, email: Numbers, person: Numbers, rng: np.random.Generator) -> pa.Table:
    rows, sure = len(person), profile(person)
    roll, amount = rng.random(rows), rng.integers(1, 4_000, rows)
    points = np.where(roll < 0.01, -amount, np.where(roll < 0.6, amount, 0))
    cells = [
        *(sure["first_name"], sure["last_name"], spell_phones(phone, rng), spell_emails(email, rng)),
        blank(pc.strftime(sure["birthday"], "%m/%d/%Y"), rng.random(rows) < 0.06),
        *(sure["address"], sure["city"], sure["state"], sure["postal_code"]),
        blank(pc.cast(pa.array(points), pa.string()), roll >= 0.9),
        *(spell_answers(rows, 0.45, 0.35, rng), spell_answers(rows, 0.55, 0.3, rng)),
        *(
            spell_answers(rows, 0.03, 0.2, rng),
            take(FILE_TYPES, rng.choice(len(FILE_TYPES), rows, p=FILE_TYPE_SHARES)),
        ),
        blank(pc.cast(sure["loyalty_signup_date"], pa.string()), rng.random(rows) < 0.1),
        *(sure["favorite_store"], spell_answers(rows, 0.07, 0.6, rng)),
    ]
    return pa.table(cells, names=HEADERS)


def make_population(population: int) -> Iterator[pa.Table]:
    """The existing customers as tables, columns named and values spelled as the product stores them."""
    for start in range(0, population, SLICE):
        people = np.arange(start, min(start + SLICE, population))
        columns = {"phone": join("+1", *phone_pieces(people)), "email": emails(people), **profile(people)}
        columns["customer_type"] = take(["medical", "recreational", "recreational"], draw(people, 20, 3))
        columns["points"] = pa.array(draw(people, 21, 10_000))
        columns["sms_consent"] = take(["opted_in", "opted_in", "opted_out", "unknown"], draw(people, 22, 4))
        columns["email_consent"] = take(["opted_in", "opted_in", "opted_in", "unknown"], draw(people, 23, 4))
        yield pa.table(columns)


def write_file(shape: Shape, path: Path) -> dict[str, int]:
    """Write the file as .csv or .xlsx, as its name says; returns how many rows there are of each kind."""
    keys = plan_keys(shape)
    if path.suffix == ".xlsx":
        _write_workbook(make_slices(shape, keys), path)
    else:
        with path.open("wb") as file:
            _write_csv(file, HEADERS, make_slices(shape, keys))
    return dict(zip(KINDS, np.bincount(keys.kind, minlength=len(KINDS)).tolist(), strict=True))


def write_population(population: int, path: Path) -> None:
    """Write the existing customers as .csv, to be copied into the table of personas."""
    names = next(make_population(1)).column_names
    with path.open("wb") as file:
        _write_csv(file, names, make_population(population))


def _write_csv(file: BinaryIO, headers: Sequence[str], tables: Iterator[pa.Table]) -> None:
    file.write((",".join(headers) + "\n").encode())
    for table in tables:
        cells = [_quote(pc.cast(column, pa.string())) for column in table.columns]
        lines = pc.binary_join_element_wise(*cells, ",", null_handling="replace", null_replacement="")
        file.write(("\n".join(lines.to_pylist()) + "\n").encode())


def _quote(cells: Any) -> Any:
    quoted = join('"', pc.replace_substring(cells, '"', '""'), '"')
    return pc.if_else(pc.match_substring_regex(cells, '[",]'), quoted, cells)


def _write_workbook(tables: Iterator[pa.Table], path: Path) -> None:
    """Numbers are number cells, also phones of digits alone: what a spreadsheet makes of them."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet("Customers")
        sheet.write_row(0, 0, HEADERS)
        numbers = {HEADERS.index("Phone"), HEADERS.index("Points")}
        line = 0
        for table in tables:
            for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                line += 1
                sheet.write_row(line, 0, [_as_cell(cell, k in numbers) for k, cell in enumerate(row)])


def _as_cell(cell: str | None, may_be_number: bool) -> str | int | None:
    return int(cell) if may_be_number and cell and cell.lstrip("-").isdecimal() else cell


def read_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--population", type=int, default=100_000, help="existing customers")
    parser.add_argument("--overlap", type=float, default=0.3, help="share of rows that are existing customers")
    parser.add_argument("--duplicates", type=float, default=0.04, help="share of rows that repeat another row's person")
    parser.add_argument("--conflicts", type=float, default=0.005, help="share of rows with the keys of two customers")
    parser.add_argument("--tangled", type=float, default=0.0, help="share of rows of which each key stands in two rows")
    parser.add_argument("--ring", type=int, default=4, help="rows that hang together in this way (even)")
    parser.add_argument("--phones", type=int, default=0, help="so many phones in all rows together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="the file; its ending .csv or .xlsx decides")
    parser.add_argument("--population-out", type=Path, help="also write the existing customers here, as .csv")
    found = parser.parse_args(arguments)
    if found.ring < 2 or found.ring % 2:
        parser.error("--ring must be even")
    if found.out.suffix == ".xlsx" and found.rows > SHEET_ROWS:
        parser.error(f"a sheet has room for {SHEET_ROWS:,} rows")
    return found


def main() -> None:
    wish, began = read_arguments(), perf_counter()
    shape = Shape(**{name: getattr(wish, name) for name in Shape.__slots__})
    counts = write_file(shape, wish.out)
    if wish.population_out:
        write_population(wish.population, wish.population_out)
    kinds = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
    print(f"{wish.rows} rows in {perf_counter() - began:.1f} s: {kinds}", file=sys.stderr)


if __name__ == "__main__":
    main()
