"""One report as whoever holds its link may see it: what happened in public, and where. Nothing personal is selected.

The link can be passed on, so the resident's own words and photos stay inside, as do the names of staff.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased

from authority_portal.domain.authorities.models import Category
from authority_portal.domain.reports.models import Report, Status, StatusChange
from authority_portal.domain.reports.workflow import Group
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import NotFound
from authority_portal.foundation.sentences import Sentence


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """A status in the authority's words, with what its sign needs."""

    name: str
    group: str
    outcome: str | None
    reopened: bool = False


@dataclass(frozen=True, slots=True)
class PublicStep:
    """One step that the public may know. `joined`: of the lead report, which stands for several about the same thing."""

    status: PublicStatus
    note: str
    at: datetime
    joined: bool


@dataclass(frozen=True, slots=True)
class FollowedReport:
    """A report as its link shows it. Steps from the first to the last; `due_at` only while the work is still to be done."""

    reference: str
    category: str
    address: str
    locality: str
    received_at: datetime
    due_at: datetime | None
    joined: bool
    steps: tuple[PublicStep, ...]

    @property
    def status(self) -> PublicStatus | None:
        """Where it stands: at the lead report's last step if it was joined to one, else at its own. None: no public step."""
        leading = [step for step in self.steps if step.joined] or self.steps
        return leading[-1].status if leading else None


def followed(report_id: int, authority_id: int) -> FollowedReport:
    """The report behind a link, in two statements. Raises NotFound."""
    at = clock.now()
    hidden = exists().where(
        StatusChange.authority_id == Report.authority_id,
        StatusChange.report_id.in_([Report.id, Report.lead_report_id]),
        StatusChange.undone_at.is_(None),
        StatusChange.public_at > at,
    )
    row = db.session.execute(
        select(
            Report.reference,
            Category.name,
            Report.address,
            Report.locality,
            Report.received_at,
            Report.due_at,
            Report.paused_at,
            Report.status_group,
            Report.lead_report_id,
            hidden.label("hidden"),
        )
        .join(Category, and_(Category.authority_id == Report.authority_id, Category.id == Report.category_id))
        .where(Report.authority_id == authority_id, Report.id == report_id)
    ).one_or_none()
    if row is None:
        raise NotFound(Sentence("There is no such report."))
    # A step nobody outside may know of yet could show through a deadline that it moved.
    promised = not (row.hidden or row.paused_at or row.lead_report_id or row.status_group == Group.DONE)
    return FollowedReport(
        reference=row.reference,
        category=row.name,
        address=row.address,
        locality=row.locality,
        received_at=row.received_at,
        due_at=row.due_at if promised and row.due_at and row.due_at > at else None,
        joined=row.lead_report_id is not None,
        steps=_steps(report_id, row.lead_report_id, authority_id, at),
    )


def _steps(report_id: int, lead_id: int | None, authority_id: int, at: datetime) -> tuple[PublicStep, ...]:
    before, after = Status.__table__.alias("before"), Status.__table__.alias("after")
    earlier = aliased(StatusChange)
    behind_a_hidden_one = exists().where(
        earlier.authority_id == StatusChange.authority_id,
        earlier.report_id == StatusChange.report_id,
        earlier.id < StatusChange.id,
        earlier.undone_at.is_(None),
        earlier.public_at > at,
    )
    rows = db.session.execute(
        select(
            StatusChange.report_id,
            StatusChange.note,
            StatusChange.outcome,
            StatusChange.changed_at,
            after.c.name,
            after.c.group_name,
            before.c.group_name.label("group_before"),
        )
        .join(after, and_(after.c.authority_id == StatusChange.authority_id, after.c.id == StatusChange.to_status_id))
        .outerjoin(before, and_(before.c.authority_id == StatusChange.authority_id, before.c.id == StatusChange.from_status_id))
        .where(
            StatusChange.authority_id == authority_id,
            or_(StatusChange.report_id == report_id, StatusChange.report_id == lead_id),
            StatusChange.undone_at.is_(None),
            StatusChange.public_at <= at,
            ~behind_a_hidden_one,
        )
        .order_by(StatusChange.changed_at, StatusChange.id)
    )
    return tuple(
        PublicStep(
            status=PublicStatus(row.name, row.group_name, row.outcome, reopened=row.group_before == Group.DONE),
            note=row.note,
            at=row.changed_at,
            joined=row.report_id != report_id,
        )
        for row in rows
    )
