"""Wall time first, whole weeks in wall time, then the zone; what the clocks skip or repeat goes by a stated rule."""

# ruff: noqa: DTZ001  # wall times have no zone yet

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.domain.reports.importing import times
from authority_portal.domain.reports.importing.times import Clockwork, Instant

BOSTON, LONDON, LORD_HOWE = ZoneInfo("America/New_York"), ZoneInfo("Europe/London"), ZoneInfo("Australia/Lord_Howe")
PLAIN = "%Y-%m-%d %H:%M:%S"


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_a_time_that_was_skipped_is_moved_on_by_the_hour():
    assert Clockwork(PLAIN, BOSTON).read("2026-03-08 02:30:00") == Instant(at(2026, 3, 8, 7, 30), gap=True)


def test_a_time_that_came_twice_is_the_first_and_says_the_second():
    read = Clockwork(PLAIN, BOSTON).read("2026-11-01 01:30:00")

    assert read == Instant(at(2026, 11, 1, 5, 30), again=at(2026, 11, 1, 6, 30))


def test_the_hours_beside_a_change_are_plain():
    clock = Clockwork(PLAIN, BOSTON)

    assert clock.read("2026-03-08 01:59:59") == Instant(at(2026, 3, 8, 6, 59, 59))
    assert clock.read("2026-03-08 03:00:00") == Instant(at(2026, 3, 8, 7))
    assert clock.read("2026-11-01 00:59:59") == Instant(at(2026, 11, 1, 4, 59, 59))
    assert clock.read("2026-11-01 02:00:00") == Instant(at(2026, 11, 1, 7))


def test_half_an_hour_of_change_is_seen_too():
    assert Clockwork(PLAIN, LORD_HOWE).read("2026-10-04 02:15:00").gap


def test_weeks_are_moved_in_wall_time_so_that_nine_stays_nine():
    summer_to_winter = Clockwork(PLAIN, BOSTON, timedelta(weeks=20))

    moved = summer_to_winter.read("2026-07-06 09:00:00").at.astimezone(BOSTON)

    assert (moved.isoweekday(), moved.hour) == (1, 9)


def test_a_move_can_land_in_a_gap_and_says_so():
    assert Clockwork(PLAIN, BOSTON, timedelta(weeks=1)).read("2026-03-01 02:30:00").gap


def test_another_notation_is_named_by_its_format():
    assert Clockwork("%d/%m/%Y %H:%M", LONDON).read("05/06/2026 09:15").at == at(2026, 6, 5, 8, 15)


def test_a_time_with_an_offset_needs_no_guess():
    clock = Clockwork("iso", BOSTON)

    assert clock.read("2026-11-01T01:30:00-05:00") == Instant(at(2026, 11, 1, 6, 30))
    assert clock.read("2026-11-01T01:30:00-04:00").at == at(2026, 11, 1, 5, 30)


@pytest.mark.parametrize(
    "text", ["", "2026-13-01 00:00:00", "2026-01-01", "20260101 000000", "2026-W01-1", "２０２６-01-01 00:00:00"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError):
        Clockwork(PLAIN, BOSTON).read(text)


@given(
    moment=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
    newest=st.datetimes(datetime(1990, 1, 1), datetime(2045, 1, 1)),
)
def test_the_newest_report_is_one_to_seven_days_old(moment, newest):
    now = moment.replace(tzinfo=UTC)
    shift = times.whole_weeks(newest, now, BOSTON)
    days = (now.astimezone(BOSTON).date() - (newest + shift).date()).days

    assert shift.days % 7 == 0
    assert 1 <= days <= 7


@given(st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1), allow_imaginary=True))
def test_the_fast_way_agrees_with_the_zone(wall):
    wall = wall.replace(microsecond=0)

    read = Clockwork(PLAIN, BOSTON).read(f"{wall:%Y-%m-%d %H:%M:%S}")

    assert read.at == wall.replace(tzinfo=BOSTON).astimezone(UTC)
