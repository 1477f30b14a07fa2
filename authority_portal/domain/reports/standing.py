"""How reports stand to their deadlines, as conditions of SQL: for each state the one that `deadlines.state` decides alike."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_
from sqlalchemy.sql import literal_column

from authority_portal.domain.reports.deadlines import SlaState
from authority_portal.domain.reports.models import Report

UNFINISHED = Report.status_group != literal_column("'done'")
"""Written as a constant, because only then the planner sees that the indexes of unfinished reports serve."""

due_or_never: ColumnElement[Any] = literal_column("coalesce(report.due_at, 'infinity'::timestamptz)")
"""The deadline by which unfinished reports are sorted: those without one come last. The index has the same expression."""


def is_(state: SlaState, *, now: datetime) -> ColumnElement[bool]:
    """The reports whose deadline is in `state` at `now`. Those without a deadline are in none of these states."""
    running = and_(UNFINISHED, Report.paused_at.is_(None))
    match state:
        case SlaState.PAUSED:
            return and_(UNFINISHED, Report.due_at.is_not(None), Report.paused_at.is_not(None))
        case SlaState.OVERDUE:
            return and_(running, due_or_never <= now)
        case SlaState.AT_RISK:
            return and_(running, due_or_never > now, Report.at_risk_at <= now)
        case SlaState.ON_TIME:
            return and_(
                running, due_or_never > now, Report.due_at.is_not(None), or_(Report.at_risk_at.is_(None), Report.at_risk_at > now)
            )
        case SlaState.MET:
            return Report.closed_at <= Report.due_at
        case SlaState.MISSED:
            return Report.closed_at > Report.due_at
    raise ValueError(f"{state} is no state that reports can be asked for")


def state(*, now: datetime) -> ColumnElement[Any]:
    """The state's name for each report, in the order in which `deadlines.state` decides it."""
    return case(
        (Report.due_at.is_(None), SlaState.NONE.value),
        (Report.closed_at <= Report.due_at, SlaState.MET.value),
        (Report.closed_at.is_not(None), SlaState.MISSED.value),
        (Report.paused_at.is_not(None), SlaState.PAUSED.value),
        (Report.due_at <= now, SlaState.OVERDUE.value),
        (Report.at_risk_at <= now, SlaState.AT_RISK.value),
        else_=SlaState.ON_TIME.value,
    )
