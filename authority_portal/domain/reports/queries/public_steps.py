"""The steps of reports as the world outside may know them: from the end of their undo window on, and never once undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import aliased

from authority_portal.domain.reports.models import Report, Status, StatusChange
from authority_portal.domain.reports.workflow import Group
from authority_portal.foundation import clock
from authority_portal.foundation.db import db


@dataclass(frozen=True, slots=True)
class PublicStep:
    """One step. `note` are the words for the public; empty if there were none."""

    id: int
    reference: str
    at: datetime
    """When it became public."""
    group: Group
    outcome: str | None
    note: str


def steps_of(references: Sequence[str], *, authority_id: int) -> list[PublicStep]:
    """Every public step of these reports, which the caller found to be in sight; each report's in their order."""
    now = clock.now()
    hidden = aliased(StatusChange)
    # Nothing after a hidden step shows, whatever its own time says: it would tell of what lies before it.
    held_back = exists().where(
        hidden.authority_id == authority_id,
        hidden.report_id == StatusChange.report_id,
        hidden.id < StatusChange.id,
        hidden.undone_at.is_(None),
        hidden.public_at > now,
    )
    query = (
        select(StatusChange.id, Report.reference, StatusChange.public_at, Status.group, StatusChange.outcome, StatusChange.note)
        .join(Report, and_(Report.authority_id == StatusChange.authority_id, Report.id == StatusChange.report_id))
        .join(Status, and_(Status.authority_id == StatusChange.authority_id, Status.id == StatusChange.to_status_id))
        .where(
            StatusChange.authority_id == authority_id,
            Report.authority_id == authority_id,
            Report.reference.in_(references),
            StatusChange.undone_at.is_(None),
            StatusChange.public_at <= now,
            ~held_back,
        )
        .order_by(StatusChange.id)
    )
    return [
        PublicStep(number, reference, at, Group(group), outcome, note)
        for number, reference, at, group, outcome, note in db.session.execute(query)
    ]
