"""Internal notes."""

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.reports import policy
from authority_portal.domain.reports.models import Note, Report
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Invalid


def write(report: Report, *, text: str, by: Actor) -> Note:
    """Add an internal note to `report`. The caller commits. A note is no change of the report."""
    policy.check_may_note(by, report)
    if not text.strip():
        raise Invalid({"text": "Write the note before saving it."})
    row = Note(authority_id=report.authority_id, report_id=report.id, text=text, staff_id=by.id, written_at=clock.now())
    db.session.add(row)
    db.session.flush()
    trail.append("report:noted", subject=report.reference, by=by, note=row.id)
    return row
