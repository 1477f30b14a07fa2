"""A report comes in: by Open311, by staff, by import of single rows."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.authorities.models import Category
from authority_portal.domain.people import commands as people
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.reports import clearing, deadlines, policy, reference, rollup, routing
from authority_portal.domain.reports.events import PhotoWanted, ReportReceived
from authority_portal.domain.reports.models import Assignment, Report, Status, StatusChange
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.domain.reports.workflow import Channel, Group
from authority_portal.foundation import clock, outbox
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Conflict, Invalid
from authority_portal.foundation.geo import Point, tile
from authority_portal.foundation.sentences import Sentence


@dataclass(frozen=True, slots=True, repr=False)
class NewReport:
    """What came in, checked by the entrance. `answers` are complete, in the form `Report.answers` documents."""

    category: Category
    channel: Channel
    source: str
    description: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    position: Point | None = None
    address: str = ""
    contact: Contact = field(default_factory=Contact)
    photo_urls: tuple[str, ...] = ()
    source_id: str | None = None
    source_digest: bytes | None = None
    received_at: datetime | None = None


def receive(new: NewReport, *, authority: Card, by: Actor) -> Report:
    """Take a report in, route it, give it its deadline, and tell the house. The caller commits.

    The same `source` and `source_id` again gives the report that is already there. Raises Conflict if its content differs,
    Invalid for a place outside the authority or a category that takes no reports.
    """
    policy.check_may_record(by)
    if new.source_id is not None:
        digests = () if new.source_digest is None else (new.source_digest,)
        known = already_there(new.source, new.source_id, digests, by=by)
        if known is not None:
            return known
    _check_place(new, authority)
    at = clock.now()
    report = _draft(new, authority=authority, by=by, at=at)
    person = people.take_down(new.contact, by=by)
    db.session.flush()
    report.person_id = person.id if person else None
    db.session.add(report)
    db.session.flush()
    change = StatusChange(
        authority_id=authority.id,
        report_id=report.id,
        to_status_id=report.status_id,
        staff_id=by.id if by.kind == "staff" else None,
        changed_at=at,
        public_at=at,
    )
    db.session.add(change)
    if report.team_id is not None:
        db.session.add(
            Assignment(
                authority_id=authority.id,
                report_id=report.id,
                team_id=report.team_id,
                reason=routing.BY_CATEGORY + new.category.code,
                assigned_at=at,
            )
        )
    photos = [
        Photo(authority_id=authority.id, report_id=report.id, state="wanted", source_url=url, added_at=at)
        for url in new.photo_urls
    ]
    db.session.add_all(photos)
    rollup.mark(report)
    db.session.flush()
    trail.append("report:received", subject=report.reference, by=by, channel=report.channel, category=new.category.code)
    outbox.tell(
        ReportReceived(report.id, change.id),
        authority_id=authority.id,
        subject=f"status_change:{change.id}",
        stream=report.id,
    )
    for photo in photos:
        outbox.tell(PhotoWanted(report.id, photo.id), authority_id=authority.id, subject=f"photo:{photo.id}")
    return report


def already_there(source: str, source_id: str, digests: Collection[bytes], *, by: Actor) -> Report | None:
    """The report that was taken in from `source` under `source_id`. Holds its place until the transaction ends.

    Raises Conflict if what was sent then has none of the `digests`. Content does not matter without any, nor once the resident
    who sent it was erased: nothing tells any more what it was, and the id is the report's all the same.
    """
    # Two equal requests at the same moment take turns here; the second finds the first one's report.
    lock = select(func.pg_advisory_xact_lock(func.hashtextextended(f"{by.authority_id}|{source}|{source_id}", 0)))
    db.session.execute(lock)
    known = db.session.scalar(
        select(Report).where(Report.authority_id == by.authority_id, Report.source == source, Report.source_id == source_id)
    )
    if known is not None and digests and known.source_digest is not None and known.source_digest not in digests:
        raise Conflict(Sentence("This id was used before for a report with other content."))
    return known


def misplaced(position: Point | None, authority: Card) -> str:
    """What is wrong with a place, in a sentence; empty for a place inside the authority, and for none."""
    bounds = authority.bounds
    if position is None or bounds.holds(position):
        return ""
    turned = abs(position.lon) <= 90 and bounds.holds(Point(position.lon, position.lat))
    if turned:
        return Sentence(
            "The position lies outside the area of %(authority)s. Latitude and longitude look swapped.", authority=authority.name
        )
    return Sentence("The position lies outside the area of %(authority)s.", authority=authority.name)


def _check_place(new: NewReport, authority: Card) -> None:
    if not new.category.active:
        raise Invalid({"category": Sentence("This category takes no reports any more; choose another.")})
    sentence = misplaced(new.position, authority)
    if sentence:
        raise Invalid({"position": sentence})


def _draft(new: NewReport, *, authority: Card, by: Actor, at: datetime) -> Report:
    category, received_at = new.category, new.received_at or at
    first = db.session.execute(
        select(Status.id, Status.group)
        .where(Status.authority_id == authority.id, Status.group == Group.NEW)
        .order_by(Status.position)
        .limit(1)
    ).one()
    number = db.session.scalar(text("SELECT nextval(pg_get_serial_sequence('report', 'id'))"))
    assert number is not None
    where = routing.place(new.position, authority.id)
    due_at = deadlines.due(received_at, category.response_hours)
    return Report(
        id=number,
        authority_id=authority.id,
        reference=reference.of(number, prefix=authority.prefix, key=authority.reference_key),
        source=new.source,
        source_id=new.source_id,
        source_digest=new.source_digest,
        client_id=by.id if by.kind == "client" else None,
        channel=new.channel,
        locale=new.contact.locale,
        category_id=category.id,
        status_id=first.id,
        status_group=first.group,
        team_id=routing.team_for(category),
        area_id=where.area_id,
        locality=where.locality,
        visibility=category.visibility,
        position=new.position.wkt() if new.position else None,
        tile=tile(new.position) if new.position else None,
        address=new.address,
        description=new.description,
        cleared_description=clearing.clear(new.description),
        answers=new.answers,
        cleared_answers=_cleared(new.answers),
        received_at=received_at,
        due_at=due_at,
        at_risk_at=due_at and deadlines.at_risk_from(received_at, due_at),
        due_reason=str(deadlines.FROM_RECEIPT(hours=category.response_hours or 0)) if due_at else "",
        updated_at=at,
    )


def _cleared(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**answer, "values": [{**value, "name": clearing.clear(str(value["name"]))} for value in answer["values"]]}
        for answer in answers
    ]
