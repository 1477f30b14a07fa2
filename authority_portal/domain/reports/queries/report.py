"""One report: what its reader may see of it in a single statement, or the locked row for a command."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Double, Numeric, Row, Text, and_, bindparam, cast, func, literal, select
from sqlalchemy.sql.selectable import Select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.scope import Reach
from authority_portal.domain.authorities.models import Area, Category, Team
from authority_portal.domain.people import reading
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports import deadlines, reference
from authority_portal.domain.reports.deadlines import Deadline
from authority_portal.domain.reports.models import Report, Status
from authority_portal.domain.reports.queries import sight
from authority_portal.domain.staff.models import Staff
from authority_portal.foundation import clock, statements
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Conflict, NotFound
from authority_portal.foundation.sentences import Sentence

COARSE_DECIMALS = 3
"""A thousandth of a degree: the 100 m grid of those who see no exact place."""

_ABSENT = Sentence("There is no such report, or it is not yours to see.")


class Changed(Conflict):
    """Somebody saved the report after the form in hand was made."""


@dataclass(frozen=True, slots=True)
class SeenStatus:
    """A status with what its sign needs."""

    id: int
    name: str
    group: str
    outcome: str | None


@dataclass(frozen=True, slots=True, repr=False)
class SeenPlace:
    """Where it is, as exactly as the reader may know. Degrees; a coarse point lies on a 100 m grid and has no address."""

    lat: float | None
    lon: float | None
    address: str
    locality: str
    area: str
    exact: bool


@dataclass(frozen=True, slots=True, repr=False)
class SeenReporter:
    """What may be known of the reporter without opening anything. `logged`: this hour's reading is in the log already."""

    person_id: UUID
    has_name: bool
    has_email: bool
    has_phone: bool
    channel: str
    locale: str | None
    stopped: bool
    erased_at: datetime | None
    erased_because: str | None
    logged: bool


@dataclass(frozen=True, slots=True, repr=False)
class SeenReport:
    """A report as one reader sees it. What is masked is None or empty, and never left the database.

    It can be asked for permissions: its team is everybody's to know, and a holder who is masked is never the reader.
    """

    id: int
    authority_id: int
    reference: str
    version: int
    category: str
    category_group: str
    channel: str
    visibility: str
    status: SeenStatus
    deadline: Deadline
    received_at: datetime
    first_response_at: datetime | None
    closed_at: datetime | None
    team_id: int | None
    team: str
    assignee_id: UUID | None
    holder: str
    lead_reference: str
    place: SeenPlace | None
    description: str
    answers: list[dict[str, Any]]
    cleared: bool
    masks_reporter: bool
    reporter: SeenReporter | None
    owner_id: UUID | None = None


def by_reference(text: str, *, by: Actor) -> SeenReport:
    """The report somebody named, as far as `by` may see it.

    Raises NotFound alike for what is no reference, what does not exist, what is another authority's, and what is not theirs.
    """

    def build() -> Select[Any]:
        here = Report.authority_id == by.authority_id, Report.reference == bindparam("named", type_=Text)
        return _seen(by).where(*here, sight.covered(Permission.REPORT_READ, by=by))

    row = statements.execute(("report", by), build, named=_read(text)).one_or_none()
    if row is None:
        raise NotFound(_ABSENT)
    return _report(row, by)


def by_reference_for_update(text: str, *, version: int | None = None, by: Actor) -> Report:
    """The row itself, locked until the end of the transaction, for a command.

    Raises NotFound as `by_reference` does, and Changed if `version` is given and no longer the report's.
    """
    query = select(Report).where(*_named(text, by), sight.covered(Permission.REPORT_READ, by=by)).with_for_update()
    report = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if report is None:
        raise NotFound(_ABSENT)
    if version is not None and report.version != version:
        raise Changed(Sentence("Somebody saved this report after you opened it."))
    return report


def _named(text: str, by: Actor) -> tuple[ColumnElement[bool], ...]:
    return Report.authority_id == by.authority_id, Report.reference == _read(text)


def _read(text: str) -> str:
    read = reference.read(text)
    if read is None:
        raise NotFound(_ABSENT)
    return read


def _seen(by: Actor) -> Select[*tuple[Any, ...]]:
    exact = sight.place(by=by)
    coarse = sight.covered(Permission.REPORT_READ_PLACE_COARSE, by=by)
    full = and_(sight.covered(Permission.REPORT_READ_TEXT, by=by), Report.redacted_at.is_(None))
    cleared = sight.covered(Permission.REPORT_READ_TEXT_CLEARED, by=by)
    holder = sight.covered(Permission.REPORT_READ_HOLDER, by=by)
    presence = sight.covered(Permission.REPORTER_READ_PRESENCE, by=by)
    lead = select(_lead.c.reference).where(_lead.c.authority_id == Report.authority_id, _lead.c.id == Report.lead_report_id)
    return (
        select(
            Report.id,
            Report.reference,
            Report.version,
            Report.channel,
            Report.visibility,
            Report.outcome,
            Report.received_at,
            Report.first_response_at,
            Report.closed_at,
            Report.due_at,
            Report.at_risk_at,
            Report.paused_at,
            Report.due_reason,
            Report.team_id,
            Report.status_id,
            Report.status_group,
            Status.name.label("status"),
            Category.name.label("category"),
            Category.group.label("category_group"),
            Team.name.label("team"),
            lead.scalar_subquery().label("lead_reference"),
            sight.shown((holder, Report.assignee_id), (Report.assignee_id == by.id, Report.assignee_id)).label("assignee_id"),
            sight.shown((holder, Staff.name), (Report.assignee_id == by.id, Staff.name)).label("holder"),
            sight.shown((exact, literal(True))).label("place_exact"),
            sight.shown((exact, literal(True)), (coarse, literal(True))).label("place_known"),
            sight.shown((exact, Report.lat), (coarse, _on_grid(Report.lat))).label("lat"),
            sight.shown((exact, Report.lon), (coarse, _on_grid(Report.lon))).label("lon"),
            sight.shown((exact, Report.address)).label("address"),
            sight.shown((exact, Report.locality), (coarse, Report.locality)).label("locality"),
            sight.shown((exact, Area.name), (coarse, Area.name)).label("area"),
            sight.shown((full, Report.description), (cleared, Report.cleared_description)).label("description"),
            sight.shown((full, Report.answers), (cleared, Report.cleared_answers)).label("answers"),
            sight.shown((full, literal(True))).label("text_full"),
            *_reporter_columns(presence, by),
        )
        .join(Status, and_(Status.authority_id == Report.authority_id, Status.id == Report.status_id))
        .join(Category, and_(Category.authority_id == Report.authority_id, Category.id == Report.category_id))
        .outerjoin(Team, and_(Team.authority_id == Report.authority_id, Team.id == Report.team_id))
        .outerjoin(Area, and_(Area.authority_id == Report.authority_id, Area.id == Report.area_id))
        .outerjoin(Staff, Staff.id == Report.assignee_id)
        .outerjoin(Person, and_(Person.authority_id == Report.authority_id, Person.id == Report.person_id, presence))
    )


def _reporter_columns(presence: ColumnElement[bool], by: Actor) -> list[ColumnElement[Any]]:
    """Everything about the reporter hangs on the join above, whose condition is the permission itself."""
    return [
        Person.id.label("person_id"),
        Person.name_sealed.is_not(None).label("has_name"),
        Person.email_sealed.is_not(None).label("has_email"),
        Person.phone_sealed.is_not(None).label("has_phone"),
        Person.channel.label("person_channel"),
        Person.locale.label("person_locale"),
        Person.stopped_at.is_not(None).label("stopped"),
        Person.erased_at.label("erased_at"),
        Person.erased_because.label("erased_because"),
        sight.shown((presence, reading.logged(Report.person_id.expression, by=by))).label("logged"),
    ]


def _on_grid(column: Any) -> ColumnElement[float]:
    return cast(func.round(cast(column, Numeric), COARSE_DECIMALS), Double)


_lead = Report.__table__.alias("lead")


def _report(row: Row[Any], by: Actor) -> SeenReport:
    at = clock.now()
    return SeenReport(
        id=row.id,
        authority_id=by.authority_id,
        reference=row.reference,
        version=row.version,
        category=row.category,
        category_group=row.category_group,
        channel=row.channel,
        visibility=row.visibility,
        status=SeenStatus(row.status_id, row.status, row.status_group, row.outcome),
        deadline=deadlines.seen(
            received_at=row.received_at,
            due_at=row.due_at,
            at_risk_at=row.at_risk_at,
            paused_at=row.paused_at,
            closed_at=row.closed_at,
            now=at,
            reason=deadlines.reason(row.due_reason),
        ),
        received_at=row.received_at,
        first_response_at=row.first_response_at,
        closed_at=row.closed_at,
        team_id=row.team_id,
        team=row.team or "",
        assignee_id=row.assignee_id,
        holder=row.holder or "",
        lead_reference=row.lead_reference or "",
        place=_place(row) if row.place_known else None,
        description=row.description or "",
        answers=row.answers or [],
        cleared=not row.text_full,
        masks_reporter=by.reach(Permission.REPORT_READ) is Reach.AUTHORITY,
        reporter=_reporter(row) if row.person_id is not None else None,
    )


def _place(row: Row[Any]) -> SeenPlace:
    return SeenPlace(row.lat, row.lon, row.address or "", row.locality or "", row.area or "", bool(row.place_exact))


def _reporter(row: Row[Any]) -> SeenReporter:
    return SeenReporter(
        person_id=row.person_id,
        has_name=row.has_name,
        has_email=row.has_email,
        has_phone=row.has_phone,
        channel=row.person_channel,
        locale=row.person_locale,
        stopped=row.stopped,
        erased_at=row.erased_at,
        erased_because=row.erased_because,
        logged=bool(row.logged),
    )
