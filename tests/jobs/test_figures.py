"""The sweeper keeps the figures: from the first time on, in pieces, and without counting more often than it should."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, text

from authority_portal.domain.analytics import keeping
from authority_portal.domain.analytics.counting import Dimension
from authority_portal.domain.analytics.models import Figure, FigureDirt, FigurePeriod
from authority_portal.domain.analytics.periods import Period
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.jobs import figures
from tests.builders.authorities import a_town
from tests.builders.reports import a_report

pytestmark = pytest.mark.usefixtures("house")

NOON = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)
TODAY = date(2026, 11, 18)


@pytest.fixture
def town(monkeypatch):
    monkeypatch.setattr(figures, "_rests", {})
    monkeypatch.setattr(figures, "PATIENCE", 60.0)
    with clock.frozen(NOON):
        yield a_town()


def number_of(model):
    return db.session.scalar(select(func.count()).select_from(model))


def received_this_month():
    lines = db.session.scalar(
        select(FigurePeriod.lines).where(
            FigurePeriod.last_day == TODAY,
            FigurePeriod.first_day == TODAY.replace(day=1),
            FigurePeriod.dimension == Dimension.ALL,
        )
    )
    return lines[0][1] if lines else 0


def test_reports_from_before_there_were_figures_are_found(town):
    for _ in range(3):
        a_report(town)
    with transaction():
        db.session.execute(text("DELETE FROM figure_dirt"))

    assert figures.refresh(town.id) == 0
    bind(town.id)
    assert number_of(FigureDirt) == 3
    assert figures.refresh(town.id) > 0
    bind(town.id)
    assert (number_of(Figure), received_this_month()) == (3, 3)


def test_no_period_is_counted_while_an_import_waits(town, monkeypatch):
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    monkeypatch.setattr(keeping.take_in, "__kwdefaults__", {"most": 2})
    for _ in range(3):
        a_report(town)

    assert figures.refresh(town.id) == 0
    bind(town.id)
    assert number_of(FigurePeriod) == 0
    assert figures.refresh(town.id) > 0


def test_a_counted_period_rests(town, monkeypatch):
    figures.refresh(town.id)
    a_report(town)
    assert figures.refresh(town.id) == 0
    bind(town.id)
    assert (number_of(Figure), received_this_month()) == (1, 0)

    monkeypatch.setattr(figures, "_rests", {})
    assert figures.refresh(town.id) > 0
    bind(town.id)
    assert received_this_month() == 1
    assert figures.refresh(town.id) == 0


def test_rests_that_are_over_are_forgotten(town, monkeypatch):
    monkeypatch.setattr(figures, "_rests", {(town.id, Period(TODAY, TODAY)): 0.0})
    figures.refresh(town.id)

    assert (town.id, Period(TODAY, TODAY)) not in figures._rests


def test_counting_leaves_time_for_the_sweepers_other_work(town, monkeypatch):
    monkeypatch.setattr(figures, "PATIENCE", -1.0)

    assert figures.refresh(town.id) == 0


def test_twice_does_no_harm(town):
    a_report(town)
    figures.refresh(town.id)
    figures.refresh(town.id)
    figures.rebuild(town.id)
    bind(town.id)

    assert number_of(Figure) == 1
    assert not keeping.check(town.card)
