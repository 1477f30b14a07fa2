"""What the world outside may know: the services on offer, and reports as far as they are public.

Nothing here reads the original words, a person, or a step that is still inside its undo window. What is masked is masked in
the statement, so that it never reaches this process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    Numeric,
    Subquery,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.authorities.models import Category, Question
from authority_portal.domain.reports import clearing
from authority_portal.domain.reports.models import Report, StatusChange
from authority_portal.domain.reports.workflow import Group
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import NotFound

EXACT_DECIMALS = 6
"""A category that rounds its points to fewer decimals gives no addresses away either: they would undo the rounding."""

LOOKED_BACK = timedelta(hours=2)
"""A step is inside its undo window for an hour at most (`config.py`, constraint on `authority.undo_seconds`), and every step
stamps the report's `updated_at`. So only reports touched lately can have a hidden step; twice the hour leaves room for clocks
that differ."""


@dataclass(frozen=True, slots=True)
class Service:
    """An active category as it is published. `asks`: it has questions."""

    code: str
    name: str
    description: str
    keywords: str
    group: str
    asks: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """Which reports somebody wants to see. Times are aware, both ends count. `references`, if any, override all the rest."""

    since: datetime
    until: datetime
    references: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    finished: bool | None = None
    """True: done only; False: unfinished only; None: both."""
    limit: int = 1_000
    offset: int = 0


@dataclass(frozen=True, slots=True)
class PublicReport:
    """A report as the asking side may see it. `lat` and `lon` in degrees; `updated_at` of the last public step."""

    reference: str
    service_code: str
    service_name: str
    group: Group
    outcome: str | None
    note: str
    description: str
    address: str
    lat: float | None
    lon: float | None
    received_at: datetime
    updated_at: datetime
    due_at: datetime | None
    """Only for the client that sent the report."""


def services(authority_id: int) -> list[Service]:
    """Every active category, by group and name."""
    asks = exists().where(Question.authority_id == Category.authority_id, Question.category_id == Category.id)
    query = (
        select(Category.code, Category.name, Category.description, Category.keywords, Category.group, asks)
        .where(Category.authority_id == authority_id, Category.active)
        .order_by(Category.group, Category.name, Category.code)
    )
    return [Service(*row) for row in db.session.execute(query)]


def service(code: str, authority_id: int) -> tuple[Category, list[Question]]:
    """An active category and its questions in their order. Raises NotFound."""
    category = db.session.scalar(
        select(Category).where(Category.authority_id == authority_id, Category.code == code, Category.active)
    )
    if category is None:
        raise NotFound("There is no such service.")
    questions = db.session.scalars(
        select(Question)
        .where(Question.authority_id == authority_id, Question.category_id == category.id)
        .order_by(Question.position, Question.id)
    )
    return category, list(questions)


def reports(wish: Wish, *, authority_id: int, by: Actor | None) -> list[PublicReport]:
    """The reports somebody may see, newest first, in one statement. `by` is an API client, who also sees what it sent."""
    now = clock.now()
    page = _page(wish, authority_id, by, now)
    last = _last_public_step(page, now)
    due_at = case((page.c.own, page.c.due_at))
    query = (
        select(
            page.c.reference,
            Category.code,
            Category.name,
            page.c.public_group,
            page.c.public_outcome,
            last.c.note,
            Report.cleared_description,
            case((or_(page.c.own, Category.decimals >= EXACT_DECIMALS), Report.address), else_="").label("address"),
            _rounded(Report.lat, page.c.own),
            _rounded(Report.lon, page.c.own),
            page.c.received_at,
            func.coalesce(page.c.public_closed_at, last.c.changed_at, page.c.received_at),
            due_at,
            page.c.own,
        )
        .select_from(page)
        .join(Report, and_(Report.authority_id == authority_id, Report.id == page.c.id))
        .join(Category, and_(Category.authority_id == authority_id, Category.id == page.c.category_id))
        .join(last, true(), isouter=True)
        .order_by(page.c.received_at.desc(), page.c.id.desc())
    )
    return list(_read(db.session.execute(query).all()))


def _read(rows: Any) -> Iterator[PublicReport]:
    for reference, code, name, group, outcome, note, text, address, lat, lon, received_at, updated_at, due_at, own in rows:
        shown = address if own else clearing.clear(address)
        yield PublicReport(
            reference, code, name, Group(group), outcome, note or "", text, shown, lat, lon, received_at, updated_at, due_at
        )


def _page(wish: Wish, authority_id: int, by: Actor | None, now: datetime) -> Subquery:
    """The reports of one page with their public status. A hidden step tells itself what was true before it."""
    hidden = _first_hidden_step(authority_id, now)
    inside = hidden.c.id.is_not(None)
    before = hidden.c.before
    group = func.coalesce(before["status_group"].astext, Report.status_group)
    own = Report.client_id == by.id if by is not None and by.holds(Permission.CLIENT_READ_OWN) else false()

    def publicly(name: str, present: Any) -> ColumnElement[Any]:
        return case((inside, cast(before[name].astext, present.type)), else_=present)

    query = (
        select(
            Report.id,
            Report.reference,
            Report.category_id,
            Report.received_at,
            func.coalesce(own, literal(False)).label("own"),
            group.label("public_group"),
            publicly("outcome", Report.outcome).label("public_outcome"),
            publicly("closed_at", Report.closed_at).label("public_closed_at"),
            publicly("due_at", Report.due_at).label("due_at"),
        )
        .select_from(Report)
        .join(hidden, true(), isouter=True)
        .where(Report.authority_id == authority_id, or_(Report.visibility == "public", own), *_wanted(wish, authority_id, group))
        .order_by(Report.received_at.desc(), Report.id.desc())
        .limit(wish.limit)
        .offset(wish.offset)
    )
    return query.subquery("page")


def _wanted(wish: Wish, authority_id: int, group: ColumnElement[Any]) -> Iterator[ColumnElement[bool]]:
    if wish.references:
        yield Report.reference.in_(wish.references)
        return
    yield Report.received_at.between(wish.since, wish.until)
    if wish.services:
        codes = select(Category.id).where(Category.authority_id == authority_id, Category.code.in_(wish.services))
        yield Report.category_id.in_(codes)
    if wish.finished is not None:
        yield (group == Group.DONE) if wish.finished else (group != Group.DONE)


def _first_hidden_step(authority_id: int, now: datetime) -> FromClause:
    return (
        select(StatusChange.id, StatusChange.before)
        .where(
            Report.updated_at > literal(now - LOOKED_BACK, TIMESTAMP(timezone=True)),
            StatusChange.authority_id == authority_id,
            StatusChange.report_id == Report.id,
            StatusChange.undone_at.is_(None),
            StatusChange.public_at > now,
        )
        .order_by(StatusChange.id)
        .limit(1)
        .correlate(Report)
        .lateral("hidden")
    )


def _last_public_step(page: FromClause, now: datetime) -> FromClause:
    return (
        select(StatusChange.note, StatusChange.changed_at)
        .where(
            StatusChange.authority_id == Report.authority_id,
            StatusChange.report_id == page.c.id,
            StatusChange.undone_at.is_(None),
            StatusChange.public_at <= now,
        )
        .order_by(StatusChange.id.desc())
        .limit(1)
        .correlate(page, Report)
        .lateral("last_step")
    )


def _rounded(degrees: Any, own: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((own, degrees), else_=cast(func.round(cast(degrees, Numeric), Category.decimals), Float(53)))
