"""Internal notes."""

from uuid import UUID

from sqlalchemy import select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.reports import policy
from authority_portal.domain.reports.models import Note, Report
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Invalid
from authority_portal.foundation.sentences import Sentence


def write(report: Report, *, text: str, sending: UUID | None = None, by: Actor) -> Note:
    """Add an internal note to `report`, or find the one of the same `sending`. The caller locked the report, and commits.

    A note is no change of the report.
    """
    policy.check_may_note(by, report)
    if not text.strip():
        raise Invalid({"text": Sentence("Write the note before saving it.")})
    written = _sent_before(report, sending)
    if written is not None:
        return written
    row = Note(authority_id=report.authority_id, report_id=report.id, text=text, staff_id=by.id, written_at=clock.now())
    row.sending = sending
    db.session.add(row)
    db.session.flush()
    trail.append("report:noted", subject=report.reference, by=by, note=row.id)
    return row


def _sent_before(report: Report, sending: UUID | None) -> Note | None:
    if sending is None:
        return None
    return db.session.scalar(
        select(Note).where(Note.authority_id == report.authority_id, Note.report_id == report.id, Note.sending == sending)
    )
