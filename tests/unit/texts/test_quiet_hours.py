"""Texts go between 8:00 and 20:00 where their reader lives."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.texts.quiet_hours import first_daytime, may_be_mobile, next_send_time

NEW_YORK, LOS_ANGELES = "+12125550123", "+13105550123"
SEVERAL_ZONES = "+12083305555"  # Idaho: Boise and Los Angeles
NOWHERE = "+8835100012345"


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("phone", "earliest", "expected"),
    [
        # Summer: New York is 4 hours behind UTC, Los Angeles 7.
        (NEW_YORK, "2025-07-01 11:59:59", "2025-07-01 12:00:00"),
        (NEW_YORK, "2025-07-01 12:00:00", "2025-07-01 12:00:00"),
        (NEW_YORK, "2025-07-01 15:30:12.5", "2025-07-01 15:30:12.5"),
        (NEW_YORK, "2025-07-01 23:59:59.999999", "2025-07-01 23:59:59.999999"),
        (NEW_YORK, "2025-07-02 00:00:00", "2025-07-02 12:00:00"),
        (LOS_ANGELES, "2025-07-01 12:00:00", "2025-07-01 15:00:00"),
        # Winter.
        (NEW_YORK, "2025-01-15 12:59:00", "2025-01-15 13:00:00"),
        # The nights in which clocks change: 8:00 comes 11, and 13, hours after 20:00.
        (NEW_YORK, "2025-03-09 00:59:59", "2025-03-09 00:59:59"),
        (NEW_YORK, "2025-03-09 01:00:00", "2025-03-09 12:00:00"),
        (NEW_YORK, "2025-11-02 00:00:00", "2025-11-02 13:00:00"),
        # Two zones: not before 8:00 in the later, not after 20:00 in the earlier.
        (SEVERAL_ZONES, "2025-07-01 14:30:00", "2025-07-01 15:00:00"),
        (SEVERAL_ZONES, "2025-07-02 01:59:00", "2025-07-02 01:59:00"),
        (SEVERAL_ZONES, "2025-07-02 02:00:00", "2025-07-02 15:00:00"),
        # No zone: the account's.
        (NOWHERE, "2025-07-01 05:00:00", "2025-07-01 06:00:00"),
    ],
)
def test_next_send_time(phone: str, earliest: str, expected: str) -> None:
    assert next_send_time(phone, at(earliest), "Europe/Berlin") == at(expected)


def test_result_is_in_utc_whatever_the_zone_of_earliest() -> None:
    moment = next_send_time(NEW_YORK, at("2025-07-01 21:00:00", "America/New_York"), "Europe/Berlin")
    assert moment == at("2025-07-02 12:00:00")
    assert moment is not None
    assert moment.tzinfo is UTC


def test_zones_without_a_common_hour_are_never_texted() -> None:
    assert first_daytime(("America/Puerto_Rico", "Asia/Singapore"), at("2025-07-01 12:00:00")) is None


def test_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        next_send_time(NEW_YORK, datetime(2025, 7, 1, 12), "Europe/Berlin")  # noqa: DTZ001 - what the test is about


@pytest.mark.parametrize(
    ("phone", "expected"),
    [(NEW_YORK, True), ("+447911123456", True), ("+442079460958", False), ("+18005550123", False)],
)
def test_may_be_mobile(phone: str, expected: bool) -> None:
    assert may_be_mobile(phone) is expected


ZONES = st.sampled_from(
    ["America/New_York", "America/Anchorage", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]
)


@given(
    zones=st.lists(ZONES, min_size=1, max_size=3).map(tuple),
    earliest=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_first_daytime_is_by_day_everywhere_and_nothing_earlier_is(zones: tuple[str, ...], earliest: datetime) -> None:
    found = first_daytime(zones, earliest)
    assert found is None or (found >= earliest and _is_day(zones, found))
    quarter_hours = (earliest + timedelta(minutes=15 * step) for step in range(1, 3 * 96))
    for moment in (earliest, *quarter_hours):
        if found is not None and moment >= found:
            return
        assert not _is_day(zones, moment)


def _is_day(zones: tuple[str, ...], moment: datetime) -> bool:
    return all(8 <= moment.astimezone(ZoneInfo(zone)).hour < 20 for zone in zones)
