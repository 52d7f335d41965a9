"""The gate between dedupe and apply: its three codes, and the answers that open it."""

import pytest

from pipeline import imports
from pipeline.answers import approve, map_columns
from pipeline.submission import submit
from schemas.errors import WrongCommand
from schemas.states import Trigger
from tests.running import Running

pytestmark = pytest.mark.services

FILE = b"Phone,First Name,Points\n4155552671,Ada,10\n"


def test_terms_must_be_accepted_for_each_import(system: Running) -> None:
    account = system.make_account(terms_accepted_by=None)
    waiting = system.run_here(account, FILE)
    assert (waiting["status"], waiting["code"]) == ("needs_approval", "terms_not_accepted")
    assert waiting["rows"]["read"] == 1
    assert system.export(account) == []
    tools = system.system.tools
    system.ring_here(approve(tools, waiting["import_id"], accept_terms=False, again=False, by="Ada"))
    assert system.describe(waiting["import_id"])["code"] == "terms_not_accepted"
    system.ring_here(approve(tools, waiting["import_id"], accept_terms=True, again=False, by="Ada"))
    assert system.describe(waiting["import_id"])["status"] == "completed"


def test_the_same_bytes_again_wait_and_name_the_earlier_import(system: Running) -> None:
    account = system.make_account()
    first = system.run_here(account, FILE)
    again = system.run_here(account, FILE, name="copy.csv", only_fill_blanks=True)
    assert (again["status"], again["code"]) == ("needs_approval", "already_imported")
    assert str(first["import_id"]) in again["message"]
    system.ring_here(approve(system.system.tools, again["import_id"], accept_terms=False, again=True, by="Ada"))
    assert system.describe(again["import_id"])["status"] == "completed"
    assert system.export(account)[0]["points"] == 20


def test_bytes_that_only_a_dry_run_or_another_account_had_are_new(system: Running) -> None:
    account = system.make_account()
    system.run_here(account, FILE, dry_run=True)
    system.run_here(system.make_account(), FILE)
    assert system.run_here(account, FILE, name="other.csv")["status"] == "completed"


def test_more_than_half_rejected_of_a_hundred_rows_waits(system: Running) -> None:
    good = [f"41555526{number:02d}" for number in range(49)]
    account = system.make_account()
    waiting = system.run_here(account, ("Phone\n" + "\n".join(good + ["bad"] * 51)).encode())
    assert (waiting["status"], waiting["code"]) == ("needs_approval", "too_many_rejects")
    system.ring_here(approve(system.system.tools, waiting["import_id"], accept_terms=False, again=False, by="Ada"))
    done = system.describe(waiting["import_id"])
    assert (done["status"], done["rows"]["rejected"], done["rows"]["created"]) == ("completed", 51, 49)


def test_half_rejected_is_not_too_many(system: Running) -> None:
    good = [f"41555526{number:02d}" for number in range(50)]
    done = system.run_here(system.make_account(), ("Phone\n" + "\n".join(good + ["bad"] * 50)).encode())
    assert done["status"] == "completed"


def test_an_answer_to_nothing_is_refused(system: Running) -> None:
    done = system.run_here(system.make_account(), FILE)
    with pytest.raises(WrongCommand, match="nothing to approve"):
        approve(system.system.tools, done["import_id"], accept_terms=True, again=True, by="Ada")


def test_columns_that_nobody_knows_wait_for_a_mapping(system: Running) -> None:
    account = system.make_account()
    waiting = system.run_here(account, b"Reach,Who\n4155552671,Ada\n")
    assert (waiting["status"], waiting["code"]) == ("needs_mapping", "no_key_column")
    system.ring_here(map_columns(system.system.tools, waiting["import_id"], {"Reach": "phone", "Who": "first_name"}))
    done = system.describe(waiting["import_id"])
    assert (done["status"], done["mapping"]) == ("completed", {"Reach": "phone", "Who": "first_name"})


def test_an_answer_takes_the_place_of_what_was_said_before_and_is_saved(system: Running) -> None:
    account = system.make_account()
    file = b"Reach,Who\n4155552671,Ada\n"
    waiting = system.run_here(account, file, ignore=["reach"], map={"WHO": "last_name"}, save_mapping="ours")
    answers: dict[str, str | None] = {"Reach": "phone", "Who": "first_name"}
    system.ring_here(map_columns(system.system.tools, waiting["import_id"], answers))
    done = system.describe(waiting["import_id"])
    assert (done["status"], done["mapping"]) == ("completed", answers)
    assert system.run_here(account, file + b"4155552672,Bob\n")["mapping"] == answers


def test_a_bug_before_the_claim_ends_the_import_instead_of_ringing_for_ever(
    system: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise TypeError

    key = system.put(system.make_account(), FILE)
    submission = submit(system.system.tools, key, Trigger.EVENT)
    assert submission is not None
    with monkeypatch.context() as patch:
        patch.setattr(imports, "load_import", fail)
        system.ring_here(submission.doorbells)
    failed = system.describe(submission.import_id)
    assert (failed["status"], failed["code"]) == ("failed", "internal_error")
    assert [attempt["error"] for attempt in failed["attempts"]] == ["TypeError"]
