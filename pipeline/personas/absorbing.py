"""What a survivor is given by a merge, and how it is taken back. Pure: changes states in memory, writes nothing."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.personas.consent import Event
from pipeline.personas.naming import State
from schemas.fields import ATTRIBUTE_PREFIX, PROFILE
from schemas.states import Consent
from schemas.tables.personas import CHANNELS


@dataclass(slots=True)
class Gift:
    """What one merge gave to the survivor; dates as ISO text, since it is kept as JSON."""

    columns: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    #: Channel → `before` (the survivor's consent, where the merge changed it) and `withheld` (set by the merge).
    consent: dict[str, dict[str, Any]] = field(default_factory=dict)


def absorb(survivor: State, other: State, gift: Gift, only: Collection[str] | None = None) -> None:
    """Fill the survivor's blanks from the other, and let an opt-out of either hold; `gift` learns what was given.

    `only` names columns, `attribute:<key>` and channels, where not all of them are concerned.
    """
    for name, value in _offers(survivor, other):
        if only is None or name in only:
            survivor[name] = value
            gift.columns[name] = _plain(value)
    for key, value in other["attributes"].items():
        if key not in survivor["attributes"] and (only is None or f"{ATTRIBUTE_PREFIX}{key}" in only):
            survivor["attributes"][key] = gift.attributes[key] = value
    for channel in CHANNELS:
        if only is None or channel in only:
            _absorb_consent(survivor, other, channel, gift)


def differences(before: State, after: State) -> set[str]:
    """What is not the same in two states of one persona, by the names of `absorb`."""
    names = (*PROFILE, "favorite_store", "favorite_store_source", "loyalty")
    found = {name for name in names if before[name] != after[name]}
    keys = before["attributes"].keys() | after["attributes"].keys()
    found |= {
        f"{ATTRIBUTE_PREFIX}{key}" for key in keys if before["attributes"].get(key) != after["attributes"].get(key)
    }
    for channel in CHANNELS:
        if any(before[name] != after[name] for name in (f"{channel}_consent", f"{channel}_withheld")):
            found.add(channel)
    return found


def _offers(survivor: State, other: State) -> Iterator[tuple[str, Any]]:
    for name in PROFILE:
        if survivor[name] is None and other[name] is not None:
            yield name, other[name]
    if survivor["favorite_store"] is None and other["favorite_store"] is not None:
        yield "favorite_store", other["favorite_store"]
        yield "favorite_store_source", other["favorite_store_source"]
    if other["loyalty"] and not survivor["loyalty"]:
        # A membership is never lost by putting two records of one shopper together.
        yield "loyalty", True


def _absorb_consent(survivor: State, other: State, channel: str, gift: Gift) -> None:
    consent, withheld = f"{channel}_consent", f"{channel}_withheld"
    if other[consent] != Consent.OPTED_OUT:
        return
    given = gift.consent.setdefault(channel, {})
    if survivor[consent] != Consent.OPTED_OUT:
        given["before"], survivor[consent] = survivor[consent], Consent.OPTED_OUT
    if other[withheld] and not survivor[withheld]:
        given["withheld"] = survivor[withheld] = True


def take_back(survivor: State, gift: Gift) -> None:
    """Undo what was given, but for consent; what the survivor got from elsewhere since is its own and stays."""
    store = gift.columns.get("favorite_store"), gift.columns.get("favorite_store_source")
    for name, value in gift.columns.items():
        if name.startswith("favorite_store"):
            continue
        if _plain(survivor[name]) == value:
            survivor[name] = False if name == "loyalty" else None
    # A date of the survivor's own makes it a member by itself.
    survivor["loyalty"] = survivor["loyalty"] or survivor["loyalty_signup_date"] is not None
    if store[0] is not None and (survivor["favorite_store"], survivor["favorite_store_source"]) == store:
        survivor["favorite_store"] = survivor["favorite_store_source"] = None
    for key, value in gift.attributes.items():
        if survivor["attributes"].get(key) == value:
            del survivor["attributes"][key]


def consent_events(before: State, after: State, raw: str, by: str) -> list[Event]:
    """The events that lead from one state to the other, made by staff."""
    names = ((channel, f"{channel}_consent") for channel in CHANNELS)
    return [
        Event(channel, before[name], after[name], "staff", by, raw)
        for channel, name in names
        if before[name] != after[name]
    ]


def copy_state(state: State) -> State:
    """A copy that can be changed alone."""
    return {**state, "attributes": dict(state["attributes"])}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
