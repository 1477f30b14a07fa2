"""The workflow of an authority as it is set up: its statuses and the steps between them."""

from dataclasses import dataclass

from sqlalchemy import select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.authorities.overview import check_may_read
from authority_portal.domain.reports.models import Status, StatusStep
from authority_portal.foundation.db import db


@dataclass(frozen=True, slots=True)
class SeenWorkflow:
    """Statuses in the authority's order, and for each the steps that lead on from it."""

    statuses: tuple[Status, ...]
    steps: tuple[StatusStep, ...]

    def from_(self, status_id: int) -> list[StatusStep]:
        """The steps that lead on from a status."""
        return [step for step in self.steps if step.from_status_id == status_id]

    def name(self, status_id: int) -> str:
        """What a status is called."""
        return next(status.name for status in self.statuses if status.id == status_id)


def workflow(*, by: Actor) -> SeenWorkflow:
    """Two statements. Raises Denied."""
    check_may_read(by)
    rows = select(Status).where(Status.authority_id == by.authority_id).order_by(Status.position, Status.id)
    steps = (
        select(StatusStep)
        .where(StatusStep.authority_id == by.authority_id)
        .order_by(StatusStep.from_status_id, StatusStep.position, StatusStep.id)
    )
    return SeenWorkflow(tuple(db.session.scalars(rows)), tuple(db.session.scalars(steps)))
