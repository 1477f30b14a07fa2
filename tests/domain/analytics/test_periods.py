"""Periods: whole days, months as they are, and steps that meet each other."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from authority_portal.domain.analytics import periods
from authority_portal.domain.analytics.periods import PRESETS, Period, month_of

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@st.composite
def some_period(draw):
    first = draw(DAYS)
    return Period(first, first + timedelta(days=draw(st.integers(0, periods.LONGEST - 1))))


@given(some_period())
def test_the_one_before_ends_where_it_begins(period):
    before = period.before

    assert before.last == period.first - timedelta(days=1)
    assert before.is_month if period.is_month else before.days == period.days


@given(some_period())
def test_steps_meet_and_end_with_the_period(period):
    steps = period.steps

    assert steps[-1].last == period.last
    assert steps[0].first <= period.first
    assert len(steps) <= 40
    for step, following in zip(steps, steps[1:], strict=False):
        assert following.first == step.last + timedelta(days=1)


def test_the_usual_periods_of_a_day():
    today = date(2026, 3, 1)

    assert PRESETS["7d"](today) == Period(date(2026, 2, 22), date(2026, 2, 28))
    assert PRESETS["month"](today) == Period(today, today)
    assert PRESETS["last-month"](today) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert PRESETS["year"](today) == Period(date(2026, 1, 1), today)


def test_a_month_is_a_month_with_any_number_of_days():
    assert month_of(date(2028, 2, 11)) == Period(date(2028, 2, 1), date(2028, 2, 29))
    assert month_of(date(2026, 12, 31)) == Period(date(2026, 12, 1), date(2026, 12, 31))
    assert periods.named_month("2026-11") == Period(date(2026, 11, 1), date(2026, 11, 30))
    assert Period(date(2026, 3, 1), date(2026, 3, 31)).before == Period(date(2026, 2, 1), date(2026, 2, 28))


@given(DAYS)
def test_what_is_kept_holds_every_usual_period_and_the_one_before(today):
    kept = periods.kept(today)

    assert len(kept) == len(set(kept))
    for make in PRESETS.values():
        assert {make(today), make(today).before} <= set(kept)
    assert {*periods.finished_months(today, 12)} <= set(kept)
