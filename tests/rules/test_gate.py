"""Before anything changes: what an import waits for, what counts as the same file, and files that cannot be used."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from pipeline.answers import approve, cancel
from pipeline.submission import submit
from schemas import codes
from schemas.states import Trigger
from tests.rules.shop import ANN, Shop, Told
from tests.running import Running

pytestmark = pytest.mark.services

FILE = "Phone,Points\n4155552671,10\n"


def answer(shop: Shop, told: Told, *, accept_terms: bool = False, again: bool = False) -> Told:
    """What became of the import after a person's answer."""
    bells = approve(shop.tools, told["import_id"], accept_terms=accept_terms, again=again, by="Ann")
    shop.system.ring_here(bells)
    return shop.tell(told["import_id"])


def waits(told: Told, code: str) -> bool:
    return (told["status"], told["code"]) == ("needs_approval", code)


def test_terms_must_be_accepted_for_the_import_or_the_account(system: Running) -> None:
    """terms_not_accepted: nobody accepted the terms, for this import or for the account by name …"""
    shop = Shop(system, terms_accepted_by=None)
    told = shop.offer(FILE)
    assert waits(told, "terms_not_accepted")
    assert (shop.people(), told.outcomes) == ([], {})
    assert waits(answer(shop, told), "terms_not_accepted")
    assert answer(shop, told, accept_terms=True)["status"] == "completed"
    assert waits(shop.offer(FILE.replace("10", "11")), "terms_not_accepted")
    assert shop.offer(FILE.replace("10", "12"), accept_terms=True)["status"] == "completed"
    shop.set_account(terms_accepted_by="Ann")
    assert shop.offer(FILE.replace("10", "13"))["status"] == "completed"


def test_the_same_bytes_wait_and_name_the_earlier_import(shop: Shop) -> None:
    """already_imported: the very same bytes were applied for this account before; the earlier import is named …
    Other options do not make the same bytes another file.
    """
    first = shop.offer(FILE)
    told = shop.offer(FILE, "other.csv", only_fill_blanks=True, opt_in=["sms"])
    assert waits(told, "already_imported")
    assert f" {first['import_id']}." in told["message"]
    assert shop.show(ANN)["points"] == 10
    assert waits(answer(shop, told), "already_imported")
    assert answer(shop, told, again=True)["status"] == "completed"
    assert shop.offer(FILE, "third.csv", again=True)["status"] == "completed"
    assert (shop.show(ANN)["points"], shop.consent(ANN)[0]) == (30, "opted_in")


def test_what_was_not_applied_does_not_count(system: Running) -> None:
    """A dry run, a failed or a cancelled import does not count as applied."""
    shop = Shop(system, terms_accepted_by=None)
    assert shop.offer(FILE, dry_run=True)["status"] == "planned"
    waiting = shop.offer(FILE)
    cancel(shop.tools, waiting["import_id"])
    shop.set_account(terms_accepted_by="Ann")
    assert shop.offer(FILE, sheet="x", map={"Shoe": "phone"})["status"] == "failed"
    assert shop.offer(FILE)["status"] == "completed"


@pytest.mark.parametrize(("good", "bad", "stopped"), [(49, 51, True), (50, 50, False), (0, 99, False)])
def test_too_many_rejects_wait(shop: Shop, good: int, bad: int, stopped: bool) -> None:
    """too_many_rejects: more than half of at least 100 rows were rejected …
    An approved import goes on from where it stood.
    """
    # Rows of archived personas are left out, but nobody has to mend them.
    shop.archive(shop.add(phone="+14155552600"))
    told = shop.offer("Phone\n" + "".join(f"41555526{number:02d}\n" for number in range(good)) + "bad\n" * bad)
    assert waits(told, "too_many_rejects") == stopped
    if stopped:
        assert len(shop.people()) == 1
        told = answer(shop, told)
    assert (told["status"], told["rows"]["rejected"], told["rows"]["read"]) == ("completed", bad, good + bad)


def test_two_notifications_of_one_upload_are_one_import(shop: Shop) -> None:
    """Two notifications of one upload are one import, and so is the same key uploaded again with the same bytes."""
    key = shop.system.put(shop.name, FILE.encode())
    submissions = [submit(shop.tools, key, trigger) for trigger in (Trigger.EVENT, Trigger.SWEEP)]
    shop.system.system.store.put_bytes(key, FILE.encode())
    submissions.append(submit(shop.tools, key, Trigger.EVENT))
    for each in submissions:
        assert each is not None
        shop.system.ring_here(each.doorbells)
    assert len({each.import_id for each in submissions if each}) == 1
    assert [each.created for each in submissions if each] == [True, False, False]
    shop.system.system.store.put_bytes(key, FILE.replace("10", "5").encode())
    other = submit(shop.tools, key, Trigger.EVENT)
    assert other is not None
    shop.system.ring_here(other.doorbells)
    assert shop.show(ANN)["points"] == 15


def two_sheets() -> bytes:
    """A workbook with rows on two sheets."""
    workbook = openpyxl.Workbook()
    for sheet in (workbook.worksheets[0], workbook.create_sheet("Second")):
        sheet.append(["Phone"])
        sheet.append(["4155552671"])
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def encrypted() -> bytes:
    """As much of a workbook with a password as tells that it has one: the name of the stream that holds the rest."""
    entry = "EncryptedPackage".encode("utf-16-le").ljust(64, b"\0") + bytes([34, 0, 2])
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + entry.ljust(128, b"\0")


UNUSABLE: dict[str, tuple[str, Callable[[], bytes], dict[str, Any]]] = {
    "empty_file": ("c.csv", lambda: b"", {}),
    "no_rows": ("c.csv", lambda: b"Phone,Points\n", {}),
    "no_header": ("c.csv", lambda: b"4155552671,Ann\n2125550187,Bob\n", {}),
    "password_protected": ("c.xlsx", encrypted, {}),
    "several_sheets": ("c.xlsx", two_sheets, {}),
    "unknown_sheet": ("c.xlsx", two_sheets, {"sheet": "Third"}),
    "unsupported_type": ("c.csv", lambda: b"%PDF-1.7\n" + b"\0" * 100, {}),
    "unreadable": ("c.xlsx", lambda: two_sheets()[:200], {}),
    "bad_options": ("c.csv", FILE.encode, {"no_such_option": True}),
    "bad_encoding": ("c.csv", lambda: "Phone,City\n4155552671,Zoë\n".encode("cp1252"), {"encoding": "utf-8"}),
}


@pytest.mark.parametrize("code", UNUSABLE)
def test_a_file_that_cannot_be_used_fails_with_one_sentence(shop: Shop, code: str) -> None:
    """A file that cannot be used at all ends the import as failed, with one sentence of advice …

    Limits of size and a source that changes need more than a few bytes: see tests/hostile and tests/integration.
    """
    name, make, options = UNUSABLE[code]
    told = shop.offer(make(), name, **options)
    assert (told["status"], told["code"]) == ("failed", code)
    assert told["message"].startswith(codes.sentence(code))
    assert shop.people() == []
