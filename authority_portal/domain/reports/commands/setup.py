"""The workflow an authority starts with."""

from authority_portal.domain.reports.models import Status, StatusStep
from authority_portal.domain.reports.workflow import STANDARD, Group
from authority_portal.foundation.db import db


def standard_workflow(authority_id: int) -> dict[str, int]:
    """Write the standard statuses and steps of a new authority; returns the statuses' ids by code. The caller commits."""
    statuses = [
        Status(authority_id=authority_id, code=draft.code, name=draft.name, group=draft.group, position=position)
        for position, draft in enumerate(STANDARD)
    ]
    db.session.add_all(statuses)
    db.session.flush()
    ids = {status.code: status.id for status in statuses}
    groups = {draft.code: draft.group for draft in STANDARD}
    names = {draft.code: draft.name for draft in STANDARD}
    db.session.add_all(
        StatusStep(
            authority_id=authority_id,
            from_status_id=ids[draft.code],
            to_status_id=ids[target],
            label="Reopen" if draft.group is Group.DONE else names[target],
            position=position,
            needs_outcome=groups[target] is Group.DONE,
            needs_note=groups[target] is Group.DONE or draft.group is Group.DONE or target == "waiting_resident",
        )
        for draft in STANDARD
        for position, target in enumerate(draft.steps)
    )
    db.session.flush()
    return ids
