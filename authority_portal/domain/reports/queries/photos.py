"""Photos of reports as their reader may see them: all of a report's, or the one behind an address; and those that are public."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.reports import policy
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.domain.reports.queries import sight
from authority_portal.domain.reports.queries.outside import in_sight
from authority_portal.domain.reports.queries.report import SeenReport
from authority_portal.foundation import fetching, sentences
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import NotFound
from authority_portal.foundation.sentences import Sentence


@dataclass(frozen=True, slots=True)
class SeenPhoto:
    """One photo: `wanted`, `ready` or `failed`. Name, width and height (pixels) only when it is ready.

    `number` counts the photos its reader sees, from one. `staffed`: somebody of the staff added it.
    """

    number: int
    state: str
    name: str
    width: int
    height: int
    cleared: bool
    failure: str
    staffed: bool
    added_at: datetime


def of(report: SeenReport, *, by: Actor) -> tuple[SeenPhoto, ...]:
    """The photos of a report in the order they came, at most one statement."""
    full = policy.may_see_photos(by, report)
    if not full and not by.may(Permission.REPORT_READ_PHOTO_CLEARED, report):
        return ()
    query = select(Photo).where(Photo.authority_id == report.authority_id, Photo.report_id == report.id).order_by(Photo.id)
    if not full:
        query = query.where(Photo.state == "ready", Photo.cleared)
    return tuple(
        SeenPhoto(
            number=number,
            state=row.state,
            name=row.name or "",
            width=row.width or 0,
            height=row.height or 0,
            cleared=row.cleared,
            failure=sentences.read(row.failure, fetching.ANSWERED),
            staffed=row.staff_id is not None,
            added_at=row.added_at,
        )
        for number, row in enumerate(db.session.scalars(query), start=1)
    )


def check_may_see(name: str, *, by: Actor) -> None:
    """Raises NotFound alike for a photo that does not exist, is another authority's, or is not for `by` to see."""
    all_of_them = sight.covered(Permission.REPORT_READ_PHOTO, by=by)
    cleared = and_(Photo.cleared, sight.covered(Permission.REPORT_READ_PHOTO_CLEARED, by=by))
    found = db.session.scalar(
        select(Photo.id)
        .join(Report, and_(Report.authority_id == Photo.authority_id, Report.id == Photo.report_id))
        .where(Photo.authority_id == by.authority_id, Photo.name == name, Photo.state == "ready", or_(all_of_them, cleared))
    )
    if found is None:
        raise NotFound(Sentence("There is no such photo, or it is not yours to see."))


def check_public(name: str, *, authority_id: int, by: Actor | None) -> None:
    """Raises NotFound but for a cleared photo of a report that `by` sees from outside; Denied for a key without any sight."""
    found = db.session.scalar(
        select(Photo.id)
        .join(Report, and_(Report.authority_id == Photo.authority_id, Report.id == Photo.report_id))
        .where(Photo.authority_id == authority_id, Photo.name == name, Photo.state == "ready", Photo.cleared, in_sight(by))
    )
    if found is None:
        raise NotFound(Sentence("There is no such photo, or it is not public."))
