"""What searches have found stays found: each input in `finds/`, and each seed, is read or refused."""

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.fuzz_readers import FINDS, list_seeds
from tests.hostile.fuzz_targets import TARGETS, check


@pytest.fixture(autouse=True)
def _no_leftovers() -> Iterator[None]:
    """A process that reads one workbook leaves its files to its own end; here they go with the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.mark.parametrize("path", sorted(path for path in FINDS.glob("*") if path.is_file()), ids=lambda path: path.name)
def test_find(path: Path) -> None:
    check(path.read_bytes())


def test_seeds_go_to_every_target_and_do_no_harm() -> None:
    seeds = list(list_seeds())
    assert {data[0] for data in seeds} == set(range(len(TARGETS)))
    for data in seeds:
        check(data)
