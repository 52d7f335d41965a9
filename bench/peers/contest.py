"""What every peer is given and must tell: a file, a database, the clock; phones and e-mails read by their libraries."""

import argparse
import csv
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from bench.usage import read_peak

#: Header of the file → column of the table; what the peers write besides phone, e-mail and the two dates.
TEXTS = {
    "First Name": "first_name",
    "Last Name": "last_name",
    "Address": "address",
    "City": "city",
    "State": "state",
    "Zip": "postal_code",
    "Customer Type": "customer_type",
    "Favorite Store": "favorite_store",
}


@dataclass(frozen=True, slots=True)
class Task:
    """One run: the file, the people who are there before, and the database."""

    file: Path
    population: Path
    database: str


def run(load: Callable[[Task], int], prepare: Callable[[Task], None] | None = None) -> None:
    """Time `load` alone and print what it took as JSON; `load` returns how many customers there are afterwards."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file", type=Path)
    arguments.add_argument("population", type=Path)
    arguments.add_argument("database")
    task = Task(**vars(arguments.parse_args()))
    if prepare:
        prepare(task)
    began = time.perf_counter()
    customers = load(task)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "customers": customers, "peak_mib": round(read_peak(os.getpid()))}))


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def read_phone(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def read_email(text: str) -> str | None:
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def read_date(text: str, form: str) -> date | None:
    return datetime.strptime(text, form).date() if text else None  # noqa: DTZ007 - a day has no zone
