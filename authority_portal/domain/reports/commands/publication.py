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
from authority_portal.foundation.sentences import Sentence


def send_now(report: Report, change_id: int, *, by: Actor) -> StatusChange:
    """Make a step of `report` (locked by the caller) public at once, with its event, and every earlier one with it.

    The public sees steps in their order, never the end before what led to it. The caller commits. Raises Conflict if the step
    is public already or was undone, Denied if one of them is somebody else's, unless the actor leads the whole authority: who
    took a step may still want to take it back.
    """
    policy.check_may_progress(by, report)
    at = clock.now()
    hidden = db.session.scalars(
        select(StatusChange)
        .where(
            StatusChange.authority_id == report.authority_id,
            StatusChange.report_id == report.id,
            StatusChange.id <= change_id,
            StatusChange.undone_at.is_(None),
            StatusChange.public_at > at,
        )
        .order_by(StatusChange.id)
    ).all()
    if not hidden or hidden[-1].id != change_id:
        raise Conflict(Sentence("This step is public already, or it was undone."))
    if any(step.staff_id != by.id for step in hidden) and by.reach(Permission.REPORT_PROGRESS) is not Reach.AUTHORITY:
        raise Denied(Sentence("Only whoever took this step and those before it, or a supervisor, can send it now."))
    for step in hidden:
        step.public_at = at
    db.session.execute(
        update(OutboxEvent)
        .where(
            OutboxEvent.authority_id == report.authority_id,
            OutboxEvent.subject.in_([f"status_change:{step.id}" for step in hidden]),
            OutboxEvent.kind == StatusChanged.__name__,
            OutboxEvent.state == "pending",
        )
        .values(due_at=at)
    )
    for step in hidden:
        trail.append("report:sent_now", subject=report.reference, by=by, change=step.id)
    return hidden[-1]
