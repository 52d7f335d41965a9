"""Seeded tables of customer rows: template headers and custom attributes, every kind of value, tangled duplicates."""

import random
from dataclasses import dataclass, field

from tests.factories import cells
from tests.factories.people import People, spell_email, spell_phone

TEMPLATE = {
    "First Name": "first_name",
    "Last Name": "last_name",
    "Phone": "phone",
    "Email": "email",
    "Birthday": "birthday",
    "Address": "address",
    "City": "city",
    "State": "state",
    "Zip": "postal_code",
    "Points": "points",
    "Opt-in SMS": "sms_opt_in",
    "Opt-in Email": "email_opt_in",
    "Explicit SMS Opt-out": "sms_opt_out",
    "Customer Type": "customer_type",
    "Loyalty Signup Date": "loyalty_signup_date",
    "Favorite Store": "favorite_store",
}
EXTRA = {
    "Email Opt Out": "email_opt_out",
    "Loyalty Member": "loyalty",
    "Shoe": "attribute:Shoe",
    "Vétéran": "attribute:Vétéran",
    "Junk": None,
}


@dataclass(frozen=True, slots=True)
class FileTable:
    """A file before it is one: `mapping` covers every header; the first row stands on line 2."""

    headers: list[str]
    rows: list[list[str]]
    mapping: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Knobs:
    """How a table is made. `portable` keeps to what .csv, .xlsx and .xls can all hold as text cells."""

    rows: int = 400
    tangled: float = 0.7
    shoppers: int = 40
    messy: float = 0.15
    thin: float = 0.3
    portable: bool = True
    region: str = "US"
    fresh_from: int = 10_000
    people: People = field(default_factory=People)


def make_table(seed: int, knobs: Knobs | None = None) -> FileTable:
    """A table that is the same for the same seed and knobs.

    A `tangled` share of the rows draws its phone and its e-mail from `shoppers` people, so that a few hundred rows
    form chains (one's phone with the next one's e-mail), crowds on one phone, and conflicts; the others are new people.
    """
    chosen, rng = knobs or Knobs(), random.Random(seed)
    mapping: dict[str, str | None] = {**TEMPLATE, **EXTRA}
    headers = list(mapping)
    if rng.random() < 0.5:
        rng.shuffle(headers)
    orders = {name: rng.choice(["mdy", "mdy", "dmy", "ymd"]) for name in ("birthday", "loyalty_signup_date")}
    rows = []
    for number in range(chosen.rows):
        values = _row(rng, chosen, number, orders)
        rows.append(_roughen(rng, chosen, [values.get(mapping[h] or "junk", "") for h in headers]))
    return FileTable(headers, rows, mapping)


def _row(rng: random.Random, knobs: Knobs, number: int, orders: dict[str, str]) -> dict[str, str]:
    if rng.random() < 0.02:
        return {}
    phone, email = _identity(rng, knobs, number)
    if rng.random() < knobs.thin:
        # Little but who it is: the rows that change nothing, or one thing alone.
        alone = rng.choice(["points", "sms_opt_in", "email_opt_in", "sms_opt_out", "loyalty", "first_name"])
        value = {"points": cells.points(rng), "first_name": "Ana"}.get(alone) or cells.answer(rng, 0.5)
        return {"phone": phone, "email": email, alone: value}
    store = rng.choice(["Downtown", "Uptown", "Harbour", "", ""])
    values = {
        "phone": _messy(rng, knobs, cells.BAD_PHONES, phone),
        "email": _messy(rng, knobs, cells.BAD_EMAILS, email),
        "first_name": rng.choice([knobs.people.first_name(rng.randrange(50)), ""]),
        "last_name": rng.choice([knobs.people.last_name(rng.randrange(50)), ""]),
        "birthday": rng.choice([cells.day(rng, orders["birthday"]), ""]),
        "address": rng.choice([*cells.TEXTS, "", "", ""]),
        "city": rng.choice(["Reno", "Ely", "", ""]),
        "state": rng.choice(["NV", "CA", ""]),
        "postal_code": rng.choice(["01234", "89501-1234", ""]),
        "points": cells.points(rng),
        "customer_type": rng.choice([*cells.CUSTOMER_TYPES, "", "", ""]),
        "loyalty_signup_date": rng.choice([cells.day(rng, orders["loyalty_signup_date"], 2015), "", ""]),
        "favorite_store": store,
        "loyalty": cells.answer(rng, 0.15),
        "attribute:Shoe": rng.choice(["42", "x", "1", "yes", "No", "TRUE", "", ""]),
        "attribute:Vétéran": rng.choice(["true", "false", "Y", "decorated", "", "", ""]),
        "junk": rng.choice(["noise", "", "\u200b"]),
    }
    for channel, yes, no in (("sms", 0.3, 0.06), ("email", 0.3, 0.05)):
        values[f"{channel}_opt_in"] = cells.answer(rng, yes)
        values[f"{channel}_opt_out"] = cells.answer(rng, no)
    return values


def _identity(rng: random.Random, knobs: Knobs, number: int) -> tuple[str, str]:
    """The phone and e-mail cells of one row, before anything is spoiled."""
    if rng.random() >= knobs.tangled:
        one = other = knobs.fresh_from + number
    else:
        # A square favours the first few people: crowds on one phone.
        one = int(knobs.shoppers * rng.random() ** 2)
        drift = rng.choices([0, 1, rng.randrange(knobs.shoppers)], [8, 2, 1])[0]
        other = (one + drift) % knobs.shoppers
    phone = spell_phone(rng, knobs.people.phone(one), knobs.region)
    email = spell_email(rng, knobs.people.email(other))
    kind = rng.choices(["both", "phone", "email", "neither"], [10, 4, 4, 0.3])[0]
    return (phone if kind in ("both", "phone") else ""), (email if kind in ("both", "email") else "")


def _messy(rng: random.Random, knobs: Knobs, bad: tuple[str, ...], good: str) -> str:
    return rng.choice(bad) if rng.random() < knobs.messy / 2 else good


def _roughen(rng: random.Random, knobs: Knobs, row: list[str]) -> list[str]:
    """Shape faults: cut short, too wide, bytes that are no text, a cell beyond the limit, a control character."""
    luck = rng.random()
    if luck < 0.02:
        return row[: rng.randrange(3, len(row))]
    if knobs.portable or luck > 0.05:
        return row
    if luck < 0.03:
        return [*row, rng.choice(["", " ", "surplus"])]
    place = rng.randrange(len(row))
    spoiled = rng.choice([*cells.NOT_TEXT, "bell\x07", "x" * 32_768, "y" * 32_767 + "\u200b"])
    return [*row[:place], spoiled, *row[place + 1 :]]
