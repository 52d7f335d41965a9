"""The options of one import, the same for the command line, `…options.json` and the console. Owns their defaults."""

import re
from collections.abc import Iterator
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Channel = Literal["sms", "email"]
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


class ImportOptions(BaseModel):
    """What a person may decide about one import. An unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = None
    accept_terms: bool = False
    map: dict[str, str] = Field(default_factory=dict)
    ignore: list[str] = Field(default_factory=list)
    mapping: str | None = None
    save_mapping: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    opt_in: list[Channel] = Field(default_factory=list)
    on_conflict: Literal["reject", "phone", "email"] = "reject"
    replace_identifiers: bool = False
    only_fill_blanks: bool = False
    archived: Literal["skip", "restore"] = "skip"
    allow_negative_balance: bool = False
    date_order: Literal["mdy", "dmy", "ymd"] | None = None
    again: bool = False
    dry_run: bool = False

    @model_validator(mode="after")
    def _holds_text(self) -> Self:
        """Neither NUL nor half a character can be kept, or be in a file."""
        if any(map(_NOT_TEXT.search, _list_texts(self.model_dump()))):
            raise ValueError("There is something in it that is not text.")
        return self


def _list_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.items() if isinstance(value, dict) else value:
            yield from _list_texts(each)
