"""What happened to one report, newest first, as far as its reader may know: one statement over every kind of event."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import aliased

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.scope import Reach
from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.authorities.models import Category, Team
from authority_portal.domain.people import reading
from authority_portal.domain.reports import policy, routing
from authority_portal.domain.reports.models import Assignment, Note, Status, StatusChange
from authority_portal.domain.reports.queries.report import SeenReport, SeenStatus
from authority_portal.domain.staff.models import Staff
from authority_portal.foundation import clock, statements

LONGEST = 500
"""Entries a page shows; what is older is counted in words, not cut in silence."""


class Kind(StrEnum):
    """Kinds of entries, in the order in which those of one instant are read from the bottom up."""

    STEP = "1 step"
    ASSIGNMENT = "2 assignment"
    READING = "3 reading"
    NOTE = "4 note"


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One event. `who` is empty where the name is masked; `staffed` says whether somebody of the staff did it at all.

    `words` are public for a step and internal for a note; `reason` is always internal.
    """

    kind: Kind
    id: int
    at: datetime
    who: str
    staffed: bool
    own: bool
    words: str
    reason: str
    status: SeenStatus | None
    reopening: bool
    team: str
    holder: str
    field: str
    public_at: datetime | None
    undone_at: datetime | None

    @property
    def public(self) -> bool:
        """Outside surfaces show it, or will once its undo window is over."""
        return self.kind is Kind.STEP and self.undone_at is None

    @property
    def undoable(self) -> bool:
        """A step that nobody outside has seen yet."""
        return self.public and self.public_at is not None and clock.now() < self.public_at


def of(report: SeenReport, *, by: Actor) -> tuple[Entry, ...]:
    """The newest entries of `report`, newest first, at most LONGEST + 1 so that the page knows whether there are more."""

    def build() -> Select[Any]:
        # Any report that is as much the reader's as this one: which of them comes with each question.
        its_id: Any = bindparam("report", type_=BigInteger)
        any_such = replace(report, id=its_id)
        parts = [_steps(any_such, by), _assignments(any_such, by)]
        parts += [part for part in (_notes(any_such, by), _readings(any_such, by)) if part is not None]
        lines = union_all(*parts).subquery()
        return select(lines).order_by(lines.c.at.desc(), lines.c.kind.desc(), lines.c.id.desc()).limit(LONGEST + 1)

    whose = report.team_id, report.assignee_id, report.owner_id, report.reporter is None
    subject = "" if report.reporter is None else reading.subject(report.reporter.person_id)
    rows = statements.execute(("timeline", by, *whose), build, report=report.id, subject=subject)
    return tuple(_entry(row, by) for row in rows)


def _steps(report: SeenReport, by: Actor) -> Select[Any]:
    to, before = aliased(Status), aliased(Status)
    return (
        select(
            *_head(Kind.STEP, StatusChange.id, StatusChange.changed_at, StatusChange.staff_id),
            StatusChange.note.label("words"),
            _internal(StatusChange.reason, StatusChange.staff_id, report, by).label("reason"),
            to.id.label("status_id"),
            to.name.label("status"),
            to.group.label("status_group"),
            StatusChange.outcome.label("outcome"),
            func.coalesce(before.group == "done", False).label("reopening"),
            literal("").label("team"),
            literal("").label("holder"),
            literal("").label("field"),
            StatusChange.public_at.label("public_at"),
            StatusChange.undone_at.label("undone_at"),
        )
        .join(to, and_(to.authority_id == StatusChange.authority_id, to.id == StatusChange.to_status_id))
        .outerjoin(before, and_(before.authority_id == StatusChange.authority_id, before.id == StatusChange.from_status_id))
        .outerjoin(Staff, _named(StatusChange.staff_id, report, by))
        .where(StatusChange.authority_id == report.authority_id, StatusChange.report_id == report.id)
    )


def _assignments(report: SeenReport, by: Actor) -> Select[Any]:
    given_to = aliased(Staff)
    # What the house wrote names the category by its code; people know its name.
    by_its_code = and_(
        Category.authority_id == Assignment.authority_id,
        Assignment.by_staff_id.is_(None),
        Assignment.reason == literal(routing.BY_CATEGORY) + Category.code,
    )
    named = func.coalesce(literal(routing.BY_CATEGORY) + Category.name, Assignment.reason)
    return (
        select(
            *_head(Kind.ASSIGNMENT, Assignment.id, Assignment.assigned_at, Assignment.by_staff_id),
            literal("").label("words"),
            _internal(named, Assignment.by_staff_id, report, by).label("reason"),
            *_no_status(),
            func.coalesce(Team.name, "").label("team"),
            # Where the name is masked, so is whether there is a person at all.
            func.coalesce(given_to.name, "").label("holder"),
            literal("").label("field"),
            *_no_times(),
        )
        .outerjoin(Category, by_its_code)
        .outerjoin(Team, and_(Team.authority_id == Assignment.authority_id, Team.id == Assignment.team_id))
        .outerjoin(Staff, _named(Assignment.by_staff_id, report, by))
        .outerjoin(given_to, _named(Assignment.staff_id, report, by, given_to))
        .where(Assignment.authority_id == report.authority_id, Assignment.report_id == report.id)
    )


def _notes(report: SeenReport, by: Actor) -> Select[Any] | None:
    everybodys = by.may(Permission.REPORT_READ_NOTES, report)
    if not everybodys and not policy.may_note(by, report):
        return None
    query = (
        select(
            *_head(Kind.NOTE, Note.id, Note.written_at, Note.staff_id),
            Note.text.label("words"),
            literal("").label("reason"),
            *_no_status(),
            literal("").label("team"),
            literal("").label("holder"),
            literal("").label("field"),
            *_no_times(),
        )
        .outerjoin(Staff, _named(Note.staff_id, report, by))
        .where(Note.authority_id == report.authority_id, Note.report_id == report.id)
    )
    return query if everybodys else query.where(Note.staff_id == by.id)


def _readings(report: SeenReport, by: Actor) -> Select[Any] | None:
    """Who revealed what: one's own readings, or all of them for those who see presence in the whole authority."""
    if report.reporter is None:
        return None
    query = (
        select(
            *_head(Kind.READING, AuditLine.id, AuditLine.at, AuditLine.actor_id),
            literal("").label("words"),
            func.coalesce(AuditLine.details["reason"].astext, "").label("reason"),
            *_no_status(),
            literal("").label("team"),
            literal("").label("holder"),
            func.coalesce(AuditLine.details["fields"][0].astext, "").label("field"),
            *_no_times(),
        )
        .outerjoin(Staff, _named(AuditLine.actor_id, report, by))
        .where(
            AuditLine.authority_id == report.authority_id,
            AuditLine.subject == bindparam("subject", type_=Text),
            AuditLine.action == reading.REVEALED,
            AuditLine.actor_kind == "staff",
        )
    )
    all_of_them = by.reach(Permission.REPORTER_READ_PRESENCE) is Reach.AUTHORITY
    return query if all_of_them else query.where(AuditLine.actor_id == by.id)


def _head(kind: Kind, number: Any, at: Any, staff_id: Any) -> tuple[ColumnElement[Any], ...]:
    return (
        literal(kind.value).label("kind"),
        number.label("id"),
        at.label("at"),
        Staff.id.label("who_id"),
        func.coalesce(Staff.name, "").label("who"),
        staff_id.is_not(None).label("staffed"),
    )


def _no_status() -> tuple[ColumnElement[Any], ...]:
    return (
        cast(null(), BigInteger).label("status_id"),
        literal("").label("status"),
        literal("").label("status_group"),
        cast(null(), Text).label("outcome"),
        literal(False).label("reopening"),
    )


def _no_times() -> tuple[ColumnElement[Any], ...]:
    return cast(null(), TIMESTAMP(timezone=True)).label("public_at"), cast(null(), TIMESTAMP(timezone=True)).label("undone_at")


def _named(staff_id: Any, report: SeenReport, by: Actor, staff: Any = Staff) -> ColumnElement[bool]:
    """The join to a name: for those who may know who holds the report, and for everybody their own."""
    same: ColumnElement[bool] = staff.id == staff_id
    return same if by.may(Permission.REPORT_READ_HOLDER, report) else and_(same, staff.id == by.id)


def _internal(column: Any, staff_id: Any, report: SeenReport, by: Actor) -> ColumnElement[str]:
    """Words staff wrote for staff are read like notes; what the house itself wrote names a rule, not a person."""
    if by.may(Permission.REPORT_READ_NOTES, report):
        return column  # type: ignore[no-any-return]
    return case((or_(staff_id.is_(None), staff_id == by.id), column), else_="")


def _entry(row: Row[Any], by: Actor) -> Entry:
    status = SeenStatus(row.status_id, row.status, row.status_group, row.outcome) if row.status_id is not None else None
    return Entry(
        kind=Kind(row.kind),
        id=row.id,
        at=row.at,
        who=row.who,
        staffed=row.staffed,
        own=row.who_id == by.id,
        words=row.words,
        reason=row.reason if row.staffed or row.kind != Kind.ASSIGNMENT else routing.why(row.reason),
        status=status,
        reopening=row.reopening,
        team=row.team,
        holder=row.holder,
        field=row.field,
        public_at=row.public_at,
        undone_at=row.undone_at,
    )
