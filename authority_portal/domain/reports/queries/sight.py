"""What an actor may see of a report, as conditions of SQL: masking is a property of the query, never of the page."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, null, or_, true

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.scope import Reach
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.workflow import Group


def held(by: Actor) -> ColumnElement[bool]:
    """The actor holds the report, or one of their teams does."""
    mine = Report.assignee_id == by.id
    return or_(Report.team_id.in_(sorted(by.team_ids)), mine) if by.team_ids else mine


def covered(permission: Permission, *, by: Actor) -> ColumnElement[bool]:
    """`Actor.may` as a condition on `report`. Constant where the reach does not depend on the row."""
    match by.reach(permission):
        case Reach.AUTHORITY:
            return true()
        case Reach.HELD:
            return held(by)
        case Reach.OWN:
            return Report.client_id == by.id
    return false()


def place(*, by: Actor) -> ColumnElement[bool]:
    """Exact point and address. Whoever sees the place only of what they hold, the crew, sees it while there is work to do."""
    condition = covered(Permission.REPORT_READ_PLACE, by=by)
    if by.reach(Permission.REPORT_READ_PLACE) is Reach.HELD:
        return and_(condition, Report.status_group != Group.DONE)
    return condition


def shown(*steps: tuple[ColumnElement[bool], Any]) -> ColumnElement[Any]:
    """The first column whose condition holds, else nothing. A column that can never be shown is not even named."""
    possible = [(condition, column) for condition, column in steps if condition is not false()]
    return case(*possible, else_=null()) if possible else null()
