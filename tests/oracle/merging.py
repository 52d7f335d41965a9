"""Merge, unmerge and forget in the oracle's world."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.oracle.model import ADDRESS, CHANNELS, AttributeValue, LedgerLine, Persona

if TYPE_CHECKING:
    from tests.oracle.world import World


@dataclass(slots=True)
class Merge:
    """What a merge took from `other` and gave to the survivor, so that it can be given back."""

    status: str
    lines: list[LedgerLine]
    profile: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    plain: dict[str, object] = field(default_factory=dict)
    opted_out: dict[str, str] = field(default_factory=dict)
    themself: set[str] = field(default_factory=set)
    opted_out_since: dict[str, str] = field(default_factory=dict)


def merge(world: "World", survivor: Persona, other: Persona) -> None:
    """Fold `other` into `survivor`; identifiers are not moved, blanks are filled, "opted_out on either wins"."""
    if survivor is other or "merged" in (survivor.status, other.status):
        raise ValueError("two different, unmerged personas are needed")
    record = Merge(other.status, [line for line in world.ledger if line.persona == other.id])
    _absorb(world, survivor, other, record)
    for line in record.lines:
        line.persona = survivor.id
    other.status, other.merged_into = "merged", survivor.id
    world.merges[other.id] = record


def _absorb(world: "World", survivor: Persona, other: Persona, record: Merge, only: set[str] | None = None) -> None:
    """Fill blanks and let opt-outs win; `only` names fields, attributes and channels, after an unmerge freed them."""
    _fill(survivor, other, record, only)
    for channel in CHANNELS:
        if other.consent[channel] == "opted_out" and (only is None or channel in only):
            before = survivor.consent[channel]
            if world.set_consent(survivor, channel, "opted_out", "merge"):
                record.opted_out[channel] = before
            if channel in other.opted_out_themself and channel not in survivor.opted_out_themself:
                survivor.opted_out_themself.add(channel)
                record.themself.add(channel)


def _state(persona: Persona) -> dict[str, object]:
    plain = {name: getattr(persona, name) for name in ("favorite_store", "loyalty", "loyalty_signup_date")}
    consent = {channel: (persona.consent[channel], channel in persona.opted_out_themself) for channel in CHANNELS}
    attributes = {f"attribute:{key}": value for key, value in persona.attributes.items()}
    return {**persona.profile, **attributes, **plain, **consent}


def _freed(before: dict[str, object], after: dict[str, object]) -> set[str]:
    return {name for name in before if before[name] != after.get(name)}


def _fill(survivor: Persona, other: Persona, record: Merge, only: set[str] | None) -> None:
    def concerned(name: str) -> bool:
        return only is None or name in only

    for name, value in other.profile.items():
        if name not in survivor.profile and concerned(name):
            survivor.profile[name] = record.profile[name] = value
    for key, attribute in other.attributes.items():
        if key not in survivor.attributes and concerned(f"attribute:{key}"):
            survivor.attributes[key] = record.attributes[key] = attribute
    if survivor.favorite_store is None and other.favorite_store is not None and concerned("favorite_store"):
        survivor.favorite_store = other.favorite_store
        survivor.favorite_store_source = other.favorite_store_source
        record.plain |= {"favorite_store": other.favorite_store, "favorite_store_source": other.favorite_store_source}
    dated = other.loyalty_signup_date is not None and concerned("loyalty_signup_date")
    if survivor.loyalty_signup_date is None and dated:
        survivor.loyalty_signup_date = record.plain["loyalty_signup_date"] = other.loyalty_signup_date
    if other.loyalty and not survivor.loyalty and concerned("loyalty"):
        # A membership is never lost by putting two records of one shopper together.
        survivor.loyalty = record.plain["loyalty"] = True


def unmerge(world: "World", other: Persona) -> None:
    """Give back what the merge took; what changed on the survivor since is the survivor's own."""
    if other.merged_into is None:
        raise ValueError("not a merged persona")
    survivor, record = world.personas[other.merged_into], world.merges.pop(other.id)
    before = _state(survivor)
    for name, value in record.profile.items():
        if survivor.profile.get(name) == value:
            del survivor.profile[name]
    for key, attribute in record.attributes.items():
        if survivor.attributes.get(key) == attribute:
            survivor.attributes.pop(key, None)
    _take_store_and_loyalty(survivor, record)
    for line in record.lines:
        line.persona = other.id
    above: Persona | None = survivor
    while above is not None and above.merged_into is not None:
        # Given back once: undoing a merge further up must not take these lines along again.
        later = world.merges[above.id]
        later.lines = [line for line in later.lines if not any(line is own for own in record.lines)]
        above = world.personas[above.merged_into]
    _give_consent_back(world, survivor, other, record)
    other.status, other.merged_into = record.status, None
    freed = _freed(before, _state(survivor))
    for remaining, kept in world.merges.items():
        # Those who are still merged fill what became blank, and their opt-outs win where this one's did.
        if world.personas[remaining].merged_into == survivor.id:
            _absorb(world, survivor, world.personas[remaining], kept, freed)


def _take_store_and_loyalty(survivor: Persona, record: Merge) -> None:
    given = record.plain
    store = (given.get("favorite_store"), given.get("favorite_store_source"))
    if store[0] and store == (survivor.favorite_store, survivor.favorite_store_source):
        survivor.favorite_store = survivor.favorite_store_source = None
    if given.get("loyalty_signup_date") == survivor.loyalty_signup_date:
        survivor.loyalty_signup_date = None
    if given.get("loyalty"):
        # "loyalty yes or a loyalty_signup_date makes the persona a member": a date of its own is its own membership.
        survivor.loyalty = survivor.loyalty_signup_date is not None


def _give_consent_back(world: "World", survivor: Persona, other: Persona, record: Merge) -> None:
    for channel, before in record.opted_out.items():
        last = [e for e in world.events if e.persona == survivor.id and e.channel == channel][-1]
        if last.who == "merge":
            world.set_consent(survivor, channel, before, "merge")
    survivor.opted_out_themself -= record.themself
    for channel, who in record.opted_out_since.items():
        # The shopper said no while both records were one; nobody can say for which, so it holds for both.
        world.set_consent(other, channel, "opted_out", who)
        if who == "shopper":
            other.opted_out_themself.add(channel)


def note_opt_out(world: "World", survivor: Persona, channel: str, who: str) -> None:
    """An opt-out on a survivor outlives an unmerge, on both records."""
    for other, record in world.merges.items():
        if world.survivor(world.personas[other]) is survivor:
            record.opted_out.pop(channel, None)
            if who == "shopper" or channel not in record.opted_out_since:
                record.opted_out_since[channel] = who
            if who == "shopper":
                record.themself.discard(channel)


def note_opt_in(world: "World", survivor: Persona, channel: str) -> None:
    """A later yes takes such an opt-out back."""
    for other, record in world.merges.items():
        if world.survivor(world.personas[other]) is survivor:
            record.opted_out_since.pop(channel, None)


def forget(world: "World", persona: Persona) -> None:
    """Remove the shopper, the records merged into theirs included, and block every identifier of them."""
    shopper = world.survivor(persona)
    for gone in [p for p in world.personas.values() if world.survivor(p) is shopper]:
        for kind in ADDRESS.values():
            value = getattr(gone, kind)
            if value is not None:
                world.blocklist.add(value)
                del world.owners[kind][value]
        world.ledger[:] = [line for line in world.ledger if line.persona != gone.id]
        world.merges.pop(gone.id, None)
        del world.personas[gone.id]
