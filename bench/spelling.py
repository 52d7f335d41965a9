"""How people get cells wrong: the spellings of phones, e-mails and answers in a file, bad ones included."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bench.people import Numbers, digits, emails, join, phone_pieces, take

BAD_PHONES = [
    "555-0199",
    "0000000000",
    "n/a",
    "none",
    "123456",
    "(000) 000-0000",
    "call mom",
    "999.999.9999",
    "+1 212 555 01",
]
BAD_EMAILS = [
    "none",
    "n/a",
    "nobody@",
    "@example.com",
    "first.last",
    "two@@example.com",
    "a b@example.com",
    "dot..dot@example.com",
]
FILE_TYPES = ["Medical", "Recreational", "medical", "recreational", "Rec", "MED", "Adult Use", "VIP"]
FILE_TYPE_SHARES = [0.25, 0.38, 0.08, 0.12, 0.06, 0.03, 0.07, 0.01]
YES_SPELLINGS, NO_SPELLINGS = ["Yes", "yes", "Y", "TRUE", "1"], ["No", "no", "N", "FALSE", "0"]
SPELLING_SHARES = [0.64, 0.12, 0.1, 0.08, 0.06]


def spell_phones(people: Numbers, rng: np.random.Generator) -> Any:
    rows, somebody = len(people), np.maximum(people, 0)
    area, exchange, line = phone_pieces(somebody)
    spellings = (
        join(area, exchange, line),
        join("(", area, ") ", exchange, "-", line),
        join(area, "-", exchange, "-", line),
        join("+1", area, exchange, line),
        join(area, ".", exchange, ".", line),
        join("1-", area, "-", exchange, "-", line),
        join("+1 (", area, ") ", exchange, "-", line),
        join(area, " ", exchange, " ", line),
        join(area, "-", exchange, "-", line, " ext. ", digits(rng.integers(1, 99, rows), 2)),
        join("+44 74", digits(somebody % 40, 2), " ", digits(somebody // 40 % 1_000_000, 6)),
        take(BAD_PHONES, rng.integers(0, len(BAD_PHONES), rows)),
        join(" ", area, exchange, line, "  "),
    )
    shares = [0.24, 0.22, 0.18, 0.1, 0.08, 0.05, 0.05, 0.045, 0.003, 0.002, 0.01, 0.02]
    text = pc.choose(pa.array(rng.choice(len(spellings), rows, p=shares)), *spellings)
    return blank(text, (people < 0) | (rng.random(rows) < 0.02))


def spell_emails(people: Numbers, rng: np.random.Generator) -> Any:
    rows, plain = len(people), emails(np.maximum(people, 0))
    bad = take(BAD_EMAILS, rng.integers(0, len(BAD_EMAILS), rows))
    spellings = (plain, pc.utf8_upper(plain), pc.utf8_title(plain), pc.utf8_capitalize(plain), join(plain, " "), bad)
    text = pc.choose(pa.array(rng.choice(len(spellings), rows, p=[0.675, 0.1, 0.15, 0.05, 0.02, 0.005])), *spellings)
    return blank(text, (people < 0) | (rng.random(rows) < 0.03))


def spell_answers(rows: int, yes: float, no: float, rng: np.random.Generator) -> Any:
    shares = [yes * share for share in SPELLING_SHARES] + [no * share for share in SPELLING_SHARES] + [1 - yes - no]
    chosen = rng.choice(len(shares), rows, p=shares)
    return blank(take([*YES_SPELLINGS, *NO_SPELLINGS, ""], chosen), chosen == len(shares) - 1)


def blank(cells: Any, where: npt.NDArray[np.bool_]) -> Any:
    return pc.if_else(pa.array(where), pa.scalar(None, pa.string()), cells)
