"""Photos of a report: wanted from an address, added by staff, given up. Files are stored before the row says so."""

from uuid import UUID

from sqlalchemy import func, select, update

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.reports import policy
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Invalid, NotFound
from authority_portal.foundation.pictures import Picture
from authority_portal.foundation.sentences import Sentence

MOST = 20
"""Photos per report."""


def add(report: Report, picture: Picture, name: str, *, sending: UUID | None = None, by: Actor) -> Photo:
    """A photo that staff uploaded; `name` is where the picture was stored. The caller locked the report, and commits."""
    policy.check_may_note(by, report)
    row = _keep(report, picture, name, by)
    row.sending = sending
    return row


def sent_before(report: Report, sending: UUID) -> bool:
    """Whether a photo of this `sending` was added to the report, which the caller locked."""
    query = select(Photo.id).where(
        Photo.authority_id == report.authority_id, Photo.report_id == report.id, Photo.sending == sending
    )
    return db.session.scalar(query) is not None


def came_with(report: Report, picture: Picture, name: str, *, by: Actor) -> Photo:
    """A photo that came with a report which `by` has just written down, whoever holds it now. The caller commits."""
    policy.check_may_record(by)
    return _keep(report, picture, name, by)


def _keep(report: Report, picture: Picture, name: str, by: Actor) -> Photo:
    check_room(report)
    row = Photo(
        authority_id=report.authority_id,
        report_id=report.id,
        state="ready",
        name=name,
        width=picture.width,
        height=picture.height,
        size=len(picture.large),
        staff_id=by.id if by.kind == "staff" else None,
        added_at=clock.now(),
    )
    db.session.add(row)
    report.photos += 1
    db.session.flush()
    trail.append("photo:added", subject=report.reference, by=by, photo=row.id)
    return row


def check_room(report: Report) -> None:
    """Raises Invalid when the report already has as many photos as a report may have."""
    count = db.session.scalar(
        select(func.count()).where(
            Photo.authority_id == report.authority_id, Photo.report_id == report.id, Photo.state != "failed"
        )
    )
    if (count or 0) >= MOST:
        raise Invalid({"photo": Sentence("A report has at most %(most)s photos.", most=MOST)})


def fetched(photo: Photo, picture: Picture, name: str, *, by: Actor) -> bool:
    """A wanted photo arrived and was stored as `name`. False if another run was faster; then the caller removes the file."""
    changed = db.session.connection().execute(
        update(Photo)
        .where(Photo.authority_id == photo.authority_id, Photo.id == photo.id, Photo.state == "wanted")
        .values(
            state="ready",
            name=name,
            width=picture.width,
            height=picture.height,
            size=len(picture.large),
            source_url=None,
            failure="",
        )
    )
    if changed.rowcount == 0:
        return False
    db.session.execute(
        update(Report)
        .where(Report.authority_id == photo.authority_id, Report.id == photo.report_id)
        .values(photos=Report.photos + 1)
    )
    trail.append("photo:fetched", subject=f"photo:{photo.id}", by=by)
    return True


def clear(report: Report, name: str, *, cleared: bool = True, by: Actor) -> None:
    """Say of a photo that somebody looked and found nothing that names a person, or take that back. The caller commits.

    Whoever reads cleared text only may see it from then on. Said twice, it stays. Raises NotFound for a photo that is not
    one of this report's, or is not ready.
    """
    policy.check_may_note(by, report)
    policy.check_may_see_photos(by, report)
    photo = db.session.scalar(
        select(Photo)
        .where(
            Photo.authority_id == report.authority_id,
            Photo.report_id == report.id,
            Photo.name == name,
            Photo.state == "ready",
        )
        .with_for_update()
    )
    if photo is None:
        raise NotFound(Sentence("There is no such photo of this report."))
    if photo.cleared == cleared:
        return
    photo.cleared = cleared
    report.cleared_photos += 1 if cleared else -1
    db.session.flush()
    trail.append("photo:cleared" if cleared else "photo:uncleared", subject=report.reference, by=by, photo=photo.id)


def given_up(photo: Photo, *, reason: str, by: Actor) -> None:
    """A wanted photo cannot be had; the report page says why. The address is forgotten."""
    db.session.execute(
        update(Photo)
        .where(Photo.authority_id == photo.authority_id, Photo.id == photo.id, Photo.state == "wanted")
        .values(state="failed", failure=reason, source_url=None)
    )
    trail.append("photo:given_up", subject=f"photo:{photo.id}", by=by)
