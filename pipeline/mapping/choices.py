"""What a person decided about columns: `--map`, `--ignore`, a saved mapping. Refuses what can't be; guesses nothing."""

from collections.abc import Sequence

from pipeline.rows.attributes import attribute_key
from pipeline.rows.cleaning import clean
from schemas.errors import WrongCommand
from schemas.fields import ATTRIBUTE_PREFIX, FIELDS
from schemas.mapping import Mapping
from schemas.options import ImportOptions

#: Characters of the name of a custom attribute.
LONGEST_NAME = 64


def read_choices(headers: Sequence[str], options: ImportOptions, saved: Mapping | None) -> dict[str, str | None]:
    """Header → field, or None to ignore it, for the headers that a person decided about.

    Raises WrongCommand for a header that is not there, a field that does not exist, or a field named twice.
    """
    alike = _group_alike(headers)
    chosen = _read_map(alike, options)
    for wanted in options.ignore:
        header = _find_header(alike, wanted)
        if header in chosen:
            raise WrongCommand(f'The column "{header}" can\'t be both mapped and ignored.')
        chosen[header] = None
    return {**_recall(headers, saved, chosen), **chosen}


def field_key(field: str) -> str:
    """What two names of one field have in common: attributes are compared like headers."""
    if field.startswith(ATTRIBUTE_PREFIX):
        return ATTRIBUTE_PREFIX + attribute_key(field.removeprefix(ATTRIBUTE_PREFIX))
    return field


def _group_alike(headers: Sequence[str]) -> dict[str, list[str]]:
    """Headers by what makes two of them the same; a file may have thousands, and a person may name each."""
    alike: dict[str, list[str]] = {}
    for header in headers:
        alike.setdefault(attribute_key(header), []).append(header)
    return alike


def _find_header(alike: dict[str, list[str]], wanted: str) -> str:
    """The header of the file that is meant by `wanted`; WrongCommand if there is none, or more than one."""
    found = alike.get(attribute_key(wanted), [])
    if wanted in found:
        return wanted
    if len(found) > 1:
        raise WrongCommand(f'There are several columns like "{wanted}"; write the name exactly as in the file.')
    if not found:
        raise WrongCommand(f'There is no column "{wanted}" in this file.')
    return found[0]


def _read_map(alike: dict[str, list[str]], options: ImportOptions) -> dict[str, str | None]:
    chosen: dict[str, str | None] = {}
    feeding: dict[str, str] = {}
    for wanted, name in options.map.items():
        header, field = _find_header(alike, wanted), _read_field(name)
        if header in chosen:
            raise WrongCommand(f'The column "{header}" is mapped twice.')
        if (other := feeding.setdefault(field_key(field), header)) != header:
            raise WrongCommand(f'The columns "{other}" and "{header}" can\'t both be mapped to {field}.')
        chosen[header] = field
    return chosen


def _read_field(name: str) -> str:
    field = name.strip()
    if not field.startswith(ATTRIBUTE_PREFIX):
        if field not in FIELDS:
            raise WrongCommand(f'There is no field "{field}"; use one of {", ".join(FIELDS)} or attribute:<name>.')
        return field
    attribute = clean(field.removeprefix(ATTRIBUTE_PREFIX))
    if not attribute:
        raise WrongCommand("A custom attribute needs a name: attribute:<name>.")
    if len(attribute) > LONGEST_NAME:
        raise WrongCommand(f"The name of a custom attribute can't be longer than {LONGEST_NAME} characters.")
    return ATTRIBUTE_PREFIX + attribute


def _recall(headers: Sequence[str], saved: Mapping | None, chosen: dict[str, str | None]) -> dict[str, str | None]:
    """What the saved mapping says of the file's headers, but for fields that are now given to another column."""
    if saved is None:
        return {}
    taken = {field_key(field) for field in chosen.values() if field}
    known = {attribute_key(header): field for header, field in saved.fields.items()}
    recalled: dict[str, str | None] = {}
    for header in headers:
        field = saved.fields.get(header, known.get(attribute_key(header)))
        if attribute_key(header) not in known or header in saved.doubtful:
            continue
        # A field that is taken now leaves its former column without one: shown, not used.
        recalled[header] = None if field and field_key(field) in taken else field
        taken |= {field_key(field)} if field else set()
    return recalled
