"""What staff's values make of one persona, by the rules of an import where these say anything. Writes nothing."""

from dataclasses import dataclass, field
from typing import Any

from pipeline.personas.consent import Event, set_consent
from pipeline.personas.naming import State
from pipeline.personas.values import Values, Wish
from pipeline.stages.apply import TERMS_VERSION
from pipeline.work import Account
from schemas import codes
from schemas.errors import WrongCommand
from schemas.states import Consent
from schemas.tables.personas import CHANNELS

_ADDRESS = {"sms": "phone", "email": "email"}
#: Chosen by the shopper: staff can't overrule it.
_STRONGER_STORES = ("wallet", "app")


@dataclass(frozen=True, slots=True)
class Manner:
    """Who edits, for which reason points are booked, and whether these may leave the balance below zero."""

    by: str
    reason: str | None = None
    allow_negative: bool = False


@dataclass(slots=True)
class Draft:
    """A persona on its way from one state to the next."""

    state: State
    events: list[Event] = field(default_factory=list)
    #: Channels on which staff opted out who was opted out already.
    repeats: list[str] = field(default_factory=list)
    #: What is waiting for the old number, or for somebody who said no, must not go.
    cancels_texts: bool = False


def draft_changes(account: Account, state: State, values: Values, keys: dict[str, str | None], manner: Manner) -> Draft:
    """The next state, given the identifiers that really change. Raises `WrongCommand`; `state` stays as it is."""
    draft = Draft({**state, **keys, "attributes": dict(state["attributes"])})
    _set_columns(draft.state, values.columns)
    _set_attributes(draft.state, values)
    _add_points(draft.state, values.delta, manner)
    replaced = "phone" in keys and state["phone"] is not None
    draft.cancels_texts = replaced
    for channel in CHANNELS:
        _decide_consent(draft, account, channel, values.wishes.get(channel), replaced and channel == "sms", manner)
    return draft


def _set_columns(state: State, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        if name == "favorite_store":
            if state["favorite_store_source"] in _STRONGER_STORES:
                raise WrongCommand("favorite_store: the shopper chose the store in the wallet or app, so it stays.")
            state["favorite_store_source"] = "staff" if value is not None else None
        state[name] = value
    if columns.get("loyalty_signup_date") is not None:
        state["loyalty"] = True


def _set_attributes(state: State, values: Values) -> None:
    for key, (_, value) in values.attributes.items():
        if value is None:
            state["attributes"].pop(key, None)
        else:
            state["attributes"][key] = value


def _add_points(state: State, delta: int, manner: Manner) -> None:
    if not delta:
        return
    if not manner.reason or not manner.reason.strip():
        raise WrongCommand("points: say why with --reason; it stands in the ledger.")
    balance = state["points"] + delta
    if delta < 0 and balance < 0 and not manner.allow_negative:
        raise WrongCommand("points: they would leave the balance below zero; see --allow-negative-balance.")
    state["points"] = balance
    state["may_be_negative"] = state["may_be_negative"] or balance < 0


def _decide_consent(  # noqa: PLR0917 - six things decide, none of them optional
    draft: Draft, account: Account, channel: str, wish: Wish | None, replaced: bool, manner: Manner
) -> None:
    """As a row of a file would: an opt-out always, an opt-in only for an address and never against the shopper."""
    old = draft.state[f"{channel}_consent"]
    base = Consent.UNKNOWN if replaced and old in (Consent.OPTED_IN, Consent.PENDING) else old
    if wish is None:
        new, before = base, old
    elif wish.way == "out":
        new, before = Consent.OPTED_OUT, old
        if old == Consent.OPTED_OUT:
            draft.repeats.append(channel)
    else:
        _refuse_opt_in(draft.state, channel)
        confirm = account.confirm_opt_ins and channel == "sms" and base != Consent.OPTED_IN
        # Nothing was known of the new number, so its yes is one change, from `unknown`.
        new, before = (Consent.PENDING if confirm else Consent.OPTED_IN), base
    opts_in = new in (Consent.OPTED_IN, Consent.PENDING) and account.terms_accepted_by is not None
    event = Event(
        channel, before, new, "staff", manner.by, wish.raw if wish else None, TERMS_VERSION if opts_in else None
    )
    draft.events += set_consent(draft.state, event)
    draft.cancels_texts |= channel == "sms" and new == Consent.OPTED_OUT


def _refuse_opt_in(state: State, channel: str) -> None:
    if state[f"{channel}_withheld"]:
        raise WrongCommand(f"{channel}_opt_in: {codes.sentence('opt_in_withheld')}")
    if state[_ADDRESS[channel]] is None:
        raise WrongCommand(f"{channel}_opt_in: {codes.sentence('opt_in_without_address')}")
