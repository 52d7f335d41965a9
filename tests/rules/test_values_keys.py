"""Phones and e-mails: every spelling that is accepted, and the one notice for each that is not."""

import pytest

from tests.rules.shop import Shop, Told, as_csv
from tests.running import Running

pytestmark = pytest.mark.services

PHONES = {
    "4155552600": "+14155552600",
    "(415) 555-2601": "+14155552601",
    "415.555.2602": "+14155552602",
    "1-415-555-2603": "+14155552603",
    "+1 415 555 2604": "+14155552604",
    "4155552605.0": "+14155552605",
    "'4155552606": "+14155552606",
    "415\u2011555\u20112607": "+14155552607",
    "４１５５５５２６０８": "+14155552608",
    "011 44 7400 123456": "+447400123456",
    "+49 30 123456": "+4930123456",
    "+86 138 0013 8000": "+8613800138000",
    "tel:+14155552609": "phone_letters",
}
NO_PHONES = {
    "4.15555E+09": "phone_shortened",
    "1,2E+10": "phone_shortened",
    "4155552671 / 2125550187": "phone_several",
    "415-555-2671 or 212-555-0187": "phone_several",
    "4155552671 2125550187": "phone_several",
    "4155552671 or 2125550187 ext 5": "phone_several",
    "415-555-2671 x5": "phone_extension",
    "4155552671 ext. 12": "phone_extension",
    "1-800-FLOWERS": "phone_letters",
    "N/A": "phone_letters",
    "none": "phone_letters",
    "555-2671": "phone_invalid",
    "0000000000": "phone_invalid",
    "415555267": "phone_invalid",
    "+999 123456789": "phone_invalid",
    "4155552671.5": "phone_invalid",
    "-": "phone_invalid",
}
BRITISH = {"07400 123456": "+447400123456", "020 7946 0958": "+442079460958", "+1 415 555 2671": "+14155552671"}
EMAILS = {
    "ann@example.org": "ann@example.org",
    " Ann.Lee+Shop@Example.ORG ": "ann.lee+shop@example.org",
    "annlee@example.org": "annlee@example.org",
    "ann@bücher.example.org": "ann@xn--bcher-kva.example.org",
    "o'neill@example.org": "o'neill@example.org",
    "x" * 60 + "@" + ".".join(["y" * 60] * 3) + ".example": "x" * 60 + "@" + ".".join(["y" * 60] * 3) + ".example",
    "a@no-such-domain-at-all.org": "a@no-such-domain-at-all.org",
}
NO_EMAILS = [
    *("bob", "bob@", "@example.org", "bob@example", "bob@@example.org", "a b@example.org", "Bob <b@example.org>"),
    *(
        "mailto:b@example.org",
        "b@example.org; c@example.org",
        "b@example.org c@example.org",
        "b@exam ple.org",
        "b.@example.org",
    ),
    "x" * 64 + "@" + ".".join(["y" * 61] * 3) + ".example",
]


def read_phones(shop: Shop, spellings: list[str]) -> tuple[Told, dict[str, str | None]]:
    """What each spelling is stored as, of personas that are known by their e-mails."""
    rows = [[f"p{number}@example.org", text] for number, text in enumerate(spellings)]
    told = shop.bring(as_csv(["Email", "Phone"], *rows))
    phones = {person["email"]: person["phone"] for person in shop.people()}
    return told, {text: phones[email] for email, text in rows}


@pytest.fixture(scope="module")
def phones(system: Running) -> dict[str, str | None]:
    """Spelling → what is stored, or the notice."""
    spellings = [*PHONES, *NO_PHONES]
    told, stored = read_phones(Shop(system), spellings)
    said = {spellings[line - 2]: notices[0].removeprefix("phone ") for line, notices in told.notices.items()}
    assert all(len(notices) == 1 for notices in told.notices.values())
    return {text: stored[text] or said.get(text) for text in spellings}


@pytest.mark.parametrize("text", [*PHONES, *NO_PHONES])
def test_phones(phones: dict[str, str], text: str) -> None:
    """phone: any spelling that is a valid number of any country …"""
    assert phones[text] == {**PHONES, **NO_PHONES}[text]


def test_phones_are_read_in_the_accounts_region(system: Running) -> None:
    """phone: any spelling that is a valid number of any country; without country code it is read as …"""
    _, stored = read_phones(Shop(system, region="GB"), list(BRITISH))
    assert stored == BRITISH


@pytest.fixture(scope="module")
def emails(system: Running) -> tuple[Told, dict[str, str | None]]:
    """Spelling → what is stored, of personas that are known by their phones."""
    shop, spellings = Shop(system), [*EMAILS, *NO_EMAILS]
    rows = [[f"41555526{number:02d}", text] for number, text in enumerate(spellings)]
    told = shop.bring(as_csv(["Phone", "Email"], *rows))
    stored = {person["phone"]: person["email"] for person in shop.people()}
    return told, {text: stored[f"+1{phone}"] for phone, text in rows}


@pytest.mark.parametrize("text", EMAILS)
def test_emails(emails: tuple[Told, dict[str, str]], text: str) -> None:
    """e-mail: one address of correct form, at most 254 characters …"""
    assert emails[1][text] == EMAILS[text]


def test_no_emails(emails: tuple[Told, dict[str, str]]) -> None:
    """e-mail: one address of correct form, at most 254 characters, stored in lower case …"""
    told, stored = emails
    assert {text: stored[text] for text in NO_EMAILS} == dict.fromkeys(NO_EMAILS)
    assert told.notices == {line: ["email email_invalid"] for line in range(2 + len(EMAILS), 2 + len(stored))}
