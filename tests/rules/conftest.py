"""A fresh account for each test of the rules."""

import pytest

from tests.rules.shop import Shop
from tests.running import Running


@pytest.fixture
def shop(system: Running) -> Shop:
    return Shop(system)
