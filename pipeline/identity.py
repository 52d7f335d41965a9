"""Who is it, for rows that share keys: decided one row at a time, in file order.

The sets of `dedupe.sql` decide all other rows alike.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from schemas.options import ImportOptions
from schemas.states import PersonaStatus


@dataclass(slots=True)
class Known:
    """A persona as the rows before this one left it."""

    id: int
    archived: bool
    phone: str | None
    email: str | None


@dataclass(slots=True)
class Decision:
    """A line of the plan. Not frozen, since a file may need a million of them, and frozen ones take twice the time."""

    line: int
    part: int
    kind: Literal["c", "u", "r", "s"]
    persona_id: int | None = None
    code: str | None = None
    take_phone: bool = False
    take_email: bool = False
    restore: bool = False
    sms_out_to: int | None = None
    email_out_to: int | None = None
    by_phone: int | None = None
    by_email: int | None = None


class Resolver:
    """Resolves the rows of one component after another."""

    def __init__(self, options: ImportOptions, new_id: Callable[[], int]) -> None:
        self._options = options
        self._new_id = new_id
        self._component: int | None = None
        self._people: dict[int, Known] = {}
        #: Keys that rows of this component have given to a persona.
        self._phones: dict[str, Known] = {}
        self._emails: dict[str, Known] = {}

    def resolve(self, rows: Iterable[Any]) -> Iterator[Decision]:
        """One decision for each row of `tangled_rows`, in its order."""
        for row in rows:
            if row.component != self._component:
                self._component = row.component
                self._people, self._phones, self._emails = {}, {}, {}
            yield self._decide(row)

    def _decide(self, row: Any) -> Decision:
        by_phone = self._owner_of_phone(row)
        by_email = self._owner_of_email(row)
        who = by_phone or by_email
        if by_phone and by_email and by_phone is not by_email:
            if self._options.on_conflict == "reject":
                return self._reject(row, by_phone, by_email)
            who = by_phone if self._options.on_conflict == "phone" else by_email
        if who is None:
            return self._create(row)
        if who.archived and self._options.archived == "skip":
            return self._point_opt_outs(row, Decision(row.line, row.part, "s", who.id), who, by_phone, by_email)
        return self._update(row, who, by_phone, by_email)

    def _owner_of_phone(self, row: Any) -> Known | None:
        if row.phone is None:
            return None
        if claimed := self._phones.get(row.phone):
            return claimed
        owner = self._known(row.by_phone, row.p_status, row.p_phone, row.p_email)
        # A merged persona never loses its phone; a living one may have, to a row before this one.
        return owner if owner and (row.phone_merged or owner.phone == row.phone) else None

    def _owner_of_email(self, row: Any) -> Known | None:
        if row.email is None:
            return None
        if claimed := self._emails.get(row.email):
            return claimed
        owner = self._known(row.by_email, row.e_status, row.e_phone, row.e_email)
        return owner if owner and (row.email_merged or owner.email == row.email) else None

    def _known(self, persona_id: int | None, status: str, phone: str | None, email: str | None) -> Known | None:
        if persona_id is None:
            return None
        if persona_id not in self._people:
            self._people[persona_id] = Known(persona_id, status == PersonaStatus.ARCHIVED, phone, email)
        return self._people[persona_id]

    def _reject(self, row: Any, by_phone: Known, by_email: Known) -> Decision:
        return Decision(
            row.line,
            row.part,
            "r",
            code="identity_conflict",
            sms_out_to=by_phone.id if row.sms_out else None,
            email_out_to=by_email.id if row.email_out else None,
            by_phone=by_phone.id,
            by_email=by_email.id,
        )

    def _create(self, row: Any) -> Decision:
        made = Known(self._new_id(), archived=False, phone=row.phone, email=row.email)
        self._people[made.id] = made
        if row.phone is not None:
            self._phones[row.phone] = made
        if row.email is not None:
            self._emails[row.email] = made
        return Decision(
            row.line,
            row.part,
            "c",
            made.id,
            sms_out_to=made.id if row.sms_out else None,
            email_out_to=made.id if row.email_out else None,
        )

    def _update(self, row: Any, who: Known, by_phone: Known | None, by_email: Known | None) -> Decision:
        overwrite = self._options.replace_identifiers
        restore, who.archived = who.archived, False
        take_phone = row.phone is not None and by_phone is None and (who.phone is None or overwrite)
        take_email = row.email is not None and by_email is None and (who.email is None or overwrite)
        if take_phone:
            self._phones.pop(who.phone or "", None)
            self._phones[row.phone] = who
            who.phone = row.phone
        if take_email:
            self._emails.pop(who.email or "", None)
            self._emails[row.email] = who
            who.email = row.email
        decision = Decision(
            row.line, row.part, "u", who.id, take_phone=take_phone, take_email=take_email, restore=restore
        )
        return self._point_opt_outs(row, decision, who, by_phone, by_email)

    @staticmethod
    def _point_opt_outs(
        row: Any, decision: Decision, who: Known, by_phone: Known | None, by_email: Known | None
    ) -> Decision:
        """An opt-out concerns the address that the row brings, so it goes to that address's owner."""
        if not (row.sms_out or row.email_out):
            return decision
        return replace(
            decision,
            sms_out_to=(by_phone or who).id if row.sms_out else None,
            email_out_to=(by_email or who).id if row.email_out else None,
        )
