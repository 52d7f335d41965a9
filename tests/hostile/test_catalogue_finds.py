"""What searches have found stays found: each input in `finds/`, and each seed, is read or refused."""

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.files.sheet_scans import scan_sheet
from schemas.errors import ImportRefused
from tests.hostile.catalogue import named
from tests.hostile.fuzz_readers import FINDS, list_seeds
from tests.hostile.fuzz_targets import TARGETS, check


@pytest.fixture(autouse=True)
def _no_leftovers() -> Iterator[None]:
    """A process that reads one workbook leaves its files to its own end; here they go with the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.mark.parametrize("path", [named(path.name, path) for path in sorted(FINDS.glob("*"))])
def test_find(path: Path) -> None:
    check(path.read_bytes())


@pytest.mark.parametrize("encoding", [named("wide-xml", "utf-16-le"), named("wide-xml", "utf-16-be")])
def test_wide_xml_without_a_mark_is_refused(encoding: str) -> None:
    # Nothing could be found in it, so that neither its size nor a DOCTYPE would be noticed.
    with pytest.raises(ImportRefused):
        scan_sheet(iter(['<!DOCTYPE a><worksheet><c r="XFD1048576"><v>1</v></c></worksheet>'.encode(encoding)]))


def test_seeds_go_to_every_target_and_do_no_harm() -> None:
    seeds = list(list_seeds())
    assert {data[0] for data in seeds} == set(range(len(TARGETS)))
    for data in seeds:
        check(data)
