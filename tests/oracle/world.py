"""One account's state and the commands on single personas. Imports act on it from applying.py and consent.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.oracle import merging
from tests.oracle.model import PROFILE, STORE_RANKS, AttributeValue, Event, LedgerLine, Persona
from tests.oracle.text import header_key


@dataclass(slots=True)
class World:
    """Personas by id (merged ones included), the ledger, consent events, the blocklist, attribute spellings."""

    region: str = "US"
    timezone: str = "America/Los_Angeles"
    confirm_opt_ins: bool = False
    double_opt_in: str = "never"
    today: date = field(default_factory=date.today)
    personas: dict[int, Persona] = field(default_factory=dict)
    ledger: list[LedgerLine] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    blocklist: set[str] = field(default_factory=set)
    spellings: dict[str, str] = field(default_factory=dict)
    owners: dict[str, dict[str, int]] = field(default_factory=lambda: {"phone": {}, "email": {}})
    merges: dict[int, merging.Merge] = field(default_factory=dict)
    next_id: int = 1

    # --- looking up

    def owner(self, kind: str, value: str | None) -> Persona | None:
        """The persona that holds the identifier itself, be it merged away or archived."""
        found = self.owners[kind].get(value) if value is not None else None
        return None if found is None else self.personas[found]

    def match(self, kind: str, value: str | None) -> Persona | None:
        """The persona that answers for the identifier: "A persona that was merged away answers for its survivor"."""
        owner = self.owner(kind, value)
        return None if owner is None else self.survivor(owner)

    def survivor(self, persona: Persona) -> Persona:
        while persona.merged_into is not None:
            persona = self.personas[persona.merged_into]
        return persona

    def find(self, who: str) -> Persona | None:
        """By stored phone or stored e-mail, as an import would match it."""
        return self.match("phone", who) or self.match("email", who)

    def balance(self, persona: Persona) -> int:
        return sum(line.delta for line in self.ledger if line.persona == persona.id)

    # --- changing one thing

    def create(self, phone: str | None = None, email: str | None = None) -> Persona:
        persona = Persona(self.next_id)
        self.next_id += 1
        self.personas[persona.id] = persona
        self.set_identifier(persona, "phone", phone)
        self.set_identifier(persona, "email", email)
        return persona

    def set_identifier(self, persona: Persona, kind: str, value: str | None) -> None:
        """Give the persona the identifier; its old one is free again. Never takes one from another persona."""
        owner = self.owner(kind, value)
        if owner is not None and owner is not persona:
            raise ValueError(f"{kind} belongs to persona {owner.id}")
        old = getattr(persona, kind)
        if old is not None:
            del self.owners[kind][old]
        setattr(persona, kind, value)
        if value is not None:
            self.owners[kind][value] = persona.id

    def set_attribute(self, persona: Persona, name: str, value: AttributeValue) -> None:
        key = header_key(name)
        self.spellings.setdefault(key, name)
        persona.attributes[key] = value

    def set_consent(
        self,
        persona: Persona,
        channel: str,
        state: str,
        who: str,
        import_id: int | None = None,
        line: int | None = None,
    ) -> bool:
        """Change one channel; "No change, no event". True when something changed."""
        if state == "opted_out" and who != "merge":
            merging.note_opt_out(self, persona, channel, who)
        before = persona.consent[channel]
        if before == state:
            return False
        if state in ("opted_in", "pending") and who != "merge":
            # Giving a consent back is nobody's yes.
            merging.note_opt_in(self, persona, channel)
        persona.consent[channel] = state
        self.events.append(Event(persona.id, channel, before, state, who, import_id, line))
        return True

    # --- commands

    def add(self, values: Mapping[str, Any], source: str = "staff") -> Persona:
        """Add a persona with stored values (`attribute:<name>` too); an owned or blocked identifier is an error."""
        phone, email = values.get("phone"), values.get("email")
        if not phone and not email:
            raise ValueError("a persona needs a phone or an e-mail")
        for kind, value in (("phone", phone), ("email", email)):
            if value in self.blocklist or self.owner(kind, value) is not None:
                raise ValueError(f"{kind} is taken or blocked")
        persona = self.create(phone, email)
        self.edit(persona, {k: v for k, v in values.items() if k not in ("phone", "email")}, source)
        return persona

    def edit(self, persona: Persona, values: Mapping[str, Any], source: str = "staff") -> None:
        """Set stored values; None clears. Points are a delta. A new phone resets SMS consent as in an import."""
        for kind in ("phone", "email"):
            if kind in values and values[kind] != getattr(persona, kind):
                if values[kind] in self.blocklist:
                    raise ValueError(f"{kind} is blocked")
                had_phone = kind == "phone" and persona.phone is not None
                self.set_identifier(persona, kind, values[kind])
                if had_phone and persona.consent["sms"] in ("opted_in", "pending"):
                    self.set_consent(persona, "sms", "unknown", source)
        for name, value in values.items():
            self._edit_one(persona, name, value, source)

    def _edit_attribute(self, persona: Persona, name: str, value: AttributeValue | None) -> None:
        if value is None:
            persona.attributes.pop(header_key(name), None)
        else:
            self.set_attribute(persona, name, value)

    def _edit_one(self, persona: Persona, name: str, value: Any, source: str) -> None:
        if name.startswith("attribute:"):
            self._edit_attribute(persona, name.removeprefix("attribute:"), value)
        elif name == "favorite_store":
            if STORE_RANKS[source] >= STORE_RANKS.get(persona.favorite_store_source or "", 0):
                persona.favorite_store = value
                persona.favorite_store_source = source if value else None
        elif name == "points":
            self.ledger.append(LedgerLine(persona.id, int(value), reason=source))
        elif name == "loyalty":
            persona.loyalty = bool(value)
        elif name == "loyalty_signup_date":
            persona.loyalty_signup_date = value
            persona.loyalty = persona.loyalty or bool(value)
        elif name in PROFILE:
            persona.profile.pop(name, None)
            persona.profile |= {name: value} if value else {}
        elif name not in ("phone", "email"):
            raise ValueError(f"unknown field: {name}")

    def archive(self, persona: Persona) -> None:
        if persona.status != "active":
            raise ValueError("only an active persona can be archived")
        persona.status = "archived"

    def restore(self, persona: Persona) -> None:
        if persona.status != "archived":
            raise ValueError("only an archived persona can be restored")
        persona.status = "active"

    def merge(self, survivor: Persona, other: Persona) -> None:
        merging.merge(self, survivor, other)

    def unmerge(self, other: Persona) -> None:
        merging.unmerge(self, other)

    def forget(self, persona: Persona) -> None:
        merging.forget(self, persona)

    def shopper_stop(self, persona: Persona, channel: str) -> None:
        """The shopper's own opt-out. Said after an opt-out by a file it changes no state, yet it binds from now on."""
        self.set_consent(persona, channel, "opted_out", "shopper")
        persona.opted_out_themself.add(channel)

    def shopper_start(self, persona: Persona, channel: str) -> None:
        """The shopper's own YES or START, the only way back from their own opt-out."""
        persona.opted_out_themself.discard(channel)
        self.set_consent(persona, channel, "opted_in", "shopper")

    def staff_opt_out(self, persona: Persona, channel: str) -> None:
        self.set_consent(persona, channel, "opted_out", "staff")

    def export(self) -> list[dict[str, Any]]:
        """Every persona in the shape of the contract's persona object; see compare.canonical for ids."""
        return [self.describe(persona) for _, persona in sorted(self.personas.items())]

    def describe(self, persona: Persona) -> dict[str, Any]:
        lines = [line for line in self.ledger if line.persona == persona.id]
        return {
            "persona_id": persona.id,
            "status": persona.status,
            "merged_into": persona.merged_into,
            "phone": persona.phone,
            "email": persona.email,
            **{name: persona.profile.get(name) for name in PROFILE},
            "points": sum(line.delta for line in lines),
            "attributes": {self.spellings[key]: value for key, value in persona.attributes.items()},
            "consent": dict(persona.consent),
            "favorite_store": persona.favorite_store,
            "favorite_store_source": persona.favorite_store_source,
            "loyalty": persona.loyalty,
            "loyalty_signup_date": persona.loyalty_signup_date,
            "ledger": [{"import_id": x.import_id, "line": x.line, "delta": x.delta, "reason": x.reason} for x in lines],
        }
