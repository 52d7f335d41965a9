"""The options of one import, the same for the command line, `…options.json` and the console. Owns their defaults."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Channel = Literal["sms", "email"]


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
