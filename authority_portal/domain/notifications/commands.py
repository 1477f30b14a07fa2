"""Planning messages: what an event of the report room means to its followers, written down once."""

import hashlib
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from authority_portal.domain.authorities.card import Card
from authority_portal.domain.notifications import links
from authority_portal.domain.notifications.models import Message, MessageDispatch
from authority_portal.domain.notifications.planning import Follower, News, Planned, plan
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.models import Report, Status, StatusChange
from authority_portal.domain.reports.queries.closing import public_closings
from authority_portal.domain.reports.workflow import Group
from authority_portal.foundation import clock
from authority_portal.foundation.db import db


def announce(report_id: int, change_id: int, *, authority: Card, spoken: frozenset[str]) -> int:
    """Plan the messages that follow from one step of a report; returns how many are new. The caller commits.

    May run twice: the same news for the same person is planned once. A step that was undone is told to nobody.
    """
    news = _news(report_id, change_id, authority.id)
    report = db.session.execute(
        select(Report.person_id).where(Report.authority_id == authority.id, Report.id == report_id)
    ).first()
    if news is None or report is None:
        return 0
    closed_at = public_closings([report_id], authority.id).get(report_id)
    links.follow_closing(report_id, authority.id, closed_at=closed_at)
    planned = plan(
        news,
        _followers(authority.id, [report.person_id] if report.person_id else []),
        authority_locale=authority.locale,
        spoken=spoken,
    )
    return write_down([(one, report_id, change_id) for one in planned], authority_id=authority.id)


def stream_of(report_id: int, person_id: UUID) -> int:
    """The number shared by all messages to one person about one report: positive, 63 bits."""
    return int.from_bytes(hashlib.sha256(f"{report_id}|{person_id}".encode()).digest()[:8]) >> 1


def _news(report_id: int, change_id: int, authority_id: int) -> News | None:
    before, now = aliased(Status), aliased(Status)
    row = db.session.execute(
        select(StatusChange.undone_at, before.group.label("before"), now.group.label("now"))
        .join(now, (now.authority_id == StatusChange.authority_id) & (now.id == StatusChange.to_status_id))
        .join(
            before,
            (before.authority_id == StatusChange.authority_id) & (before.id == StatusChange.from_status_id),
            isouter=True,
        )
        .where(StatusChange.authority_id == authority_id, StatusChange.report_id == report_id, StatusChange.id == change_id)
    ).first()
    if row is None:
        return None
    return News(
        change_id=change_id,
        before=Group(row.before) if row.before else None,
        now=Group(row.now),
        undone=row.undone_at is not None,
    )


def _followers(authority_id: int, person_ids: list[UUID]) -> Iterable[Follower]:
    rows = db.session.execute(
        select(Person.id, Person.channel, Person.locale, Person.stopped_at, Person.erased_at).where(
            Person.authority_id == authority_id, Person.id.in_(person_ids)
        )
    )
    return [
        Follower(row.id, row.channel, row.locale, stopped=row.stopped_at is not None, erased=row.erased_at is not None)
        for row in rows
    ]


def write_down(wanted: Sequence[tuple[Planned, int, int]], *, authority_id: int) -> int:
    """Let planned messages leave as soon as somebody has time, each about a report and one of its steps; returns how many are
    new: what was planned before is not planned again. Two statements, however many there are. The caller commits.
    """
    if not wanted:
        return 0
    at = clock.now()
    messages = [
        {
            "authority_id": authority_id,
            "report_id": report_id,
            "change_id": change_id,
            "person_id": planned.person_id,
            "channel": planned.channel,
            "event": planned.wording,
            "locale": planned.locale,
            "dedupe_key": planned.dedupe_key,
            "details": dict(planned.details),
            "made_at": at,
        }
        for planned, report_id, change_id in wanted
    ]
    new = db.session.execute(
        insert(Message)
        .values(messages)
        .on_conflict_do_nothing(index_elements=["authority_id", "dedupe_key"])
        .returning(Message.id, Message.report_id, Message.person_id, Message.channel)
    ).all()
    dispatches = [
        {
            "message_id": row.id,
            "authority_id": authority_id,
            "channel": row.channel,
            "stream": stream_of(row.report_id, row.person_id),
            "state": "pending",
            "attempts": 0,
            "refusals": 0,
            "ambiguous": 0,
            "next_attempt_at": func.now(),  # whoever takes it asks the database what time it is
            "failure": "",
        }
        for row in new
    ]
    if dispatches:
        db.session.execute(insert(MessageDispatch).values(dispatches))
    return len(dispatches)
