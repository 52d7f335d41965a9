"""Applies an import to a world, row by row in file order: who is it, and what changes.

Consent comes after, in consent.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.oracle import consent, reading
from tests.oracle.model import CHANNELS, PROFILE, STORE_RANKS, Cell, LedgerLine, Options, Persona
from tests.oracle.reading import Row
from tests.oracle.result import ImportResult
from tests.oracle.text import header_key
from tests.oracle.world import World

_FILE = STORE_RANKS["file"]


@dataclass(slots=True)
class Settled:
    """A row with its decision, as it stood right after the row: what consent needs to know of that moment."""

    row: Row
    outcome: str
    target: Persona | None = None
    changed: bool = False
    phone_replaced: bool = False
    addresses: dict[str, str | None] = field(default_factory=dict)
    opt_outs: dict[str, Persona] = field(default_factory=dict)


def apply_import(
    world: World,
    headers: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    mapping: Mapping[str, str | None],
    options: Mapping[str, Any] | Options | None = None,
    import_id: int = 1,
    first_line: int = 2,
    workbook: bool = False,
) -> ImportResult:
    """Change `world` as the import would and say what happened.

    `mapping` is keyed by the headers made unique; unnamed headers are ignored. In a workbook extra cells are ignored
    columns. Two equations are asserted. Gates, terms and failures of whole files are not the oracle's.
    """
    chosen = Options.of(options)
    if any(line.import_id == import_id for line in world.ledger):
        raise ValueError("this import has been applied")
    columns = reading.column_fields(headers, mapping)
    orders = reading.date_orders(columns, rows, chosen.date_order, world.region)
    sheet = reading.Sheet(columns, orders, world.region, world.today, workbook)
    read = [reading.read_row(line, cells, sheet) for line, cells in enumerate(rows, start=first_line)]
    result = ImportResult(import_id, date_orders=orders)
    # Who a row is about never depends on consent, so identity and the rest of the effects go first for the whole
    # file; then it is known which persona an opt-out anywhere in it concerns, before the first opt-in is judged.
    settled = [_settle(world, row, chosen, result) for row in read if row is not None]
    consent.settle_consent(world, settled, chosen, result)
    for one in settled:
        _conclude(one, result)
    result.check(row.points for row in read if row is not None)
    return result


def _conclude(one: Settled, result: ImportResult) -> None:
    line = one.row.line
    if one.outcome == "matched":
        one.outcome = "updated" if one.changed else "unchanged"
    result.outcomes[line] = one.outcome
    result.personas[line] = None if one.outcome == "rejected" or one.target is None else one.target.id
    if one.outcome in ("created", "updated", "unchanged") and one.target is not None:
        result.audience.add(one.target.id)
    result.notice_set |= {(line, name, code) for name, code in one.row.notices.items()}


def _settle(world: World, row: Row, options: Options, result: ImportResult) -> Settled:
    if row.reject is None and not world.blocklist.isdisjoint({row.phone, row.email}):
        # "whoever else matches"; nothing may say which of the two it was, so the notices go as well.
        row.reject = "blocked"
        row.notices.clear()
    if row.reject is not None:
        return _leave_out(Settled(row, "rejected"), row.reject, result)
    by_phone, by_email = world.match("phone", row.phone), world.match("email", row.email)
    target = by_phone or by_email
    if by_phone and by_email and by_phone is not by_email:
        if options.on_conflict == "reject":
            conflict = Settled(row, "rejected")
            _note_opt_outs(world, conflict)
            return _leave_out(conflict, "identity_conflict", result)
        target = by_phone if options.on_conflict == "phone" else by_email
    if target is not None and target.status == "archived" and options.archived == "skip":
        skipped = Settled(row, "skipped", target)
        _note_opt_outs(world, skipped)
        return _leave_out(skipped, "archived", result)
    return _apply(world, row, target, options, result)


def _leave_out(one: Settled, code: str, result: ImportResult) -> Settled:
    """Rejected or skipped: the delta counts as refused, whatever the reason."""
    result.codes[one.row.line] = code
    result.points["refused"] += one.row.points
    return one


def _apply(world: World, row: Row, target: Persona | None, options: Options, result: ImportResult) -> Settled:
    if target is None:
        one = Settled(row, "created", world.create(row.phone, row.email))
    else:
        one = Settled(row, "matched", target)
    persona = one.target
    assert persona is not None
    if persona.status == "archived":
        persona.status = "active"
        one.changed = True
    for kind in ("phone", "email"):
        _settle_identifier(world, one, persona, kind, options)
    for change in (_settle_profile, _settle_store, _settle_loyalty):
        one.changed |= change(persona, row, options)
    one.changed |= _settle_attributes(world, persona, row, options)
    one.changed |= _settle_points(world, persona, row, options, result)
    one.addresses = {"sms": persona.phone, "email": persona.email}
    _note_opt_outs(world, one)
    return one


def _settle_identifier(world: World, one: Settled, persona: Persona, kind: str, options: Options) -> None:
    brought, held = getattr(one.row, kind), getattr(persona, kind)
    if brought is None or brought == held:
        return
    if world.owner(kind, brought) is not None:
        # Another persona holds it: by `on_conflict` it "stays with its owner"; the owner may also be one that was
        # merged into this persona, and "identifiers are not moved", so not even a survivor without one gains it.
        one.row.notices[kind] = f"{kind}_kept"
    elif held is None or options.replace_identifiers:
        world.set_identifier(persona, kind, brought)
        one.changed = True
        one.phone_replaced |= kind == "phone" and held is not None
    else:
        one.row.notices[kind] = f"{kind}_kept"


def _settle_profile(persona: Persona, row: Row, options: Options) -> bool:
    changed = False
    for name in PROFILE:
        value, old = row.text.get(name), persona.profile.get(name)
        if value is not None and value != old and not (old and options.only_fill_blanks):
            persona.profile[name] = value
            changed = True
    return changed


def _settle_store(persona: Persona, row: Row, options: Options) -> bool:
    store = row.text.get("favorite_store")
    if store is None or (persona.favorite_store and options.only_fill_blanks):
        return False
    if STORE_RANKS.get(persona.favorite_store_source or "", 0) > _FILE:
        return False
    # The same store named by a file instead of guessed from purchases: who chose it has changed.
    changed = (persona.favorite_store, persona.favorite_store_source) != (store, "file")
    persona.favorite_store, persona.favorite_store_source = store, "file"
    return changed


def _settle_loyalty(persona: Persona, row: Row, options: Options) -> bool:
    signed_up, changed = row.text.get("loyalty_signup_date"), False
    if (row.answers.get("loyalty") or signed_up) and not persona.loyalty:
        persona.loyalty = changed = True
    old = persona.loyalty_signup_date
    if signed_up and signed_up != old and not (old and options.only_fill_blanks):
        persona.loyalty_signup_date = signed_up
        changed = True
    return changed


def _settle_attributes(world: World, persona: Persona, row: Row, options: Options) -> bool:
    changed = False
    for name, value in row.attributes:
        old = persona.attributes.get(header_key(name))
        if old != value and not (old is not None and options.only_fill_blanks):
            world.set_attribute(persona, name, value)
            changed = True
    return changed


def _settle_points(world: World, persona: Persona, row: Row, options: Options, result: ImportResult) -> bool:
    delta = row.points
    if delta == 0:
        return False
    if delta < 0 and world.balance(persona) + delta < 0 and not options.allow_negative_balance:
        row.notices["points"] = "points_below_zero"
        result.points["refused"] += delta
        return False
    world.ledger.append(LedgerLine(persona.id, delta, result.import_id, row.line))
    result.points["added" if delta > 0 else "subtracted"] += abs(delta)
    return True


def _note_opt_outs(world: World, one: Settled) -> None:
    """Whom the row's opt-outs concern: the owner of the address that it brings, else the persona that it matched."""
    for channel in CHANNELS:
        if one.row.answers.get(f"{channel}_opt_out"):
            kind, brought = ("phone", one.row.phone) if channel == "sms" else ("email", one.row.email)
            concerned = world.match(kind, brought) or one.target
            assert concerned is not None
            one.opt_outs[channel] = concerned
