"""When reports were closed, as far as the world outside may know."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from authority_portal.domain.reports.models import Status, StatusChange
from authority_portal.domain.reports.workflow import Group
from authority_portal.foundation.db import db


def public_closings(report_ids: Collection[int], authority_id: int) -> dict[int, datetime | None]:
    """By report: when it was closed if its last public step closed it, else None. A report without public steps is left out.

    A closing inside its undo window is not there yet. The time is the database's, by which events become due. One statement.
    """
    rows = db.session.execute(
        select(StatusChange.report_id, StatusChange.changed_at, Status.group)
        .join(Status, (Status.authority_id == StatusChange.authority_id) & (Status.id == StatusChange.to_status_id))
        .where(
            StatusChange.authority_id == authority_id,
            StatusChange.report_id.in_(report_ids),
            StatusChange.undone_at.is_(None),
            StatusChange.public_at <= func.now(),
        )
        .ext(distinct_on(StatusChange.report_id))
        .order_by(StatusChange.report_id, StatusChange.id.desc())
    )
    return {row.report_id: row.changed_at if row.group == Group.DONE else None for row in rows}
