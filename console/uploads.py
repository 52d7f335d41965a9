"""Putting a local file where imports begin: what is refused before it, its key, its options beside it."""

import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import ImportRefused, WrongCommand
from schemas.fields import ATTRIBUTE_PREFIX, FIELDS
from schemas.options import ImportOptions
from schemas.states import Trigger

if TYPE_CHECKING:
    from workers.bootstrap import System

_EXTENSIONS = frozenset({".csv", ".xlsx", ".xls"})
_LONGEST_ATTRIBUTE = 64  # characters
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def check_file(path: Path, options: ImportOptions) -> None:
    """Refuse what can't be meant. Raises `WrongCommand`; a file that is merely bad is the import's business."""
    if not path.is_file():
        raise WrongCommand(f"There is no file {path}.")
    if options.map or options.ignore:
        _check_headers(path, options)


def check_fields(choices: dict[str, str]) -> None:
    """Every field named must exist. Raises `WrongCommand`."""
    for field in choices.values():
        name = field.removeprefix(ATTRIBUTE_PREFIX)
        if field not in FIELDS and (name == field or not name.strip()):
            raise WrongCommand(f"There is no field {field!r}; there are {', '.join(FIELDS)} and attribute:<name>.")
        if name != field and len(name) > _LONGEST_ATTRIBUTE:
            raise WrongCommand(f"The name of a custom attribute has at most {_LONGEST_ATTRIBUTE} characters.")


def check_headers(named: list[str], headers: tuple[str, ...]) -> None:
    """Every header named must be there, compared like auto-mapping compares. Raises `WrongCommand`."""
    from pipeline.mapping.names import header_key

    known = {header_key(header) for header in headers}
    for header in named:
        if header_key(header) not in known:
            raise WrongCommand(f"There is no column {header!r}; the file has {', '.join(headers)}.")


def upload_file(system: "System", account: str, path: Path, options: ImportOptions) -> str:
    """Put the options and then the file into the bucket; the key of the file."""
    stem = _UNSAFE.sub("-", path.stem)[:80].strip(".-") or "file"
    # The content decides the type; an extension that starts no import is followed by one that does.
    extension = path.suffix.lower() if path.suffix.lower() in _EXTENSIONS else ".csv"
    beginning = f"uploads/{account}/{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(5)}-{stem}"
    named = options if options.name else options.model_copy(update={"name": path.name})
    system.store.put_bytes(f"{beginning}.options.json", named.model_dump_json(exclude_defaults=True).encode())
    system.store.put_file(f"{beginning}{extension}", path, {"personas-trigger": Trigger.CLI})
    return f"{beginning}{extension}"


def _check_headers(path: Path, options: ImportOptions) -> None:
    from pipeline.files.reader import read_headers

    check_fields(options.map)
    try:
        headers = read_headers(path, options)
    except ImportRefused:
        return  # the import will say so, with its code
    check_headers([*options.map, *options.ignore], headers)
