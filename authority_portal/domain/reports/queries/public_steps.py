"""The steps of reports as the world outside may know them: from the end of their undo window on, and never once undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import aliased

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.reports.models import Report, Status, StatusChange
from authority_portal.domain.reports.queries.outside import in_sight
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
    return _steps(authority_id, Report.reference.in_(references), order=(StatusChange.id,))


def steps_between(
    since: datetime, until: datetime, *, authority_id: int, by: Actor | None, limit: int, offset: int
) -> list[PublicStep]:
    """The steps after its receipt of every report in sight of `by` that became public then, the oldest first.

    Both ends count. Raises Denied for a key that reads nothing.
    """
    news = (StatusChange.public_at.between(since, until), StatusChange.from_status_id.is_not(None), in_sight(by))
    return _steps(authority_id, *news, order=(StatusChange.public_at, StatusChange.id), limit=limit, offset=offset)


def _steps(
    authority_id: int, *wanted: ColumnElement[bool], order: tuple[Any, ...], limit: int | None = None, offset: int = 0
) -> list[PublicStep]:
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
            StatusChange.undone_at.is_(None),
            StatusChange.public_at <= now,
            ~held_back,
            *wanted,
        )
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    )
    return [
        PublicStep(number, reference, at, Group(group), outcome, note)
        for number, reference, at, group, outcome, note in db.session.execute(query)
    ]
