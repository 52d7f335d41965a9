"""Columns of numbers go into the database and come back as they were."""

import numpy as np
import pytest

from pipeline.numbers import copy_columns, fill_columns
from tests.running import Running

pytestmark = pytest.mark.services

_INTS = [0, 1, -1, 2**31 - 1, -(2**31)]
_IDS = [0, 1, -1, 2**63 - 1, -(2**63)]


@pytest.mark.parametrize("times", [1, 10_000])
def test_columns_go_and_come_back(system: Running, times: int) -> None:
    ints, ids = np.array(_INTS * times, np.int32), np.array(_IDS * times, np.int64)
    with system.system.engine.connect() as conn:
        raw = conn.connection.driver_connection
        assert raw is not None
        with raw.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE numbers (place serial, small integer, large bigint) ON COMMIT DROP")
            copy_columns(cursor, "numbers", {"small": ints, "large": ids})
            cursor.execute("SELECT small, large FROM numbers ORDER BY place LIMIT 5")
            assert cursor.fetchall() == list(zip(_INTS, _IDS, strict=True))
            cursor.execute(
                "SELECT string_agg(int4send(small), ''), string_agg(int8send(large), '')"
                " FROM (SELECT * FROM numbers ORDER BY place) row GROUP BY place / 7000 ORDER BY place / 7000"
            )
            back = np.empty_like(ints), np.empty_like(ids)
            fill_columns(back, cursor)
    assert np.array_equal(back[0], ints)
    assert np.array_equal(back[1], ids)
