"""Figures follow their reports, whatever happens to them, and the kept periods follow the figures."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from authority_portal.domain.analytics import counting, keeping, periods
from authority_portal.domain.analytics.counting import Dimension
from authority_portal.domain.analytics.models import Figure, FigureDirt, FigurePeriod
from authority_portal.domain.analytics.periods import Period
from authority_portal.domain.reports.commands import assignment, status
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report

pytestmark = pytest.mark.usefixtures("house")

NOON = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)
TODAY = date(2026, 11, 18)


@pytest.fixture
def town():
    with clock.frozen(NOON):
        yield a_town()


def settle(town):
    with transaction():
        taken = keeping.take_in(town.card)
        for period in keeping.state(town.card).stale:
            keeping.count(town.card, period)
    return taken


def the_figure(report):
    return db.session.scalars(select(Figure).where(Figure.report_id == report.id).execution_options(populate_existing=True)).one()


def test_a_new_report_gets_its_figure(town):
    report = a_report(town)

    assert settle(town) == 1
    figure = the_figure(report)
    assert (figure.received_on, figure.responded_on, figure.closed_on) == (TODAY, None, None)
    assert (figure.category_id, figure.team_id, figure.channel) == (report.category_id, report.team_id, "web")
    assert settle(town) == 0


def test_a_closing_is_counted_on_its_own_day_and_an_undo_takes_it_away(town, monkeypatch):
    report = a_report(town)
    later = NOON + timedelta(days=1, hours=2)
    with clock.frozen(later), transaction():
        monkeypatch.setattr(status, "undo_window", lambda _authority: timedelta(seconds=60))
        change = status.change(
            report, to=town.statuses["closed"], outcome=Outcome.FIXED, note="Done.", authority=town.card, by=town.house
        )
    settle(town)
    figure = the_figure(report)
    assert (figure.responded_on, figure.closed_on) == (TODAY + timedelta(days=1),) * 2
    assert (figure.response_seconds, figure.close_seconds, figure.due_met) == (93_600, 93_600, True)

    with clock.frozen(later + timedelta(seconds=5)), transaction():
        status.undo(report, change.id, by=town.house)
    settle(town)
    figure = the_figure(report)
    assert (figure.responded_on, figure.closed_on, figure.response_seconds, figure.due_met) == (None, None, None, None)


def test_another_team_another_category_another_area_are_followed(town):
    report = a_report(town)
    settle(town)
    with transaction():
        assignment.give(report, team_id=town.teams["parks"], staff_id=None, by=town.house)
    settle(town)
    assert the_figure(report).team_id == town.teams["parks"]

    with transaction():
        report.category_id = town.categories["noise"]
    assert settle(town) == 1
    assert the_figure(report).category_id == town.categories["noise"]


def test_what_adds_nothing_to_the_figures_marks_nothing(town):
    report = a_report(town)
    settle(town)
    with transaction():
        db.session.execute(update(Report).where(Report.id == report.id).values(address="Somewhere else", version=9))

    assert db.session.scalar(select(func.count()).select_from(FigureDirt)) == 0


def test_the_day_is_that_of_the_authority_also_when_the_clocks_change(town):
    """01:30 in New York happens twice on 1 November 2026; midnight is 04:00 before it and 05:00 after it in UTC."""
    days = {
        datetime(2026, 11, 1, 3, 59, tzinfo=UTC): date(2026, 10, 31),
        datetime(2026, 11, 1, 4, 0, tzinfo=UTC): date(2026, 11, 1),
        datetime(2026, 11, 2, 4, 59, tzinfo=UTC): date(2026, 11, 1),
        datetime(2026, 11, 2, 5, 0, tzinfo=UTC): date(2026, 11, 2),
        datetime(2026, 3, 8, 4, 59, tzinfo=UTC): date(2026, 3, 7),
        datetime(2026, 3, 9, 4, 0, tzinfo=UTC): date(2026, 3, 9),
    }
    reports = {at: a_report(town, received_at=at) for at in days}
    settle(town)

    assert {at: the_figure(report).received_on for at, report in reports.items()} == days


def test_a_change_of_today_leaves_the_periods_that_are_over_alone(town):
    with transaction():
        keeping.rebuild(town.card)
    a_report(town)
    with transaction():
        keeping.take_in(town.card)

    stale = keeping.state(town.card).stale
    assert stale
    assert all(period.last >= TODAY for period in stale)
    assert {period for period in periods.kept(TODAY) if period.last >= TODAY} == set(stale)


def test_a_report_of_an_old_day_makes_every_later_period_stale(town):
    with transaction():
        keeping.rebuild(town.card)
    a_report(town, received_at=NOON - timedelta(days=40))
    with transaction():
        keeping.take_in(town.card)

    stale = keeping.state(town.card).stale
    assert {period for period in periods.kept(TODAY) if period.last >= TODAY - timedelta(days=40)} == set(stale)


def closed_at_once(town, *, received):
    report = a_report(town, received_at=received)
    with transaction():
        status.change(report, to=town.statuses["closed"], outcome=Outcome.FIXED, note="Done.", authority=town.card, by=town.house)
    return report


def test_a_date_of_1900_stops_nothing(town):
    report = closed_at_once(town, received=datetime(1900, 1, 1, 12, tzinfo=UTC))
    settle(town)
    figure = the_figure(report)

    assert figure.received_on == date(1900, 1, 1)
    assert (figure.response_seconds, figure.close_seconds) == (2_147_483_647, 2_147_483_647)
    assert not keeping.check(town.card)


def test_what_was_answered_before_it_came_in_makes_that_day_stale_as_well(town):
    early = NOON - timedelta(days=40)
    report = closed_at_once(town, received=NOON)
    with transaction():
        db.session.execute(update(Report).where(Report.id == report.id).values(first_response_at=early))
    with transaction():
        keeping.rebuild(town.card)
        db.session.execute(update(Report).where(Report.id == report.id).values(channel="phone"))
    with transaction():
        keeping.take_in(town.card)

    assert any(period.last < TODAY - timedelta(days=10) for period in keeping.state(town.card).stale)


def test_marks_are_taken_in_pieces(town):
    for _ in range(3):
        a_report(town)
    with transaction():
        assert keeping.take_in(town.card, most=2) == 2
        assert keeping.take_in(town.card, most=2) == 1
        assert keeping.take_in(town.card, most=2) == 0


def test_rebuilding_gives_the_same_and_the_check_finds_nothing(town):
    a_report(town, to="closed", outcome=Outcome.FIXED)
    a_report(town, category="noise", received_at=NOON - timedelta(days=3))
    with transaction():
        assert keeping.rebuild(town.card) == 2
    before = snapshot()
    with transaction():
        keeping.rebuild(town.card)

    assert snapshot() == before
    assert not keeping.check(town.card)


def test_the_check_names_what_is_wrong(town):
    report = a_report(town)
    with transaction():
        keeping.rebuild(town.card)
        db.session.execute(update(Figure).values(channel="phone"))
        db.session.execute(
            update(FigurePeriod).where(FigurePeriod.dimension == "channel", FigurePeriod.last_day == TODAY).values(lines=[])
        )
    found = keeping.check(town.card)

    assert found.reports == (report.id,)
    assert {(period.last, dimension) for period, dimension in found.periods} == {(TODAY, Dimension.CHANNEL)}


def test_what_waits_is_no_difference(town):
    with transaction():
        keeping.rebuild(town.card)
    a_report(town)

    assert not keeping.check(town.card)


def test_what_waits_hides_no_difference(town, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_WRONG", 1)
    for _ in range(2):
        a_report(town)
    wrong = a_report(town)
    with transaction():
        keeping.rebuild(town.card)
        db.session.execute(update(Figure).values(channel="phone"))
        marks = select(Report.authority_id, Report.id).where(Report.id != wrong.id)
        db.session.execute(insert(FigureDirt).from_select(["authority_id", "report_id"], marks))

    assert keeping.check(town.card).reports == (wrong.id,)


def test_periods_that_are_usual_no_more_are_let_go(town):
    with transaction():
        keeping.rebuild(town.card)
    with clock.frozen(NOON + timedelta(days=1)), transaction():
        missing = keeping.state(town.card).missing
        for period in missing:
            keeping.count(town.card, period)
        keeping.forget_old(town.card)
        known = {Period(*row) for row in db.session.execute(select(FigurePeriod.first_day, FigurePeriod.last_day))}

    assert missing
    assert known == set(periods.kept(TODAY + timedelta(days=1)))


def test_a_figure_holds_no_report_back():
    assert {key.referred_table.name for key in Figure.__table__.foreign_key_constraints} == {"authority"}


def test_half_and_nine_of_ten_are_real_times(town):
    hours = [1, 2, 3, 4, 10]
    for spent in hours:
        received = NOON - timedelta(hours=spent)
        report = a_report(town, received_at=received)
        with transaction():
            status.change(
                report, to=town.statuses["closed"], outcome=Outcome.FIXED, note="Done.", authority=town.card, by=town.house
            )
    settle(town)
    line = counting.count(town.id, Period(TODAY, TODAY))[Dimension.ALL][0]

    assert (line.closed, line.close_half, line.close_nine) == (5, 3 * 3600, 10 * 3600)


def snapshot():
    figures = db.session.execute(select(*Figure.__table__.columns).order_by(Figure.report_id)).all()
    kept = db.session.execute(
        select(FigurePeriod.first_day, FigurePeriod.last_day, FigurePeriod.dimension, FigurePeriod.lines).order_by(
            FigurePeriod.first_day, FigurePeriod.last_day, FigurePeriod.dimension
        )
    ).all()
    return [tuple(row) for row in figures], [tuple(row) for row in kept]
