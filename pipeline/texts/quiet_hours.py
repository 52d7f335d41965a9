"""When a text may reach a number: by day, where its owner lives. Owns the hours; not who gets a text."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pipeline.texts.reach import reach_of

#: Local time; the first minute counts, the last does not.
DAY_BEGINS = time(8)
DAY_ENDS = time(20)
# Daily hours repeat; a week is far more than any set of zones needs, unless a change of clocks months away opens a gap.
_HORIZON = timedelta(days=7)


def may_be_mobile(phone_e164: str) -> bool:
    """Whether a number's kind is mobile, or one where mobiles and fixed lines can't be told apart."""
    return reach_of(phone_e164).may_be_mobile


def next_send_time(phone_e164: str, earliest: datetime, account_zone: str) -> datetime | None:
    """The first instant (UTC) from `earliest` on that is by day in every time zone of the number.

    A number that tells no zone is taken to be in the account's. None: its zones have no daytime hour in common within
    a week, so that any moment might wake somebody; such a number gets no text at all.
    Raises ValueError for an `earliest` without time zone.
    """
    if earliest.tzinfo is None:
        raise ValueError("the earliest time to send needs a time zone")
    return first_daytime(reach_of(phone_e164).zones or (account_zone,), earliest)


@lru_cache(maxsize=4096)
def first_daytime(zones: tuple[str, ...], earliest: datetime) -> datetime | None:
    """The first instant (UTC) from `earliest` on that is by day in all `zones`; None if there is none within a week."""
    clocks = [ZoneInfo(zone) for zone in zones]
    moment = earliest.astimezone(UTC)
    last = moment + _HORIZON
    while moment <= last:
        later = _latest_daytime(clocks, moment)
        if later == moment:
            return moment
        moment = later
    return None


def _latest_daytime(clocks: Sequence[ZoneInfo], moment: datetime) -> datetime:
    """The latest of the zones' next daytimes: no earlier instant can be by day in all of them."""
    return max(_next_daytime(clock, moment) for clock in clocks)


def _next_daytime(clock: ZoneInfo, moment: datetime) -> datetime:
    local = moment.astimezone(clock)
    if DAY_BEGINS <= local.time() < DAY_ENDS:
        return moment
    day = local.date() if local.time() < DAY_BEGINS else local.date() + timedelta(days=1)
    return datetime.combine(day, DAY_BEGINS, clock).astimezone(UTC)
