"""The rollup: after any changes it says what counting live says, and it notices deadlines that passed."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from authority_portal.domain.access.roles import Role
from authority_portal.domain.reports import rollup
from authority_portal.domain.reports.filters import Queue, View
from authority_portal.domain.reports.map_models import MapCell, MapDirt
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.queries import filter_choices, map_points
from authority_portal.domain.reports.queries.matching import Question
from authority_portal.domain.reports.workflow import Group, Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.geo import Point, tile
from authority_portal.jobs import map_cells
from tests.builders.authorities import BOUNDS, a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member


@pytest.fixture
def town(house):
    return a_town()


@pytest.fixture
def boss(town):
    return a_member(town, Role.SUPERVISOR)


def cells(authority_id: int) -> dict:
    columns = [column for column in MapCell.__table__.columns if column.name not in ("counted_at", "report_id")]
    rows = db.session.execute(select(*columns).where(MapCell.authority_id == authority_id)).all()
    return {tuple(row[:5]): (row.n, row.late, round(row.sum_lat, 6), round(row.sum_lon, 6)) for row in rows}


def somewhere(chance: random.Random) -> Point:
    return Point(chance.uniform(BOUNDS.south, BOUNDS.north), chance.uniform(BOUNDS.west, BOUNDS.east))


@pytest.mark.parametrize("seed", range(4))
def test_counting_dirty_cells_gives_what_counting_everything_gives(town, seed):
    chance = random.Random(seed)
    made = [a_report(town, position=somewhere(chance), category=chance.choice(("pothole", "noise"))) for _ in range(25)]
    map_cells.rebuild(town.id)
    for _ in range(3):
        for report in chance.sample(made, 8):
            change_somehow(report, town, chance)
        made += [a_report(town, position=somewhere(chance)) for _ in range(3)]
        assert map_cells.refresh(town.id) > 0

    bind(town.id)
    by_changes = cells(town.id)
    assert db.session.scalar(select(func.count()).select_from(MapDirt)) == 0
    map_cells.rebuild(town.id)
    bind(town.id)
    assert by_changes == cells(town.id)
    assert map_cells.refresh(town.id) == 0


def change_somehow(report: Report, town, chance: random.Random) -> None:
    bind(town.id)
    with transaction():
        rollup.mark(report)  # where it was
        match chance.randrange(4):
            case 0:
                there = somewhere(chance)
                report.position, report.tile = there.wkt(), tile(there)
            case 1:
                report.due_at = clock.now() + timedelta(hours=chance.choice((-5, 5)))
            case 2:
                report.category_id = town.categories[chance.choice(("pothole", "noise"))]
            case 3 if report.status_group != Group.DONE:
                report.status_id, report.status_group = town.statuses["closed"], Group.DONE
                report.outcome, report.closed_at = Outcome.FIXED, clock.now()
        rollup.mark(report)


def test_a_deadline_that_passes_is_noticed(town):
    due = a_report(town).due_at
    map_cells.refresh(town.id)
    assert late(town) == 0
    with clock.frozen(due + timedelta(minutes=1)):
        map_cells._looked.clear()
        assert map_cells.refresh(town.id) == 1
        assert late(town) == 1
        map_cells._looked.clear()
        assert map_cells.refresh(town.id) == 0


def late(town) -> int:
    bind(town.id)
    finest = select(func.sum(MapCell.late)).where(MapCell.authority_id == town.id, MapCell.level == rollup.FINEST)
    return db.session.scalar(finest) or 0


def test_the_rollup_draws_what_counting_live_draws(town, boss, monkeypatch):
    chance = random.Random(7)
    for each in range(40):
        done = {} if each % 4 else {"to": "closed", "outcome": Outcome.FIXED}
        a_report(town, position=somewhere(chance), **done)
    bind(town.id)
    with transaction():
        db.session.execute(update(Report).where(Report.id % 3 == 0).values(due_at=clock.now() - timedelta(hours=1)))
    map_cells.rebuild(town.id)
    bind(town.id)
    choices = filter_choices.of(by=boss)
    for groups in (View(queue=Queue.ALL).groups, tuple(Group), (Group.DONE,)):
        asked = Question(View(queue=Queue.ALL, groups=groups), choices, boss, "UTC", clock.now())
        for zoom in (0, 6, 9, 11, 12, 15):
            monkeypatch.setattr(map_points, "ROLLUP_FROM", 1_000)
            live = map_points.points(asked, BOUNDS, zoom)
            monkeypatch.setattr(map_points, "ROLLUP_FROM", 0)
            rolled = map_points.points(asked, BOUNDS, zoom)

            assert (live.shown, live.total, live.unplaced) == (rolled.shown, rolled.total, rolled.unplaced)
            assert live.shown == {3: 30, 4: 40, 1: 10}[len(groups)]
            if zoom >= 6:  # below, the rollup's coarsest cells are finer than those that were asked for
                assert drawn(live) == drawn(rolled)


def drawn(points) -> list:
    return sorted(
        (round(spot.lat, 5), round(spot.lon, 5), spot.n, spot.late, spot.reference, spot.state) for spot in points.spots
    )
