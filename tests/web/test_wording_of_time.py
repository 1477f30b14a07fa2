"""Spans and moments say the same on every page."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from authority_portal.web import wording_of_time as words

BOSTON = ZoneInfo("America/New_York")
ENGLISH = Locale("en")
NOW = datetime(2026, 11, 19, 15, 24, tzinfo=UTC)  # Thursday, 10:24 in Boston


def span_of(days=0, hours=0, minutes=0, seconds=0):
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (span_of(), "less than 1 min"),
        (span_of(seconds=59), "less than 1 min"),
        (span_of(minutes=1), "1 min"),
        (span_of(minutes=59, seconds=59), "59 min"),
        (span_of(hours=1), "1 h"),
        (span_of(hours=2, minutes=3), "2 h 03 min"),
        (span_of(hours=9, minutes=59), "9 h 59 min"),
        (span_of(hours=10, minutes=59), "10 h"),
        (span_of(hours=23, minutes=59), "23 h"),
        (span_of(days=1), "1 d"),
        (span_of(days=1, minutes=59), "1 d"),
        (span_of(days=1, hours=4), "1 d 4 h"),
        (span_of(days=9, hours=23), "9 d 23 h"),
        (span_of(days=10, hours=23), "10 d"),
        (span_of(days=-1, hours=-4), "1 d 4 h"),
    ],
)
def test_a_span_in_short(duration, text):
    assert words.span(duration) == text


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (span_of(seconds=5), "less than a minute"),
        (span_of(minutes=1), "1 minute"),
        (span_of(hours=1, minutes=2), "1 hour 2 minutes"),
        (span_of(hours=12, minutes=2), "12 hours"),
        (span_of(days=1), "1 day"),
        (span_of(days=2, hours=1, minutes=9), "2 days 1 hour"),
        (span_of(days=30, hours=1), "30 days"),
    ],
)
def test_a_span_in_words(duration, text):
    assert words.span_in_words(duration) == text


@dataclass
class ShownDeadline:
    state: str
    left: timedelta | None
    due_at: datetime | None = NOW
    started_at: datetime | None = NOW - timedelta(days=2)
    used: float = 0.5


@pytest.mark.parametrize(
    ("state", "left", "text"),
    [
        ("none", None, "no deadline"),
        ("on_time", span_of(hours=28), "1 d 4 h left"),
        ("at_risk", span_of(hours=4, minutes=45), "4 h 45 min left"),
        ("at_risk", span_of(seconds=10), "less than 1 min left"),
        ("overdue", span_of(hours=-24), "1 d late"),
        ("overdue", span_of(), "less than 1 min late"),
        ("paused", span_of(days=1), "paused, 1 d"),
        ("paused", span_of(days=-1), "paused, 1 d late"),
        ("paused", None, "paused"),
        ("met", span_of(days=2, minutes=-1), "kept, after 1 min"),
        ("missed", span_of(hours=-3), "missed by 3 h"),
        ("missed", None, "missed"),
        ("on_time", None, "no deadline"),
    ],
)
def test_where_a_deadline_stands(state, left, text):
    assert words.deadline_words(ShownDeadline(state, left)) == text


def test_a_kept_deadline_without_its_times_is_just_kept():
    assert words.deadline_words(ShownDeadline("met", None)) == "kept"
    assert words.deadline_words(ShownDeadline("met", span_of(hours=1), started_at=None)) == "kept"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 19, 13, 30, tzinfo=UTC), "today 08:30"),
        (datetime(2026, 11, 20, 4, 59, tzinfo=UTC), "today 23:59"),
        (datetime(2026, 11, 18, 17, 16, tzinfo=UTC), "Wed 12:16"),
        (datetime(2026, 11, 25, 17, 16, tzinfo=UTC), "Wed 12:16"),
        (datetime(2026, 11, 26, 17, 16, tzinfo=UTC), "26 Nov"),
        (datetime(2026, 1, 5, 17, 16, tzinfo=UTC), "5 Jan"),
        (datetime(2025, 2, 3, 17, 16, tzinfo=UTC), "3 Feb 2025"),
    ],
)
def test_a_moment_in_short(at, text):
    assert words.moment_in_short(at, now=NOW, zone=BOSTON, locale=ENGLISH) == text


def test_the_day_is_that_of_the_authority_and_not_of_the_server():
    just_before_midnight = datetime(2026, 11, 19, 4, 30, tzinfo=UTC)
    assert words.moment_in_short(just_before_midnight, now=NOW, zone=BOSTON, locale=ENGLISH) == "Wed 23:30"
    assert words.day(just_before_midnight, now=NOW, zone=BOSTON, locale=ENGLISH) == "Yesterday, Wed 18 November"


def test_a_moment_in_full_and_its_day():
    at = datetime(2026, 11, 18, 19, 58, tzinfo=UTC)
    assert words.moment(at, zone=BOSTON, locale=ENGLISH) == "Wed 18 Nov 2026, 14:58"
    assert words.day(NOW, now=NOW, zone=BOSTON, locale=ENGLISH) == "Today, Thu 19 November"
    assert words.day(NOW - timedelta(days=300), now=NOW, zone=BOSTON, locale=ENGLISH) == "Fri 23 January"
    assert words.day(NOW - timedelta(days=700), now=NOW, zone=BOSTON, locale=ENGLISH) == "Thu 19 December 2024"


def test_the_names_of_days_are_those_of_the_language():
    at = datetime(2026, 11, 18, 19, 58, tzinfo=UTC)
    assert words.moment(at, zone=BOSTON, locale=Locale("es")) == "mié 18 nov 2026, 14:58"


def test_both_hours_of_the_night_the_clock_goes_back_are_written_as_the_wall_shows_them():
    first, second = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert words.time_of_day(first, zone=BOSTON, locale=ENGLISH) == "01:30"
    assert words.time_of_day(second, zone=BOSTON, locale=ENGLISH) == "01:30"


def test_a_time_without_a_zone_is_never_shown():
    naive = datetime(2026, 11, 18, 14, 58)  # noqa: DTZ001  # exactly what must be refused
    with pytest.raises(ValueError, match="without a zone"):
        words.moment(naive, zone=BOSTON, locale=ENGLISH)
    with pytest.raises(ValueError, match="without a zone"):
        words.moment_in_short(naive, now=NOW, zone=BOSTON, locale=ENGLISH)
