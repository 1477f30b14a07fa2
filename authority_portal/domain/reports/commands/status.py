"""Moving a report along its workflow, and taking a step back before anybody outside saw it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from authority_portal.config import settings
from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.scope import Reach
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.reports import deadlines, policy, rollup
from authority_portal.domain.reports.events import StatusChanged
from authority_portal.domain.reports.models import Report, Status, StatusChange, StatusStep
from authority_portal.domain.reports.workflow import Group, Outcome, Step, Workflow
from authority_portal.foundation import clock, outbox
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Conflict, Denied
from authority_portal.foundation.sentences import Sentence

_TIMES = ("closed_at", "first_response_at", "due_at", "at_risk_at", "paused_at")


def workflow(authority_id: int) -> Workflow:
    """The authority's steps, in its order."""
    rows = db.session.execute(
        select(StatusStep, Status.group)
        .join(Status, (Status.authority_id == StatusStep.authority_id) & (Status.id == StatusStep.to_status_id))
        .where(StatusStep.authority_id == authority_id)
        .order_by(StatusStep.from_status_id, StatusStep.position)
    )
    return Workflow(
        tuple(
            Step(row.from_status_id, row.to_status_id, Group(group), row.label, row.needs_outcome, row.needs_note)
            for row, group in rows
        )
    )


def change(
    report: Report,
    *,
    to: int,
    outcome: Outcome | None = None,
    reason: str = "",
    note: str = "",
    authority: Card,
    by: Actor,
) -> StatusChange:
    """Take `report` (locked by the caller) one step, and tell the house. The caller commits.

    Raises StepRefused if the authority's workflow has no such step, Invalid if the step asks for an outcome or a text that is
    missing. Outside surfaces see the step when the undo window is over, and never before an earlier step of the report.
    """
    policy.check_may_progress(by, report)
    step = workflow(report.authority_id).step(report.status_id, to).require(outcome=outcome, note=note)
    at = clock.now()
    row = StatusChange(
        authority_id=report.authority_id,
        report_id=report.id,
        from_status_id=report.status_id,
        to_status_id=to,
        outcome=outcome,
        reason=reason,
        note=note,
        staff_id=by.id if by.kind == "staff" else None,
        changed_at=at,
        public_at=max(at + undo_window(authority), _latest_publication(report) or at),
        before=_kept(report),
    )
    db.session.add(row)
    _move(report, step, outcome=outcome, reason=reason, at=at)
    rollup.mark(report)
    db.session.flush()
    trail.append("report:status", subject=report.reference, by=by, change=row.id, group=step.to_group)
    outbox.tell(
        StatusChanged(report.id, row.id),
        authority_id=report.authority_id,
        due_at=row.public_at,
        subject=f"status_change:{row.id}",
        stream=report.id,
    )
    return row


def undo(report: Report, change_id: int, *, by: Actor) -> StatusChange:
    """Take the last step back while nobody outside has seen it. Recorded; nothing is erased.

    Raises Conflict when the window is over or something happened since, Denied for somebody else's step unless the actor
    leads the whole authority.
    """
    policy.check_may_progress(by, report)
    last = db.session.scalar(
        select(StatusChange)
        .where(
            StatusChange.authority_id == report.authority_id,
            StatusChange.report_id == report.id,
            StatusChange.undone_at.is_(None),
        )
        .order_by(StatusChange.id.desc())
        .limit(1)
    )
    at = clock.now()
    if last is None or last.id != change_id or last.from_status_id is None:
        raise Conflict(Sentence("Something else happened to this report since; take a new step instead."))
    if at >= last.public_at:
        raise Conflict(Sentence("This step is already public; take a new step instead."))
    if last.staff_id != by.id and by.kind == "staff" and not _leads(by):
        raise Denied(Sentence("Only whoever took this step, or a supervisor, can undo it."))
    told = db.session.connection().execute(
        update(outbox.OutboxEvent)
        .where(
            outbox.OutboxEvent.authority_id == report.authority_id,
            outbox.OutboxEvent.subject == f"status_change:{last.id}",
            outbox.OutboxEvent.kind == StatusChanged.__name__,
            outbox.OutboxEvent.state == "pending",
        )
        .values(state="cancelled")
    )
    if told.rowcount == 0:
        raise Conflict(Sentence("This step is already public; take a new step instead."))
    last.undone_at = at
    _restore(report, last.before, at)
    rollup.mark(report)
    trail.append("report:status_undone", subject=report.reference, by=by, change=last.id)
    return last


def undo_window(authority: Card) -> timedelta:
    """How long a step stays inside: the installation's window, or the authority's if that is shorter."""
    seconds = settings().UNDO_SECONDS
    return timedelta(seconds=seconds if authority.undo_seconds is None else min(seconds, authority.undo_seconds))


def _latest_publication(report: Report) -> datetime | None:
    """When the last of the report's steps becomes public: its window may have been longer than today's."""
    return db.session.scalar(
        select(func.max(StatusChange.public_at)).where(
            StatusChange.authority_id == report.authority_id,
            StatusChange.report_id == report.id,
            StatusChange.undone_at.is_(None),
        )
    )


def _leads(actor: Actor) -> bool:
    return actor.reach(Permission.REPORT_PROGRESS) is Reach.AUTHORITY


def _kept(report: Report) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "status_id": report.status_id,
        "status_group": report.status_group,
        "outcome": report.outcome,
        "reason": report.reason,
    }
    kept.update({name: value.isoformat() if (value := getattr(report, name)) else None for name in _TIMES})
    return kept


def _restore(report: Report, kept: dict[str, Any], at: datetime) -> None:
    report.status_id, report.status_group = kept["status_id"], kept["status_group"]
    report.outcome, report.reason = kept["outcome"], kept["reason"]
    for name in _TIMES:
        setattr(report, name, datetime.fromisoformat(kept[name]) if kept[name] else None)
    report.updated_at, report.version = at, report.version + 1


def _move(report: Report, step: Step, *, outcome: Outcome | None, reason: str, at: datetime) -> None:
    if report.paused_at is not None and step.to_group is not Group.WAITING:
        report.due_at, report.at_risk_at = deadlines.resumed(report.due_at, report.at_risk_at, paused_at=report.paused_at, now=at)
        report.paused_at = None
    elif report.paused_at is None and step.to_group is Group.WAITING:
        report.paused_at = at
    report.status_id, report.status_group = step.to_status_id, step.to_group
    report.outcome, report.reason = outcome, reason
    report.closed_at = at if step.to_group is Group.DONE else None
    report.first_response_at = report.first_response_at or at
    report.updated_at, report.version = at, report.version + 1
