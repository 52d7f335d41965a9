"""What is measured of the running system: counts and ages, never ids of shoppers. Owns no names of metrics."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measures:
    """One reading. Ages and durations are in seconds; `rates` in rows a second of work, over the last minutes."""

    #: Imports by status.
    imports: Mapping[str, int]
    #: Imports by what told of them.
    triggers: Mapping[str, int]
    #: By stage.
    rates: Mapping[str, float]
    open_parts: Mapping[str, int]
    #: Of the oldest open part whose turn it is and that nobody works on; 0 if there is none.
    oldest_unheld: float
    #: Attempts that ended with their worker, by stage.
    lost: Mapping[str, int]
    #: By code.
    rejects: Mapping[str, int]
