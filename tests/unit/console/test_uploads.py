"""What the command line refuses before anything is uploaded, and what it uploads."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from console.commands.imports import read_map
from console.uploads import check_fields, check_file, check_headers, upload_file
from pipeline.submission import account_of, options_key
from schemas.errors import WrongCommand
from schemas.options import ImportOptions


class Bucket:
    def __init__(self) -> None:
        self.put: dict[str, Any] = {}

    def put_bytes(self, key: str, data: bytes) -> None:
        self.put[key] = json.loads(data)

    def put_file(self, key: str, path: Path, metadata: dict[str, str]) -> None:
        self.put[key] = (path, metadata)


def test_the_last_equals_sign_parts_header_and_field() -> None:
    assert read_map(["Phone=phone", "a=b = points"]) == {"Phone": "phone", "a=b": "points"}


@pytest.mark.parametrize("pair", ["Phone", "=phone", "Phone=", " = "])
def test_half_a_pair_is_wrong(pair: str) -> None:
    with pytest.raises(WrongCommand, match="--map"):
        read_map([pair])


def test_fields_and_attributes_are_known() -> None:
    check_fields({"a": "phone", "b": "attribute:Shoe size", "c": f"attribute:{'x' * 64}"})


@pytest.mark.parametrize("field", ["telephone", "attribute:", "attribute: ", f"attribute:{'x' * 65}", ""])
def test_other_fields_are_wrong(field: str) -> None:
    with pytest.raises(WrongCommand):
        check_fields({"a": field})


def test_headers_are_compared_like_auto_mapping() -> None:
    check_headers(["phone number", "E-MAIL"], ("Phone Number", "Email", "Points"))
    with pytest.raises(WrongCommand, match="'Telephone'"):
        check_headers(["Telephone"], ("Phone",))


def test_a_file_that_is_not_there_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(WrongCommand, match="no file"):
        check_file(tmp_path / "none.csv", ImportOptions())
    with pytest.raises(WrongCommand, match="no file"):
        check_file(tmp_path, ImportOptions())


def test_a_header_that_is_not_there_is_wrong_before_the_upload(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("Phone,Points\n(415) 555-2671,5\n", encoding="utf-8")
    check_file(path, ImportOptions(map={"PHONE": "phone"}, ignore=["points"]))
    with pytest.raises(WrongCommand, match="'Email'"):
        check_file(path, ImportOptions(map={"Email": "email"}))
    with pytest.raises(WrongCommand, match="'Mail'"):
        check_file(path, ImportOptions(ignore=["Mail"]))


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("customers.csv", "-customers.csv"),
        ("Müller & Söhne.XLSX", "-M-ller-S-hne.xlsx"),
        ("..csv", ".csv"),
        ("a.pdf", "-a.csv"),
    ],
)
def test_every_file_gets_a_safe_key_of_its_own_that_starts_an_import(tmp_path: Path, name: str, ending: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"Phone\n1\n")
    bucket = Bucket()
    system: Any = SimpleNamespace(store=bucket)
    keys = {upload_file(system, "acme", path, ImportOptions(dry_run=True)) for _ in range(3)}
    assert len(keys) == 3
    for key in keys:
        assert key.endswith(ending)
        assert account_of(key) == "acme"
        assert bucket.put[options_key(key)] == {"name": name, "dry_run": True}
        assert bucket.put[key] == (path, {"personas-trigger": "cli"})
    options_first = [key.endswith(".options.json") for key in bucket.put]
    assert options_first == [True, False] * 3
