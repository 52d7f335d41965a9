"""The consent of an import, after everything else of it, in row order; an opt-out of the file beats its opt-ins."""

from typing import TYPE_CHECKING

from tests.oracle.model import ADDRESS, CHANNELS, Options, Persona
from tests.oracle.result import ImportResult

if TYPE_CHECKING:
    from tests.oracle.applying import Settled
    from tests.oracle.world import World


def settle_consent(world: "World", settled: "list[Settled]", options: Options, result: ImportResult) -> None:
    """Change consents and add the notices about opt-ins to the rows; marks rows whose persona changed."""
    first_event = len(world.events)
    beaten = {(person.id, channel) for one in settled for channel, person in one.opt_outs.items()}
    for one in settled:
        for channel in CHANNELS:
            _settle_channel(world, one, channel, beaten, options, result.import_id)
    result.events = world.events[first_event:]


def _settle_channel(
    world: "World", one: "Settled", channel: str, beaten: set[tuple[int, str]], options: Options, import_id: int
) -> None:
    line = one.row.line
    concerned = one.opt_outs.get(channel)
    if concerned is not None:
        changed = world.set_consent(concerned, channel, "opted_out", "file", import_id, line)
        # An opt-out can go to somebody else than the row's persona; then it does not make the row `updated`.
        one.changed |= changed and concerned is one.target
    persona = one.target
    if persona is None or one.outcome in ("rejected", "skipped"):
        return
    opts_in = (persona.id, channel) not in beaten and _opts_in(one, persona, channel, options)
    # "An opt-out stays"; the yes of the same row, if it counts, is for the new number: one event, not two.
    reset = channel == "sms" and one.phone_replaced and persona.consent["sms"] in ("opted_in", "pending")
    if not opts_in:
        if reset:
            one.changed |= world.set_consent(persona, channel, "unknown", "file", import_id, line)
        return
    wanted = "pending" if channel == "sms" and world.confirm_opt_ins else "opted_in"
    if reset:
        # From here on the old number's consent is void, so the same state for the new one is a change.
        persona.consent[channel] = "unknown"
    elif persona.consent[channel] == "opted_in":
        return
    one.changed |= world.set_consent(persona, channel, wanted, "file", import_id, line)


def _opts_in(one: "Settled", persona: Persona, channel: str, options: Options) -> bool:
    """Whether the row opts its persona in, with the notices of an explicit yes that does not."""
    row, column = one.row, f"{channel}_opt_in"
    if row.answers.get(f"{channel}_opt_out"):
        return False  # beaten in its own row, also where that opt-out concerns somebody else
    address, kind = one.addresses[channel], ADDRESS[channel]
    brought = row.phone if channel == "sms" else row.email
    given_for_it = address is not None and (kind not in row.said or brought == address)
    if row.answers.get(column):
        if channel in persona.opted_out_themself:
            # "once per row and before any other notice about an opt-in"
            if "opt_in_withheld" not in row.notices.values():
                row.notices[column] = "opt_in_withheld"
            return False
        if not given_for_it:
            row.notices[column] = "opt_in_without_address"
        return given_for_it
    says_nothing = not row.said & {column, f"{channel}_opt_out"}
    if channel in options.opt_in and says_nothing:
        # The option "never touches an opt-out" and "draws no notice".
        return given_for_it and persona.consent[channel] != "opted_out"
    return False
