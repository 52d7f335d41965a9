"""A day of one database in small: imports come, wait for their account's lane, and share the machine. No costs here."""

import heapq
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file: when it comes (seconds of the day), whose it is, and its rows."""

    at: float
    account: int
    rows: int


@dataclass(frozen=True, slots=True)
class Ended:
    """An import that is over, and how much longer it took than alone on the machine."""

    arrival: Arrival
    waited: float


@dataclass(frozen=True, slots=True)
class Machine:
    """What a database with its workers does: rows a second in all and for one import; seconds that any takes."""

    rows_a_second: float
    rows_a_second_of_one: float
    seconds_of_any: float

    def seconds_alone(self, rows: int) -> float:
        return self.seconds_of_any + rows / self.rows_a_second_of_one


class Day:
    """Imports under way get equal shares of the machine; of an account only one is under way."""

    def __init__(self, machine: Machine) -> None:
        self._machine, self._now = machine, 0.0
        self._active: dict[int, tuple[float, Arrival]] = {}  # account → work left in seconds alone, its import
        self._lanes: dict[int, deque[Arrival]] = defaultdict(deque)
        self.ended: list[Ended] = []

    def run(self, arrivals: Sequence[Arrival]) -> list[Ended]:
        """Everything that comes, to the end of the last one."""
        coming = [(each.at, number, each) for number, each in enumerate(arrivals)]
        heapq.heapify(coming)
        while coming or self._active:
            done_at = self._now + self._least_left() / self._share() if self._active else float("inf")
            if coming and coming[0][0] <= done_at:
                at, _, arrival = heapq.heappop(coming)
                self._pass(at)
                self._lanes[arrival.account].append(arrival)
                self._enter(arrival.account)
            else:
                self._pass(done_at)
                self._end_finished()
        return self.ended

    def _share(self) -> float:
        """How fast each goes, of its speed alone."""
        wanted = len(self._active) * self._machine.rows_a_second_of_one
        return min(1.0, self._machine.rows_a_second / wanted)

    def _least_left(self) -> float:
        return min(left for left, _ in self._active.values())

    def _pass(self, until: float) -> None:
        if self._active:
            done = (until - self._now) * self._share()
            self._active = {account: (left - done, each) for account, (left, each) in self._active.items()}
        self._now = until

    def _enter(self, account: int) -> None:
        if account not in self._active and self._lanes[account]:
            arrival = self._lanes[account].popleft()
            self._active[account] = self._machine.seconds_alone(arrival.rows), arrival

    def _end_finished(self) -> None:
        for account in [account for account, (left, _) in self._active.items() if left <= 1e-6]:
            _, arrival = self._active.pop(account)
            took = self._now - arrival.at
            self.ended.append(Ended(arrival, max(0.0, took - self._machine.seconds_alone(arrival.rows))))
            self._enter(account)
