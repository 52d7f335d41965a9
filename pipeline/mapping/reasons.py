"""Says in plain sentences why a column is read as it is. Decides nothing."""

from collections.abc import Sequence

from pipeline.mapping.candidates import read_candidate
from pipeline.mapping.names import header_key
from schemas.codes import sentence
from schemas.fields import ATTRIBUTE_PREFIX
from schemas.mapping import Mapping
from schemas.parts import ColumnProfile

#: So many headers are named in one sentence.
_NAMED = 8
_OPT_OUT_WORDS = ("unsubscri", "optout", "optedout", "donot", "status", "suppress", "stop")
_TOTAL_WORDS = ("balance", "total", "lifetime", "points", "credit")


def explain(mapping: Mapping) -> str:
    """Why the import waits, with the headers in question; '' where the mapping can be used."""
    if mapping.doubt is None:
        return ""
    said = sentence(mapping.doubt)
    if mapping.doubt == "no_key_column":
        if mapping.doubtful:
            return f"{said} By their values it could be {_list(mapping.doubtful)}."
        return f"{said} The columns are {_list(tuple(mapping.fields))}."
    return f"{said} In doubt: {_list(mapping.doubtful)}."


def list_reasons(mapping: Mapping) -> dict[str, str]:
    """Header → why it is mapped, in doubt, or left alone."""
    return {header: _reason(header, field, mapping) for header, field in mapping.fields.items()}


def _reason(header: str, field: str | None, mapping: Mapping) -> str:
    if field is not None:
        return _reason_mapped(field)
    if header in mapping.doubtful:
        return "In doubt: its name and its values don't say the same; decide with --map or --ignore."
    candidate = read_candidate(header, ColumnProfile(header))
    if candidate and (other := mapping.header_of(candidate.field)):
        return f'Could be {candidate.field} too, but "{other}" is used; choose this one with --map.'
    key = header_key(header)
    if any(word in key for word in _OPT_OUT_WORDS):
        return "Ignored: an opt-out or a status is never assumed from a name; decide with --map."
    if any(word in key for word in _TOTAL_WORDS):
        return "Ignored: a total is never added to anybody's points; decide with --map."
    if header in mapping.offered:
        return f'Not known; can become a custom attribute with --map "{header}={ATTRIBUTE_PREFIX}{header}".'
    return "Ignored: not a field of a persona."


def _reason_mapped(field: str) -> str:
    if field.startswith(ATTRIBUTE_PREFIX):
        return f"Kept as the custom attribute {field.removeprefix(ATTRIBUTE_PREFIX)}."
    return f"Read as {field}."


def _list(headers: Sequence[str]) -> str:
    named = ", ".join(f'"{header}"' for header in headers[:_NAMED])
    return named + (f" and {len(headers) - _NAMED} more" if len(headers) > _NAMED else "")
