"""E-mails: what is stored, what is refused, and the fast path against the library."""

import random

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from email_validator import EmailNotValidError, validate_email

from pipeline.rows import emails
from pipeline.rows.columns import read_rest
from pipeline.rows.emails import read_email, read_emails

ACCEPTED = [
    ("bob@example.com", "bob@example.com"),
    ("Bob.Smith+Tag@GMAIL.com", "bob.smith+tag@gmail.com"),
    ("o'neil_x-1%y@sub.domain.co.uk", "o'neil_x-1%y@sub.domain.co.uk"),
    ("jos\u00e9@b\u00fccher.de", "jos\u00e9@xn--bcher-kva.de"),
    ("a@xn--bcher-kva.de", "a@xn--bcher-kva.de"),
    (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
    ("info@\u4f8b\u3048.jp", "info@xn--r8jz45g.jp"),
    ("1@2.io", "1@2.io"),
]
REFUSED = [
    "none", "n/a", "noemail@", "@gmail.com", "john.smith", "a@b", "two@at@signs.com", "dot..dot@gmail.com",
    "spaces in@gmail.com", "trailing.@gmail.com", "Bob <b@x.com>", "mailto:b@x.com", "b@x.com.", "a@x.com, b@x.com",
    "a@x.com;b@x.com", '"quoted"@x.com', "b@[1.2.3.4]", "b@-x.com", "b@x-.com", "b@x_y.com", "b@1.2.3.4", "b@x..com",
    f"a@{'x' * 64}.com", f"{'a' * 64}@{'x' * 63}.{'y' * 63}.{'z' * 63}.com", "b@localhost", "b@my.test", "b@my.local",
    "b@x.invalid", "b@x.onion", "b@aa--b.com", "a ::: b@x.com", "b@x.c\u0666",
]  # fmt: skip


@pytest.mark.parametrize(("text", "stored"), ACCEPTED)
def test_accepted(text: str, stored: str) -> None:
    assert read_emails(pa.array([text])).values.to_pylist() == [stored]
    assert read_email(text) == (stored, None)


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    column = read_emails(pa.array([text, None]))
    assert column.values.to_pylist() == [None, None]
    assert column.codes.to_pylist() == ["email_invalid", None]


def test_254_characters_are_counted_as_stored() -> None:
    """The domain grows when it is written in ASCII."""
    domain = ".".join(["\u00fc" * 30] * 5) + ".de"
    local = "a" * 60
    text = f"{local}@{domain}"
    assert len(text) < 254
    assert read_email(text) == (None, "email_invalid")


ATOMS = [
    "a",
    "Bob",
    "x.y",
    ".",
    "..",
    "-",
    "--",
    "_",
    "+tag",
    "o'neil",
    "1",
    "\u00e9",
    " ",
    '"',
    "@",
    "%",
    "a" * 30,
    "\u0130",
    "\u212a",
]
HOSTS = [
    "gmail.com", "GMAIL.com", "a.b", "a-b.com", "-a.com", "a-.com", "xn--bcher-kva.de", "aa--b.com", "test", "x.test",
    "local", "my.localhost", "1.2", "a.1", "b\u00fccher.de", "a..b", "a.com.", "[1.2.3.4]", "x" * 63 + ".com",
    "a_b.com", "in-addr.arpa", "onion.com", "x.onion", "contest.com", "mytest", "x.mytest", "\u212a.com", "a.co",
    "test.com", "arpa", "x.invalid", "x.c0m", "x.xn--p1ai", "0.com", "a.b-c.d-e.museum",
]  # fmt: skip


def test_fast_path_gives_the_librarys_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """100,000 made-up addresses; whatever is answered without the library, the library answers too."""
    chance = random.Random(52)  # a fixed seed: the same values each time
    cells = [
        "".join(chance.choices(ATOMS, k=chance.randint(1, 3))) + "@" + chance.choice(HOSTS) for _ in range(100_000)
    ]
    column = pc.utf8_trim_whitespace(pa.array(cells))
    asked: list[str] = []

    def note(text: str) -> tuple[str | None, str | None]:
        asked.append(text)
        return None, None

    monkeypatch.setattr(emails, "read_email", note)
    sure = read_emails(column).values
    unsure = set(asked)
    answers: dict[str, str | None] = {}
    answered = 0
    for cell, answer in zip(column.to_pylist(), sure.to_pylist(), strict=True):
        if cell in unsure:
            continue
        answered += 1
        if cell not in answers:
            answers[cell] = _ask_library(cell)
        assert answer == answers[cell], cell
    assert answered > 10_000


def _ask_library(text: str) -> str | None:
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return None
    return f"{found.local_part}@{found.ascii_domain}".lower()


def test_the_library_is_asked_once_for_each_text() -> None:
    asked: list[str] = []

    def read(text: str) -> tuple[str | None, str | None]:
        asked.append(text)
        return text.upper(), None

    column = pa.array(["a", "b", None, "a", "c"], pa.string())
    sure = pa.array([None, None, None, None, "sure"], pa.string())
    assert read_rest(column, sure, read).values.to_pylist() == ["A", "B", None, "A", "sure"]
    assert asked == ["a", "b"]
