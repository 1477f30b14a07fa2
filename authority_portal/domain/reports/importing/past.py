"""What happened to imported reports before they came here: reporters, steps and holders, written in bulk. Nobody is told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import TextClause, text

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.people import commands as people
from authority_portal.domain.people.contact import Contact
from authority_portal.foundation import clock
from authority_portal.foundation.db import db


@dataclass(frozen=True, slots=True)
class PastStep:
    """An unfinished report took a step. `waits`: its clock stands still since then."""

    report_id: int
    to_status_id: int
    group: str
    at: datetime
    note: str
    waits: bool


@dataclass(frozen=True, slots=True)
class PastHolder:
    """A report was given to a person, within its team."""

    report_id: int
    staff_id: UUID
    at: datetime


def attach_reporters(reporters: Sequence[tuple[int, Contact]], *, by: Actor) -> int:
    """Give reports (by id) their reporters, sealed; returns how many. The caller commits."""
    at = clock.now()
    rows = []
    for report_id, contact in reporters:
        person = people.draft(contact, authority_id=by.authority_id, at=at)
        db.session.add(person)
        rows.append({"report_id": report_id, "person_id": str(person.id)})
    db.session.flush()
    _run(_REPORTERS, rows, by)
    trail.append("import:reporters", subject="import", by=by, added=len(rows))
    return len(rows)


def take_steps(steps: Sequence[PastStep], *, by: Actor) -> int:
    """Take new reports to another unfinished status, public since then; returns how many. The caller commits."""
    rows = [
        {
            "report_id": step.report_id,
            "to_status_id": step.to_status_id,
            "to_group": step.group,
            "at": step.at.isoformat(),
            "note": step.note,
            "paused_at": step.at.isoformat() if step.waits else None,
        }
        for step in steps
    ]
    _run(_HISTORY, rows, by)
    _run(_STEPS, rows, by)
    trail.append("import:steps", subject="import", by=by, added=len(rows))
    return len(rows)


def give_holders(holders: Sequence[PastHolder], *, by: Actor) -> int:
    """Give reports to people; returns how many. The caller commits."""
    rows = [{"report_id": each.report_id, "staff_id": str(each.staff_id), "at": each.at.isoformat()} for each in holders]
    _run(_HOLDINGS, rows, by)
    _run(_HOLDERS, rows, by)
    trail.append("import:holders", subject="import", by=by, added=len(rows))
    return len(rows)


def _run(statement: TextClause, rows: Sequence[Mapping[str, object]], by: Actor) -> None:
    if rows:
        db.session.execute(statement, {"authority": by.authority_id, "rows": json.dumps(rows)})


_REPORTERS = text(
    """
    UPDATE report SET person_id = row.person_id
    FROM json_to_recordset(cast(:rows AS json)) AS row (report_id bigint, person_id uuid)
    WHERE report.authority_id = :authority AND report.id = row.report_id
    """
)
_HISTORY = text(
    """
    INSERT INTO status_change (authority_id, report_id, from_status_id, to_status_id, reason, note, changed_at, public_at, before)
    SELECT :authority, report.id, report.status_id, row.to_status_id, '', row.note, row.at, row.at, '{}'
    FROM json_to_recordset(cast(:rows AS json)) AS row (report_id bigint, to_status_id bigint, note text, at timestamptz)
    JOIN report ON report.authority_id = :authority AND report.id = row.report_id
    """
)
_STEPS = text(
    """
    UPDATE report SET status_id = row.to_status_id, status_group = row.to_group, paused_at = row.paused_at,
        first_response_at = row.at, updated_at = row.at, version = version + 1
    FROM json_to_recordset(cast(:rows AS json))
        AS row (report_id bigint, to_status_id bigint, to_group text, at timestamptz, paused_at timestamptz)
    WHERE report.authority_id = :authority AND report.id = row.report_id
    """
)
_HOLDINGS = text(
    """
    INSERT INTO assignment (authority_id, report_id, team_id, staff_id, reason, assigned_at)
    SELECT :authority, report.id, report.team_id, row.staff_id, 'import', row.at
    FROM json_to_recordset(cast(:rows AS json)) AS row (report_id bigint, staff_id uuid, at timestamptz)
    JOIN report ON report.authority_id = :authority AND report.id = row.report_id
    """
)
_HOLDERS = text(
    """
    UPDATE report SET assignee_id = row.staff_id, assigned_at = row.at, version = version + 1
    FROM json_to_recordset(cast(:rows AS json)) AS row (report_id bigint, staff_id uuid, at timestamptz)
    WHERE report.authority_id = :authority AND report.id = row.report_id
    """
)
