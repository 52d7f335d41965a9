"""A numbered pool of invented shoppers: person 7 always has the same phone and e-mail, and every way to write them."""

import random
from dataclasses import dataclass

_AREAS = (212, 310, 415, 512, 617, 702, 808, 907)
_FOREIGN = ("+447400{:06d}", "+4915123{:06d}", "+336120{:05d}", "+525512{:06d}", "+61412{:06d}", "+1416555{:04d}")
_DOMAINS = ("example.com", "example.org", "mail.example.net", "müller.example.com")
FIRST = ("Ana", "José", "Zoë", "李", "Олег", "Mary Ann", "O'Brien", "नेहा", "Łukasz", "🙂 Sam", "Şule", "=1+1")
LAST = ("Smith", "Núñez", "de la Cruz", "Nguyễn", "Müller-Lüdenscheidt", "Ó Súilleabháin", "山田", "van 't Hoff")


@dataclass(frozen=True, slots=True)
class People:
    """`foreign` is the share (one in …) of numbers outside the United States."""

    foreign: int = 6

    def phone(self, number: int) -> str:
        """E.164 of a valid number, distinct for numbers below 40,000."""
        if number % self.foreign == self.foreign - 1:
            return _FOREIGN[number // self.foreign % len(_FOREIGN)].format(number % 10_000)
        return f"+1{_AREAS[number % len(_AREAS)]}{300 + number // 8 % 600}{number % 10_000:04d}"

    def email(self, number: int) -> str:
        """The address as somebody might write it; stored it is lower case with an ASCII domain."""
        return f"shopper.{number}@{_DOMAINS[number % len(_DOMAINS)]}"

    def first_name(self, number: int) -> str:
        return FIRST[number % len(FIRST)]

    def last_name(self, number: int) -> str:
        return LAST[number % len(LAST)]


def spell_phone(rng: random.Random, e164: str, region: str = "US") -> str:
    """One of many spellings that mean the same number to an account of `region`."""
    if not e164.startswith("+1"):
        return rng.choice([e164, f"{e164[:3]} {e164[3:6]} {e164[6:]}", f" {e164} "])
    area, exchange, line = e164[2:5], e164[5:8], e164[8:]
    international = [e164, f"+1 {area} {exchange} {line}", f"+1 ({area}) {exchange}-{line}", f"\u200e{e164}\u00a0"]
    if region != "US":
        return rng.choice(international)
    national = [
        f"{area}{exchange}{line}",
        f"({area}) {exchange}-{line}",
        f"{area}.{exchange}.{line}",
        f"1-{area}-{exchange}-{line}",
        f"{area}{exchange}{line}.0",
        f"'{area}{exchange}{line}",
        f"{area}\u00a0{exchange}\u00a0{line}",
        f"{area}\u200d{exchange}{line}",
    ]
    return rng.choice(international + national)


def spell_email(rng: random.Random, email: str) -> str:
    """Other case and white space around; the same address once stored."""
    return rng.choice([email, email, email.upper(), email.title(), f"  {email}", f"{email}\u200b", f"\t{email}\n"])
