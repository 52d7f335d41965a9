"""Invented files: the same each time, made up as asked, and of numbers and addresses that the product accepts."""

import csv
import io
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import phonenumbers
import pytest
from openpyxl import load_workbook

from bench.generate import (
    HEADERS,
    KINDS,
    Shape,
    make_population,
    plan_keys,
    read_arguments,
    write_file,
    write_population,
)
from bench.people import emails, join, phone_pieces
from examples.make_customers import write_file as write_customers
from schemas.fields import TEMPLATE_HEADERS
from schemas.tables import personas
from tests.oracle import World, apply_import

ROOT = Path(__file__).parents[2]
MAPPING: dict[str, str | None] = {header: TEMPLATE_HEADERS.get(header, f"attribute:{header}") for header in HEADERS}


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def kinds_of(shape: Shape) -> dict[str, int]:
    return {KINDS[kind]: count for kind, count in Counter(plan_keys(shape).kind.tolist()).items()}


def test_every_person_has_a_valid_phone_and_an_address_of_their_own() -> None:
    people = np.concatenate([np.arange(20_000), 10_000_000 + np.arange(20_000)])
    phones, addresses = join("+1", *phone_pieces(people)).to_pylist(), emails(people).to_pylist()
    assert len(set(phones)) == len(set(addresses)) == len(people)
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone)) for phone in phones[::40])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_same_arguments_same_cells_and_another_seed_other_cells(tmp_path: Path, kind: str) -> None:
    shapes = {"one": Shape(500, 500), "same": Shape(500, 500), "other": Shape(500, 500, seed=2)}
    found = {}
    for name, shape in shapes.items():
        write_file(shape, tmp_path / f"{name}.{kind}")
        found[name] = read_all(tmp_path / f"{name}.{kind}")
    assert found["one"] == found["same"]
    assert found["one"] != found["other"]
    assert len(found["one"]) == 501


def read_all(path: Path) -> list[Any]:
    if path.suffix == ".csv":
        return rows_of(path)
    return list(load_workbook(path).worksheets[0].iter_rows(values_only=True))


def test_workbook_holds_numbers_as_numbers(tmp_path: Path) -> None:
    write_file(Shape(300), tmp_path / "a.xlsx")
    header, *rows = read_all(tmp_path / "a.xlsx")
    assert list(header) == HEADERS
    assert {type(row[HEADERS.index("Points")]) for row in rows} == {int, type(None)}
    assert {int, str} <= {type(row[HEADERS.index("Phone")]) for row in rows}
    assert {type(row[HEADERS.index("Zip")]) for row in rows} == {str}


def test_shares_are_those_asked_for() -> None:
    assert kinds_of(Shape(10_000, 10_000)) == pytest.approx(
        {
            "new": 6_550,
            "known_by_both": 1_800,
            "known_by_phone": 750,
            "known_by_email": 450,
            "duplicate": 400,
            "conflict": 50,
        },
        abs=100,
    )
    assert kinds_of(Shape(1_000, 0)) == {"new": 960, "duplicate": 40}
    assert kinds_of(Shape(1_000, 100, overlap=1, duplicates=0, conflicts=0))["new"] == 900


@pytest.mark.parametrize("ring", [2, 4, 10])
def test_in_tangled_rows_each_key_stands_twice(ring: int) -> None:
    keys = plan_keys(Shape(1_000, tangled=1.0, ring=ring))
    assert set(Counter(keys.phone.tolist()).values()) == {2}
    assert set(Counter(keys.email.tolist()).values()) == {2}
    assert kinds_of(Shape(1_000, tangled=0.5))["tangled"] == 500


def test_a_file_can_share_a_few_phones() -> None:
    keys = plan_keys(Shape(1_000, phones=7))
    assert len(set(keys.phone.tolist())) == 7
    assert len(set(keys.email.tolist())) == 1_000


def test_no_rows_is_a_header(tmp_path: Path) -> None:
    write_file(Shape(0, 10), tmp_path / "a.csv")
    assert rows_of(tmp_path / "a.csv") == [HEADERS]


def test_file_meets_its_population_as_planned(tmp_path: Path) -> None:
    write_file(Shape(2_000, 2_000), tmp_path / "a.csv")
    write_population(2_000, tmp_path / "p.csv")
    names, *existing = rows_of(tmp_path / "p.csv")
    assert set(names) < set(personas.c.keys())
    world = World()
    for person in existing:
        world.create(person[0], person[1])
    headers, *rows = rows_of(tmp_path / "a.csv")
    result = apply_import(world, headers, rows, MAPPING)
    assert result.rows["read"] == 2_000
    assert result.rows["created"] == pytest.approx(1_310, abs=40)
    assert 5 <= result.rejects["identity_conflict"] <= 20
    assert {"phone_kept", "email_kept", "phone_invalid", "email_invalid", "phone_extension"} <= set(result.notices)


def test_population_obeys_the_database() -> None:
    table = next(make_population(3_000))
    assert set(table["customer_type"].to_pylist()) == {"medical", "recreational"}
    assert set(table["sms_consent"].to_pylist()) == {"opted_in", "opted_out", "unknown"}
    assert min(table["points"].to_pylist()) >= 0


def test_command_writes_both_files(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "bench.generate",
        "--rows",
        "50",
        "--population",
        "20",
        "--out",
        str(tmp_path / "a.csv"),
    ]
    subprocess.run([*command, "--population-out", str(tmp_path / "p.csv")], cwd=ROOT, check=True, capture_output=True)
    assert (len(rows_of(tmp_path / "a.csv")), len(rows_of(tmp_path / "p.csv"))) == (51, 21)


@pytest.mark.parametrize("wrong", [["--ring", "3"], ["--rows", "1048576", "--out", "a.xlsx"]])
def test_command_refuses_what_cannot_be(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_arguments(["--out", "a.csv", *wrong])
    assert "error" in capsys.readouterr().err


# --- the example


def test_example_is_what_its_script_writes(tmp_path: Path) -> None:
    write_customers(tmp_path / "customers.csv")
    assert (tmp_path / "customers.csv").read_bytes() == (ROOT / "examples" / "customers.csv").read_bytes()


def test_example_meets_every_rule_of_rows_and_values() -> None:
    text = (ROOT / "examples" / "customers.csv").read_bytes().decode("utf-8", "surrogateescape")
    headers, *rows = csv.reader(io.StringIO(text, newline=""))
    mapping = {header: TEMPLATE_HEADERS.get(header, f"attribute:{header}") for header in headers}
    result = apply_import(World(), headers, rows, mapping)
    assert result.rows["read"] == 5_000
    assert min(result.rows[name] for name in ("created", "updated", "unchanged")) > 0
    assert set(result.rejects) == {"row_too_wide", "cell_not_text", "no_phone_or_email", "identity_conflict"}
    assert result.rows["rejected"] < 100
    assert set(result.notices) == {
        *("phone_shortened", "phone_several", "phone_extension", "phone_letters", "phone_invalid", "phone_kept"),
        *("email_invalid", "email_kept", "points_invalid", "points_below_zero", "not_yes_or_no", "date_invalid"),
        *("customer_type_unknown", "opt_in_without_address"),
    }
    assert min(result.points.values()) > 100
    assert min(result.consent[name] for name in ("sms_opted_in", "sms_opted_out", "email_opted_in")) > 50
