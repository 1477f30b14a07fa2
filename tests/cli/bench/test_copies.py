"""Rows repeated with jitter: as many as asked for, each another one, oldest first, one in ten open."""

from datetime import UTC, datetime, timedelta

from authority_portal.cli.bench.copies import copies
from authority_portal.domain.reports.importing.records import CategoryName, Kept
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation.geo import Box, Point

MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)
BOUNDS = Box(-71.2, 42.2, -70.9, 42.4)


def a_row(number):
    opened = MOMENT - timedelta(days=100 - number)
    return Kept(
        number=number,
        source_id=f"S{number}",
        digest=b"",
        opened_at=opened,
        closed_at=opened + timedelta(days=1) if number % 3 else None,
        responded_at=None,
        due_at=opened + timedelta(days=2),
        point=Point(42.3, -71.05) if number % 5 else None,
        address="",
        description="",
        category=CategoryName("Streets", "Pothole"),
        team=None,
        channel="web",
        status="",
        outcome=Outcome.FIXED if number % 3 else None,
        reason="",
        oddities=(),
    )


def made(wanted, seed=0):
    return list(copies([a_row(number) for number in range(40)], wanted, bounds=BOUNDS, moment=MOMENT, seed=seed))


def test_there_are_as_many_as_asked_for_and_none_is_there_twice():
    for wanted in (1, 39, 40, 41, 250):
        assert len({row.source_id for row in made(wanted)}) == wanted


def test_one_in_ten_is_open_and_no_other():
    rows = made(250)

    assert [row.number for row in rows if row.closed_at is None] == list(range(10, 251, 10))
    assert all((row.outcome is None) == (row.closed_at is None) for row in rows)


def test_nothing_happens_before_its_beginning_or_after_now():
    rows = made(250)

    assert all(row.opened_at <= MOMENT for row in rows)
    assert all(row.opened_at <= row.closed_at <= MOMENT for row in rows if row.closed_at)


def test_older_copies_come_first_and_lie_about_the_same_places():
    rows = made(120)

    assert rows[0].opened_at < rows[40].opened_at < rows[80].opened_at
    places = [row.point for row in rows if row.point]
    assert len(set(places)) == len(places)
    assert all(abs(place.lat - 42.3) <= 0.0015 and abs(place.lon + 71.05) <= 0.0015 for place in places)


def test_the_same_seed_gives_the_same_rows():
    assert made(50) == made(50)
    assert made(50) != made(50, seed=1)
