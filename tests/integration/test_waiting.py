"""Whoever waits for an import is not stopped by a session that breaks."""

from typing import Any

import psycopg
import pytest

from console import waiting
from pipeline.history import Glance, look_at_import
from tests.running import Running

pytestmark = pytest.mark.services


class Nobody(waiting.Attendance):
    """For imports that are over."""

    def look(self) -> None:
        pass


def test_a_session_that_breaks_is_not_used_again(
    system: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told = system.run_here(system.make_account(), b"Phone\n(415) 555-2671\n")
    asked = []

    def look(conn: psycopg.Connection[Any], import_id: int) -> Glance:
        asked.append(conn.info.backend_pid)
        if len(asked) == 1:
            system.select("SELECT pg_terminate_backend(:pid)", pid=asked[0])
        return look_at_import(conn, import_id)

    monkeypatch.setattr(waiting, "look_at_import", look)
    glance = waiting.wait_for_import(system.system, told["import_id"], Nobody(system.system))
    assert glance.is_over
    assert asked[0] != asked[1]
    assert caplog.records == []
