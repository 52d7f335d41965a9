"""What changes, for personas that several rows touch: one row at a time, in file order, in memory.

Says of each row what `decide_rows` and `decide_opt_outs` of `apply.sql` say in sets; the oracle judges both.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from schemas.fields import PROFILE
from schemas.staging import WISH_DEFAULT, WISH_OUT
from schemas.states import Consent, Outcome

_CHANNELS = ("sms", "email")
_profile_of = attrgetter(*PROFILE)
_REPLACEABLE_STORES = (None, "file", "purchase_history")

#: The persona's columns, in the order in which an effect carries them.
STATE_COLUMNS: tuple[str, ...] = (
    "phone",
    "email",
    "points",
    "may_be_negative",
    "sms_consent",
    "email_consent",
    "sms_withheld",
    "email_withheld",
    "loyalty",
    *PROFILE,
    "favorite_store",
    "favorite_store_source",
    "attributes",
)
_BLANK: dict[str, Any] = {
    **dict.fromkeys(STATE_COLUMNS),
    "points": 0,
    "may_be_negative": False,
    "sms_consent": Consent.UNKNOWN,
    "email_consent": Consent.UNKNOWN,
    "sms_withheld": False,
    "email_withheld": False,
    "loyalty": False,
    "attributes": {},
}


@dataclass(frozen=True, slots=True)
class Choices:
    """The options that matter here."""

    keep: bool
    allow_negative: bool
    confirm: bool


@dataclass(slots=True)
class Effect:
    """What one row does to one persona."""

    line: int
    persona_id: int
    outcome: str | None = None
    is_new: bool = False
    writes: bool = False
    restored: bool = False
    delta: int | None = None
    refused: int = 0
    sms: tuple[str, str, str | None] | None = None
    email: tuple[str, str, str | None] | None = None
    notices: list[str] = field(default_factory=list)
    changes: dict[str, list[Any]] = field(default_factory=dict)
    state: dict[str, Any] | None = None
    #: The version of the persona that this was decided on.
    seen: int | None = None


def fold_rows(touches: Iterable[Any], before: Iterator[Any], choices: Choices) -> Iterator[Effect]:
    """Effects of touches (by persona, then line), given the personas that are there already (by id)."""
    persona_id: int | None = None
    state: dict[str, Any] = {}
    is_new = False
    seen: int | None = None
    known = next(before, None)
    for touch in touches:
        if touch.persona_id != persona_id:
            persona_id = touch.persona_id
            while known is not None and known["id"] < persona_id:
                known = next(before, None)
            is_new = known is None or known["id"] != persona_id
            state = dict(_BLANK) if is_new or known is None else {name: known[name] for name in STATE_COLUMNS}
            seen = None if is_new or known is None else known["seen"]
        effect = Effect(touch.line, touch.persona_id, is_new=is_new, writes=touch.last, seen=seen)
        if touch.own:
            _apply_row(effect, state, touch, choices)
        else:
            _opt_out(effect, state, touch)
        if touch.last:
            effect.state = state
        yield effect


def _apply_row(effect: Effect, state: dict[str, Any], row: Any, choices: Choices) -> None:
    effect.restored = row.restore
    if row.restore:
        effect.changes["status"] = ["archived", "active"]
    replaced = row.take_phone and state["phone"] is not None
    _take_key(effect, state, row, "phone", row.kind == "c" or row.take_phone)
    _take_key(effect, state, row, "email", row.kind == "c" or row.take_email)
    _fill_profile(effect, state, row, choices.keep)
    _add_points(effect, state, row, choices.allow_negative)
    _consent(effect, state, row, choices, replaced)
    if row.kind == "c":
        effect.outcome = Outcome.CREATED
        effect.changes = {}
    elif effect.changes or effect.delta is not None or effect.sms or effect.email:
        effect.outcome = Outcome.UPDATED
    else:
        effect.outcome = Outcome.UNCHANGED


def _set(effect: Effect, state: dict[str, Any], name: str, value: Any) -> None:
    if state[name] != value:
        effect.changes[name] = [state[name], value]
        state[name] = value


def _take_key(effect: Effect, state: dict[str, Any], row: Any, key: str, take: bool) -> None:
    brought = getattr(row, key)
    if take:
        _set(effect, state, key, brought)
    elif brought is not None and brought != state[key]:
        effect.notices.append(f"{key} {key}_kept")


def _fill_profile(effect: Effect, state: dict[str, Any], row: Any, keep: bool) -> None:
    for name, value in zip(PROFILE, _profile_of(row), strict=True):
        if value is not None and value != state[name] and not (keep and state[name] is not None):
            _set(effect, state, name, value)
    if row.loyalty or row.loyalty_signup_date is not None:
        _set(effect, state, "loyalty", True)
    if row.favorite_store is not None and _may_set_store(state, keep):
        if (state["favorite_store"], state["favorite_store_source"]) != (row.favorite_store, "file"):
            effect.changes["favorite_store"] = [state["favorite_store"], row.favorite_store]
        state["favorite_store"], state["favorite_store_source"] = row.favorite_store, "file"
    if row.attributes is not None:
        both = {**row.attributes, **state["attributes"]} if keep else {**state["attributes"], **row.attributes}
        _set(effect, state, "attributes", both)


def _may_set_store(state: dict[str, Any], keep: bool) -> bool:
    if state["favorite_store"] is None:
        return True
    return not keep and state["favorite_store_source"] in _REPLACEABLE_STORES


def _add_points(effect: Effect, state: dict[str, Any], row: Any, allow_negative: bool) -> None:
    if row.points is None:
        return
    balance = state["points"] + row.points
    if row.points < 0 and balance < 0 and not allow_negative:
        effect.refused = row.points
        effect.notices.append("points points_below_zero")
        return
    effect.delta = row.points
    state["points"] = balance
    state["may_be_negative"] = state["may_be_negative"] or balance < 0


def _consent(effect: Effect, state: dict[str, Any], row: Any, choices: Choices, replaced: bool) -> None:
    refusals: list[str] = []
    for channel, key in zip(_CHANNELS, ("phone", "email"), strict=True):
        old = state[f"{channel}_consent"]
        reset = channel == "sms" and replaced and old in (Consent.OPTED_IN, Consent.PENDING)
        base = Consent.UNKNOWN if reset else old
        new, said = _wish(refusals, state, row, channel, key, base=base, confirm=choices.confirm and channel == "sms")
        # A yes opts the new number in: one event, from `unknown`, since nothing was known of that number.
        before = base if reset and said and new != Consent.OPTED_OUT else old
        if new != before:
            raw = getattr(row, f"{channel}_raw") if said else None
            setattr(effect, channel, (before, new, raw))
        state[f"{channel}_consent"] = new
        state[f"{channel}_withheld"] = state[f"{channel}_withheld"] and new == Consent.OPTED_OUT
    # Withheld is said once for a row.
    withheld = [notice for notice in refusals if notice.endswith("opt_in_withheld")]
    effect.notices += withheld[:1] + [notice for notice in refusals if notice not in withheld]


def _wish(
    refusals: list[str], state: dict[str, Any], row: Any, channel: str, key: str, *, base: str, confirm: bool
) -> tuple[str, bool]:
    """The state after this row's wish, and whether the wish was followed."""
    wish = getattr(row, f"{channel}_wish")
    if wish == WISH_OUT:
        own = getattr(row, f"{channel}_out")
        return (Consent.OPTED_OUT, True) if own else (base, False)
    if wish is None or getattr(row, f"{channel}_beaten"):
        return base, False
    brought = getattr(row, key)
    has_address = (
        state[key] is not None and not getattr(row, f"{key}_unusable") and (brought is None or brought == state[key])
    )
    if wish == WISH_DEFAULT:
        if base == Consent.OPTED_OUT or not has_address:
            return base, False
    elif state[f"{channel}_withheld"]:
        refusals.append(f"{channel}_opt_in opt_in_withheld")
        return base, False
    elif not has_address:
        refusals.append(f"{channel}_opt_in opt_in_without_address")
        return base, False
    return (Consent.PENDING if confirm and base != Consent.OPTED_IN else Consent.OPTED_IN), True


def _opt_out(effect: Effect, state: dict[str, Any], row: Any) -> None:
    """An opt-out from a row whose own persona is another one."""
    for channel in _CHANNELS:
        if getattr(row, f"{channel}_out") and state[f"{channel}_consent"] != Consent.OPTED_OUT:
            old = state[f"{channel}_consent"]
            setattr(effect, channel, (old, Consent.OPTED_OUT, getattr(row, f"{channel}_raw")))
            state[f"{channel}_consent"] = Consent.OPTED_OUT
