"""Cell texts of every kind for each field, good and bad, drawn from a seeded generator."""

import random
from datetime import date, timedelta

BAD_PHONES = (
    "1.55512E+10",
    "4.1555E+9",
    "(555) 123-4567",
    "123",
    "415-555-2671 / 415-555-2672",
    "4155552671;4155552672",
    "415-555-2671 or 415-555-2672",
    "415 555 2671 x12",
    "415-555-2671 ext. 5",
    "1-800-FLOWERS",
    "N/A",
    "none",
    "--",
    "0",
)
BAD_EMAILS = (
    "n/a",
    "bob@",
    "@example.com",
    "Bob <b@example.com>",
    "mailto:b@example.com",
    "a b@example.com",
    "a@b",
    "a@example.com, b@example.com",
    "a..b@example.com",
    "a@example.com.",
)
BAD_POINTS = ("5.5", "1e5", "NaN", "inf", "1_000", "50-", "(-50)", "\u0661\u0662", "1,00", "12 pts", "$5", "1234567890")
YES_WORDS = ("yes", "YES", "y", "true", "True", "1", "x", "X", "on", "t")
NO_WORDS = ("no", "N", "false", "0", "off", "F")
ODD_WORDS = ("maybe", "ja", "2", "yes please", "unsubscribed")
BAD_DATES = ("45321", "31/31/2020", "2024-02-30", "Jan 5 2024", "1/2/24", "yesterday", "2024-13-01", "2024-01-05T99:00")
CUSTOMER_TYPES = ("medical", "MED", "Recreational", "rec", "Adult Use", "adult-use", "adultuse", "vip", "both")
TEXTS = (
    "Main Street 5",
    "  padded  ",
    "a\tb\nc",
    "zero\u200bwidth",
    "soft\u00adhyphen",
    "\u202bright to left\u202c",
    "cafe\u0301",
    "क्\u200dष",
    "'5 o'clock",
    'say "hi", she said',
    "semi;colon",
    "@SUM(A1)",
    "long " * 60,
    "\u00a0",
    "NULL",
)
NOT_TEXT = ("nul\x00byte", "bad\udcffbyte")


def points(rng: random.Random) -> str:
    if rng.random() < 0.08:
        return rng.choice(BAD_POINTS)
    amount = rng.choice([0, 1, 5, 10, 50, 100, 250, 1000, 12500])
    plus = [f"{amount}", f"+{amount}", f"{amount:,}", f"{amount}.0", f"{amount:,}.00", f" {amount} ", f"'{amount}"]
    minus = [f"-{amount}", f"({amount:,})", f"\u2212{amount}"]
    return rng.choice([*plus, *minus, "", "", "", ""])


def answer(rng: random.Random, yes: float) -> str:
    """A yes with probability `yes`; else blank, a no, or now and then something unreadable."""
    if rng.random() < yes:
        return rng.choice(YES_WORDS)
    return rng.choices(["", rng.choice(NO_WORDS), rng.choice(ODD_WORDS)], [6, 2, 1])[0]


def day(rng: random.Random, order: str, earliest: int = 1880) -> str:
    """A date spelled in `order` (mdy, dmy, ymd) or ISO; sometimes none, sometimes before 1900 or to come."""
    if rng.random() < 0.08:
        return rng.choice(BAD_DATES)
    moment = date(earliest, 1, 1) + timedelta(days=rng.randrange(365 * (2030 - earliest)))
    iso = moment.isoformat()
    if rng.random() < 0.3:
        return rng.choice([iso, f"{iso} 00:00:00", f"{iso}T10:30:00Z"])
    parts = {"y": f"{moment.year}", "m": f"{moment.month}", "d": f"{moment.day}"}
    if rng.random() < 0.5:
        parts |= {"m": f"{moment.month:02d}", "d": f"{moment.day:02d}"}
    return rng.choice("/.-").join(parts[letter] for letter in order)
