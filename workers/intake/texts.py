"""A shopper's text in the forms in which gateways tell of it: JSON or a posted form. Owns the names of fields."""

import json
from typing import Any
from urllib.parse import parse_qsl

from pipeline.texts.incoming import IncomingText
from schemas.errors import PersonaImportError

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 200
_LONGEST_ID = 200
# Compared in lower case and without underscores.
_IDS = ("messagesid", "smssid", "messageid", "id")
_NUMBERS = ("from", "msisdn")
_WORDS = ("body", "text")


class TextUnreadable(PersonaImportError):
    """This is no text message: it needs an id, a number and words, as JSON or as a form."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def read_text(body: bytes, content_type: str) -> IncomingText:
    """What a gateway tells: `id`, `from` and `text`, and `gateway` where several serve one account.

    The names that common gateways use are understood as well, such as `MessageSid`, `From` and `Body`. Raises
    `TextUnreadable`.
    """
    is_form = content_type.partition(";")[0].strip().lower() == _FORM
    try:
        told = dict(parse_qsl(body.decode(), True, max_num_fields=_MOST_FIELDS)) if is_form else json.loads(body)
    except (ValueError, RecursionError):
        raise TextUnreadable from None
    if not isinstance(told, dict):
        raise TextUnreadable
    fields = {str(name).lower().replace("_", ""): value for name, value in told.items()}
    message_id, phone = _first(fields, _IDS), _first(fields, _NUMBERS)
    gateway = _first(fields, ("gateway",)) or ("form" if is_form else "json")
    if not (phone and _is_name(message_id) and _is_name(gateway)):
        raise TextUnreadable
    return IncomingText(gateway, message_id, phone, _first(fields, _WORDS))


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> str:
    values = (fields[name] for name in names if name in fields)
    return next((str(value) for value in values if isinstance(value, str | int)), "")


def _is_name(text: str) -> bool:
    """An id is kept and logged, so it must look like one."""
    return bool(text) and len(text) <= _LONGEST_ID and text.isascii() and text.isprintable()
