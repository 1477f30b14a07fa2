"""Who a report can be given to: the same people where they are offered and where the choice is checked."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.roles import GRANTS
from authority_portal.domain.access.scope import Reach
from authority_portal.domain.staff import standing
from authority_portal.domain.staff.models import Staff, StaffRole, TeamMember

_WORKING = [role for role, grants in GRANTS.items() if Permission.REPORT_PROGRESS in grants]


def possible(holder_id: UUID | None, *, by: Actor) -> ColumnElement[bool]:
    """The condition on `Staff`: those who can work on reports of this authority.

    Names beyond one's own teams are for those who see holders everywhere. Who holds the report now, `holder_id`, may stay.
    """
    works = exists().where(
        StaffRole.staff_id == Staff.id,
        StaffRole.authority_id == by.authority_id,
        StaffRole.role.in_(_WORKING),
        standing.counts(),
    )
    everybody = and_(Staff.disabled_at.is_(None), works)
    if by.reach(Permission.REPORT_READ_HOLDER) is Reach.AUTHORITY:
        return everybody
    beside = exists().where(
        TeamMember.staff_id == Staff.id,
        TeamMember.authority_id == by.authority_id,
        TeamMember.team_id.in_(sorted(by.team_ids)),
    )
    return and_(everybody, or_(beside, Staff.id == by.id, Staff.id == holder_id))
