"""What tests of single files begin with."""

from pathlib import Path

import pytest

from tests.hostile.readings import Put


@pytest.fixture
def put(tmp_path: Path) -> Put:
    return Put(tmp_path)
