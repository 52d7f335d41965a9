"""What is measured: out of the history, and of waiting parts only those that nobody works on."""

import pytest
from sqlalchemy import text

from pipeline.checkpoints import holding
from pipeline.measures import read_measures
from pipeline.submission import submit
from pipeline.work import Doorbell
from schemas.measures import Measures
from schemas.states import StageName, Trigger
from tests.running import Running

pytestmark = pytest.mark.services

FILE = b"Phone,Points\n4155552671,5\n12,3\n"
DECADES = 1e9  # seconds


def measure(system: Running) -> Measures:
    with system.system.engine.connect() as conn:
        return read_measures(conn)


def test_counts_are_those_of_the_history(system: Running) -> None:
    before = measure(system)
    done = system.run_here(system.make_account(), FILE)
    assert done["status"] == "completed"
    after = measure(system)
    # Other tests' imports may come to their end meanwhile.
    assert after.imports["completed"] >= before.imports["completed"] + 1
    assert after.triggers["event"] >= before.triggers["event"] + 1
    assert after.rejects["no_phone_or_email"] >= before.rejects.get("no_phone_or_email", 0) + 1
    assert after.rates["map"] > 0
    assert set(after.rates) == set(after.open_parts) == set(after.lost) == {str(stage) for stage in StageName}


def test_a_part_waits_while_nobody_holds_it_and_it_is_its_turn(system: Running) -> None:
    engine, account = system.system.engine, system.make_account()
    submission = submit(system.system.tools, system.put(account, FILE), Trigger.EVENT)
    assert submission is not None
    import_id = submission.import_id
    with engine.begin() as conn:
        facts = {"id": import_id}
        long_ago = "now() - interval '50 years'"
        conn.execute(
            text(f"UPDATE checkpoints SET opened_at = {long_ago}, due_at = {long_ago} WHERE import_id = :id"), facts
        )
    assert measure(system).oldest_unheld > DECADES
    with engine.connect() as conn, holding(conn, Doorbell(StageName.PARSE, import_id, 0)) as held:
        assert held
        assert measure(system).oldest_unheld < DECADES
    assert measure(system).oldest_unheld > DECADES
    with engine.begin() as conn:
        conn.execute(text("UPDATE imports SET status = 'cancelled', finished_at = now() WHERE id = :id"), facts)
    assert measure(system).oldest_unheld < DECADES
