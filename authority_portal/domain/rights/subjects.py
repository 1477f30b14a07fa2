"""Residents whose details are still there, page by page, with the facts the rules ask about. No value is selected."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, false, func, literal, or_, select, true
from sqlalchemy.orm import aliased

from authority_portal.domain.notifications.planning import REACHED_BY
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.workflow import Group
from authority_portal.domain.rights.planning import Facts
from authority_portal.foundation.db import db

FIRST = UUID(int=0)
"""Begin here; every page begins after the last person of the one before."""

HELD = false()
"""Condition of a legal hold on `Person` or `Report`. There is no register of holds yet; its condition takes this place."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One resident, as the rules see them. `report_id`: the newest of their reports, where a notice belongs."""

    person_id: UUID
    report_id: int | None
    locale: str | None
    channel: str
    facts: Facts


def page(authority_id: int, *, engaged_before: datetime, after: UUID = FIRST, limit: int, locked: bool = False) -> list[Subject]:
    """The next residents by id who first engaged before then. One statement.

    `locked`: their rows are this transaction's, and whom another transaction holds is left out until the next time.
    """
    lead = aliased(Report)
    unfinished = or_(
        Report.status_group != Group.DONE.value, func.coalesce(lead.status_group != Group.DONE.value, literal(value=False))
    )
    reports = (
        select(
            func.max(Report.id).label("report_id"),
            func.min(Report.received_at).label("received_at"),
            func.bool_or(unfinished).label("unfinished"),
            func.bool_or(HELD).label("held"),
            func.greatest(func.max(Report.closed_at), func.max(lead.closed_at)).label("closed_at"),
        )
        .outerjoin(lead, and_(lead.authority_id == Report.authority_id, lead.id == Report.lead_report_id))
        .where(Report.authority_id == Person.authority_id, Report.person_id == Person.id)
        .lateral("reports")
    )
    # A report may have been written down days after the call: the earlier moment counts.
    engaged = func.least(Person.created_at, reports.c.received_at)
    query = (
        select(
            Person.id,
            Person.locale,
            Person.channel,
            reports.c.report_id,
            engaged.label("engaged_at"),
            reports.c.unfinished,
            reports.c.closed_at,
            reports.c.held,
            and_(Person.channel.in_(REACHED_BY), Person.email_sealed.is_not(None), Person.stopped_at.is_(None)).label(
                "reachable"
            ),
            Person.retention_told_at.is_not(None).label("told"),
        )
        .join(reports, true())
        .where(Person.authority_id == authority_id, Person.erased_at.is_(None), Person.id > after, engaged < engaged_before)
        .order_by(Person.id)
        .limit(limit)
    )
    if locked:
        query = query.with_for_update(of=Person, skip_locked=True)
    return [
        Subject(
            row.id,
            row.report_id,
            row.locale,
            row.channel,
            Facts(
                engaged_at=row.engaged_at,
                open=bool(row.unfinished),
                closed_at=None if row.unfinished else row.closed_at,
                held=bool(row.held),
                reachable=row.reachable and row.report_id is not None,
                told=row.told,
            ),
        )
        for row in db.session.execute(query)
    ]


def margin(days: int) -> timedelta:
    """How long ago somebody engaged for whom `days` of any zone's calendar may be over: one day less, for the clocks' changes."""
    return timedelta(days=max(0, days - 1))
