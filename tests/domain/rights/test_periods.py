"""Periods of the calendar: days of the authority's own clocks, over leap days and changes of the clock."""

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.domain.rights.periods import Period, after

ZONES = ("Europe/Berlin", "America/New_York", "Europe/Dublin", "Pacific/Apia", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu")
moments = st.integers(0, 4_000 * 86_400).map(lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
periods = st.builds(Period, days=st.integers(0, 400), months=st.integers(0, 24))


def the_day_after(day: date, period: Period) -> date:
    """An independent oracle: month by month, then day by day."""
    year, month = day.year, day.month
    for _ in range(period.months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    kept = date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    return date.fromordinal(kept.toordinal() + period.days)


@given(moments, periods, st.sampled_from(ZONES))
def test_a_period_ends_on_the_day_the_calendar_says_and_never_before_the_hour_it_began(moment, period, zone):
    there = ZoneInfo(zone)
    ended = after(moment, period, zone)
    began, then = moment.astimezone(there), ended.astimezone(there)
    wall = datetime.combine(the_day_after(began.date(), period), began.time())

    # Where the clocks skip the hour, or the whole day as Apia once did, the end is later by what they skipped.
    assert timedelta(0) <= then.replace(tzinfo=None) - wall <= timedelta(hours=24)
    if wall.replace(tzinfo=there).astimezone(UTC).astimezone(there).replace(tzinfo=None) == wall:
        assert then.replace(tzinfo=None) == wall


@given(moments, periods, periods, st.sampled_from(ZONES))
def test_a_longer_period_never_ends_earlier(moment, period, more, zone):
    longer = Period(days=period.days + more.days, months=period.months)

    assert after(moment, longer, zone) >= after(moment, period, zone)
    assert after(moment, period, zone) >= moment - timedelta(hours=2)


@pytest.mark.parametrize(
    ("began", "period", "zone", "ends"),
    [
        ("2026-01-15T12:00:00+00:00", Period(days=60), "Europe/Berlin", "2026-03-16T12:00:00+00:00"),
        ("2026-02-01T12:00:00+00:00", Period(days=60), "Europe/Berlin", "2026-04-02T11:00:00+00:00"),  # summer time between
        ("2028-02-29T12:00:00+00:00", Period(months=12), "Europe/London", "2029-02-28T12:00:00+00:00"),
        ("2027-12-31T12:00:00+00:00", Period(days=60), "Europe/London", "2028-02-29T12:00:00+00:00"),
        ("2026-01-27T01:30:00+00:00", Period(days=61), "Europe/London", "2026-03-29T01:30:00+00:00"),  # 01:30 is skipped
        ("2026-08-25T23:30:00+00:00", Period(days=60), "Europe/London", "2026-10-24T23:30:00+00:00"),  # 00:30 on the clocks
    ],
)
def test_examples(began, period, zone, ends):
    assert after(datetime.fromisoformat(began), period, zone) == datetime.fromisoformat(ends)


def test_an_hour_that_the_clocks_show_twice_is_the_later_one():
    began = datetime(2026, 8, 26, 0, 30, tzinfo=UTC)  # 01:30 in London

    assert after(began, Period(days=60), "Europe/London") == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_period_is_written_as_iso_8601_has_it():
    assert [str(one) for one in (Period(days=60), Period(months=12), Period(months=1, days=3), Period())] == [
        "P60D",
        "P12M",
        "P1M3D",
        "P0D",
    ]
