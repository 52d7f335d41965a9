"""What an import did: outcomes, codes and counts, in the shape of the contract's JSON; holds the two equations."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.model import Event

_COUNTED_EVENTS = ("sms_opted_in", "sms_opted_out", "sms_pending", "email_opted_in", "email_opted_out")


@dataclass(slots=True)
class ImportResult:
    """Outcome and persona per line; notices as (line, field, code); `date_orders` per date column's field."""

    import_id: int
    outcomes: dict[int, str] = field(default_factory=dict)
    personas: dict[int, int | None] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    notice_set: set[tuple[int, str, str]] = field(default_factory=set)
    points: dict[str, int] = field(default_factory=lambda: {"added": 0, "subtracted": 0, "refused": 0})
    events: list[Event] = field(default_factory=list)
    audience: set[int] = field(default_factory=set)
    date_orders: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> dict[str, int]:
        counts = Counter(self.outcomes.values())
        names = ("created", "updated", "unchanged", "rejected", "skipped")
        return {"read": len(self.outcomes), **{name: counts[name] for name in names}}

    @property
    def rejects(self) -> dict[str, int]:
        return dict(Counter(code for line, code in self.codes.items() if self.outcomes[line] == "rejected"))

    @property
    def notices(self) -> dict[str, int]:
        return dict(Counter(code for _, _, code in self.notice_set))

    @property
    def consent(self) -> dict[str, int]:
        counts = Counter(f"{event.channel}_{event.after}" for event in self.events)
        withheld = sum(code == "opt_in_withheld" for _, _, code in self.notice_set)
        return {**{name: counts[name] for name in _COUNTED_EVENTS}, "withheld": withheld}

    @property
    def too_many_rejects(self) -> bool:
        """The gate: more than half of at least 100 rows."""
        return self.rows["read"] >= 100 and 2 * self.rows["rejected"] > self.rows["read"]

    def as_json(self) -> dict[str, Any]:
        """The parts of the contract's object that follow from the rules alone."""
        return {
            "rows": self.rows,
            "rejects": self.rejects,
            "notices": self.notices,
            "points": dict(self.points),
            "consent": self.consent,
            "audience": {"members": len(self.audience)},
        }

    def check(self, deltas: Iterable[int]) -> None:
        """Assert the row equation and the points equation; `deltas` are all readable ones of the file."""
        rows = self.rows
        parts = ("created", "updated", "unchanged", "rejected", "skipped")
        assert rows["read"] == sum(rows[name] for name in parts), rows
        settled = self.points["added"] - self.points["subtracted"] + self.points["refused"]
        assert settled == sum(deltas), self.points
        cells = [(line, name) for line, name, _ in self.notice_set]
        assert len(cells) == len(set(cells)), "a cell draws one notice"
