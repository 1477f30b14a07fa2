"""Positions in one text, and times as clocks show them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.foundation import parsing
from authority_portal.foundation.geo import Point

BOSTON = ZoneInfo("America/New_York")


@pytest.mark.parametrize("text", ["42.3297, -71.0993", "42.3297,-71.0993", "42.3297 -71.0993", "42.3297; -71.0993"])
def test_a_position_is_read_as_people_copy_it(text: str) -> None:
    assert parsing.position(text) == Point(42.3297, -71.0993)


@pytest.mark.parametrize(
    "text",
    ["", "42", "42,", ",", "42,1,2", "42  1", "1e1, 2", "nan, nan", "91, 0", "0, 181", "４２, 1", "42\u00a01", "42,\n1", "+1, 2"],
)
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        parsing.position(text)


@given(st.text(max_size=60))
def test_any_text_is_a_position_or_refused(text: str) -> None:
    try:
        found = parsing.position(text)
    except ValueError:
        return
    assert abs(found.lat) <= 90


def test_a_wall_time_is_read_in_its_zone() -> None:
    assert parsing.wall_time("2026-01-15T22:30", BOSTON) == datetime(2026, 1, 16, 3, 30, tzinfo=UTC)
    assert parsing.wall_time("2026-07-15 22:30:15", BOSTON) == datetime(2026, 7, 16, 2, 30, 15, tzinfo=UTC)


def test_an_hour_that_happens_twice_is_the_first_one() -> None:
    assert parsing.wall_time("2026-11-01T01:30", BOSTON) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2026-03-08T02:30", "2026-02-30T10:00", "2026-01-15", "2026-01-15T25:00", "1899-01-01T00:00", "now", "2026-01-15T10:00Z"],
)
def test_what_no_clock_shows_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|does not exist"):
        parsing.wall_time(text, BOSTON)
