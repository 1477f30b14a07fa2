"""Giving a report to a team, to a person, or back to nobody."""

from uuid import UUID

from sqlalchemy import select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities.models import Team
from authority_portal.domain.reports import assignees, policy
from authority_portal.domain.reports.models import Assignment, Report
from authority_portal.domain.staff.models import Staff
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Invalid
from authority_portal.foundation.sentences import Sentence


def give(report: Report, *, team_id: int | None, staff_id: UUID | None, reason: str = "", by: Actor) -> Assignment:
    """Hand `report` (locked by the caller) to a team and, in it or not, a person. The caller commits.

    Raises Invalid for a team of another authority or a person who is not among those `by` can choose.
    """
    policy.check_may_assign(by, report)
    if team_id is not None and not _is_team(team_id, by.authority_id):
        raise Invalid({"team": Sentence("Choose a team of this authority.")})
    if staff_id is not None and not _can_have(staff_id, report, by):
        raise Invalid({"assignee": Sentence("Choose somebody from the list.")})
    at = clock.now()
    if team_id != report.team_id:
        report.updated_at = at  # every reader sees the team, but not the person
    report.team_id, report.assignee_id = team_id, staff_id
    report.assigned_at, report.version = at, report.version + 1
    row = Assignment(
        authority_id=report.authority_id,
        report_id=report.id,
        team_id=team_id,
        staff_id=staff_id,
        by_staff_id=by.id if by.kind == "staff" else None,
        reason=reason,
        assigned_at=at,
    )
    db.session.add(row)
    trail.append("report:assigned", subject=report.reference, by=by, team=team_id, staff=str(staff_id) if staff_id else None)
    return row


def _is_team(team_id: int, authority_id: int) -> bool:
    return db.session.scalar(select(Team.id).where(Team.authority_id == authority_id, Team.id == team_id)) is not None


def _can_have(staff_id: UUID, report: Report, by: Actor) -> bool:
    query = select(Staff.id).where(Staff.id == staff_id, assignees.possible(report.assignee_id, by=by))
    return db.session.scalar(query) is not None
