"""Deadlines: states in order, risk, pauses."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.domain.reports import deadlines
from authority_portal.domain.reports.deadlines import SlaState

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
hours = st.integers(1, 24 * 60)
moments = st.integers(0, 24 * 80).map(lambda h: START + timedelta(hours=h))


@given(hours, moments)
def test_an_open_report_is_in_exactly_the_state_its_times_say(length: int, now: datetime) -> None:
    due = START + timedelta(hours=length)
    risk = deadlines.at_risk_from(START, due)
    stands = deadlines.state(due_at=due, at_risk_at=risk, paused=False, closed_at=None, now=now)
    left, whole = due - now, due - START
    if left <= timedelta(0):
        assert stands is SlaState.OVERDUE
    elif left <= whole / 4 or left <= timedelta(hours=4):
        assert stands is SlaState.AT_RISK
    else:
        assert stands is SlaState.ON_TIME


@given(hours, moments, moments)
def test_a_pause_moves_the_deadline_by_its_length(length: int, one: datetime, other: datetime) -> None:
    due = START + timedelta(hours=length)
    began, ended = sorted((one, other))
    moved, risk = deadlines.resumed(due, deadlines.at_risk_from(START, due), paused_at=began, now=ended)
    assert moved is not None
    assert risk is not None
    assert moved - due == ended - began
    assert risk < moved


@given(hours, moments, st.booleans())
def test_the_share_of_time_used_is_a_share(length: int, now: datetime, paused: bool) -> None:
    due = START + timedelta(hours=length)
    seen = deadlines.seen(
        received_at=START,
        due_at=due,
        at_risk_at=deadlines.at_risk_from(START, due),
        paused_at=START if paused else None,
        closed_at=None,
        now=now,
    )
    assert 0 <= seen.used <= 1
    assert (seen.state is SlaState.PAUSED) == paused


@pytest.mark.parametrize(("late", "state"), [(timedelta(0), SlaState.MET), (timedelta(seconds=1), SlaState.MISSED)])
def test_a_closed_report_met_or_missed_its_deadline(late: timedelta, state: SlaState) -> None:
    due = START + timedelta(hours=10)
    assert deadlines.state(due_at=due, at_risk_at=None, paused=False, closed_at=due + late, now=due) is state


def test_without_a_deadline_there_is_no_state() -> None:
    assert deadlines.state(due_at=None, at_risk_at=None, paused=True, closed_at=None, now=START) is SlaState.NONE
