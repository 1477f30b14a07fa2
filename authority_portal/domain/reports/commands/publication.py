"""Letting a step out before its undo window is over."""

from sqlalchemy import select, update

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.scope import Reach
from authority_portal.domain.audit import trail
from authority_portal.domain.reports import policy
from authority_portal.domain.reports.events import StatusChanged
from authority_portal.domain.reports.models import Report, StatusChange
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Conflict, Denied
from authority_portal.foundation.outbox import OutboxEvent


def send_now(report: Report, change_id: int, *, by: Actor) -> StatusChange:
    """Make a step of `report` (locked by the caller) public at once, and its event due. The caller commits.

    Raises Conflict if it is public already or was undone, Denied for somebody else's step unless the actor leads the whole
    authority: who took a step may still want to take it back.
    """
    policy.check_may_progress(by, report)
    change = db.session.scalar(
        select(StatusChange).where(
            StatusChange.authority_id == report.authority_id,
            StatusChange.report_id == report.id,
            StatusChange.id == change_id,
            StatusChange.undone_at.is_(None),
        )
    )
    at = clock.now()
    if change is None or change.public_at <= at:
        raise Conflict("This step is public already, or it was undone.")
    if change.staff_id != by.id and by.reach(Permission.REPORT_PROGRESS) is not Reach.AUTHORITY:
        raise Denied("Only whoever took this step, or a supervisor, can send it now.")
    change.public_at = at
    db.session.execute(
        update(OutboxEvent)
        .where(
            OutboxEvent.authority_id == report.authority_id,
            OutboxEvent.subject == f"status_change:{change.id}",
            OutboxEvent.kind == StatusChanged.__name__,
            OutboxEvent.state == "pending",
        )
        .values(due_at=at)
    )
    trail.append("report:sent_now", subject=report.reference, by=by, change=change.id)
    return change
