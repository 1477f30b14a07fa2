"""What the world outside may know: the services on offer, and reports as far as they are public.

Nothing here reads the original words, a person, or a step that is still inside its undo window. What is masked is masked in
the statement, so that it never reaches this process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    FromClause,
    Numeric,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.authorities.models import Category, Question
from authority_portal.domain.reports import clearing
from authority_portal.domain.reports.models import Report, StatusChange
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.domain.reports.queries.outside import Sight, sight_of
from authority_portal.domain.reports.workflow import Group
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import NotFound
from authority_portal.foundation.sentences import Sentence

AUTHORITY, NOW = bindparam("authority", type_=BigInteger), bindparam("now", type_=TIMESTAMP(timezone=True))
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
    photo: str
    """Name of its first cleared photo; empty if it has none."""


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
        raise NotFound(Sentence("There is no such service."))
    questions = db.session.scalars(
        select(Question)
        .where(Question.authority_id == authority_id, Question.category_id == category.id)
        .order_by(Question.position, Question.id)
    )
    return category, list(questions)


def reports(wish: Wish, *, authority_id: int, by: Actor | None) -> list[PublicReport]:
    """The reports somebody may see, newest first, in one statement. `by` is an API client, who sees what its key carries.

    Raises Denied for a client whose key carries no reading at all.
    """
    now = clock.now()
    sight = sight_of(by)
    client_id = by.id if by is not None and sight.own else None
    values = {
        "authority": authority_id,
        "client": client_id,
        "now": now,
        "touched": now - LOOKED_BACK,
        "since": wish.since,
        "until": wish.until,
        "references": wish.references,
        "services": wish.services,
        "most": wish.limit,
        "skipped": wish.offset,
    }
    query = _statement(bool(wish.references), bool(wish.services), wish.finished, sight)
    return list(_read(db.session.execute(query, values).all()))


def _read(rows: Any) -> Iterator[PublicReport]:
    for reference, code, name, group, outcome, note, text, address, *place_and_times, own, photo in rows:
        shown = address if own else clearing.clear(address)
        lat, lon, received_at, updated_at, due_at = place_and_times
        yield PublicReport(
            reference=reference,
            service_code=code,
            service_name=name,
            group=Group(group),
            outcome=outcome,
            note=note or "",
            description=text,
            address=shown,
            lat=lat,
            lon=lon,
            received_at=received_at,
            updated_at=updated_at,
            due_at=due_at,
            photo=photo or "",
        )


@lru_cache(maxsize=36)
def _statement(by_reference: bool, by_service: bool, finished: bool | None, sight: Sight) -> Select[Any]:
    """The statement for one shape of wish. Built once: putting it together takes longer than a page of it takes to run."""
    page = _page(by_reference, by_service, finished, sight)
    last = _last_public_step(page)
    return (
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
            case((page.c.own, page.c.public_due_at)),
            page.c.own,
            _first_photo(),
        )
        .select_from(page)
        .join(Report, and_(Report.authority_id == AUTHORITY, Report.id == page.c.id))
        .join(Category, and_(Category.authority_id == AUTHORITY, Category.id == page.c.category_id))
        .join(last, true(), isouter=True)
        .order_by(page.c.received_at.desc(), page.c.id.desc())
    )


def _page(by_reference: bool, by_service: bool, finished: bool | None, sight: Sight) -> Subquery:
    """The reports of one page with their public status. A hidden step itself tells what was true before it."""
    hidden = _first_hidden_step()
    group = func.coalesce(hidden.c.before["status_group"].astext, Report.status_group)
    own = func.coalesce(Report.client_id == bindparam("client"), false()) if sight.own else false()

    def publicly(present: Any) -> ColumnElement[Any]:
        before = cast(hidden.c.before[present.key].astext, present.type)
        return case((hidden.c.id.is_not(None), before), else_=present).label(f"public_{present.key}")

    query = (
        select(
            Report.id,
            Report.reference,
            Report.category_id,
            Report.received_at,
            own.label("own"),
            group.label("public_group"),
            publicly(Report.outcome),
            publicly(Report.closed_at),
            publicly(Report.due_at),
            hidden.c.id.label("hidden_id"),
        )
        .select_from(Report)
        .join(hidden, true(), isouter=True)
        .where(Report.authority_id == AUTHORITY, or_(Report.visibility == "public", own) if sight.public else own)
        .order_by(Report.received_at.desc(), Report.id.desc())
        .limit(bindparam("most"))
        .offset(bindparam("skipped"))
    )
    if by_reference:
        return query.where(Report.reference.in_(bindparam("references", expanding=True))).subquery("page")
    query = query.where(Report.received_at.between(bindparam("since"), bindparam("until")))
    if by_service:
        codes = Category.code.in_(bindparam("services", expanding=True))
        query = query.where(Report.category_id.in_(select(Category.id).where(Category.authority_id == AUTHORITY, codes)))
    if finished is not None:
        query = query.where(group == Group.DONE if finished else group != Group.DONE)
    return query.subquery("page")


def _first_hidden_step() -> FromClause:
    return (
        select(StatusChange.id, StatusChange.before)
        .where(
            Report.updated_at > bindparam("touched"),
            StatusChange.authority_id == AUTHORITY,
            StatusChange.report_id == Report.id,
            StatusChange.undone_at.is_(None),
            StatusChange.public_at > NOW,
        )
        .order_by(StatusChange.id)
        .limit(1)
        .correlate(Report)
        .lateral("hidden")
    )


def _last_public_step(page: FromClause) -> FromClause:
    """The step that gives the public status: nothing after a hidden one, whatever its own time says."""
    return (
        select(StatusChange.note, StatusChange.changed_at)
        .where(
            StatusChange.authority_id == AUTHORITY,
            StatusChange.report_id == page.c.id,
            StatusChange.undone_at.is_(None),
            StatusChange.public_at <= NOW,
            or_(page.c.hidden_id.is_(None), StatusChange.id < page.c.hidden_id),
        )
        .order_by(StatusChange.id.desc())
        .limit(1)
        .correlate(page)
        .lateral("last_step")
    )


def _first_photo() -> ColumnElement[str | None]:
    """Reports without a cleared photo, nearly all, are not looked up in the table of photos."""
    first = (
        select(Photo.name)
        .where(Photo.authority_id == AUTHORITY, Photo.report_id == Report.id, Photo.state == "ready", Photo.cleared)
        .order_by(Photo.id)
        .limit(1)
        .correlate(Report)
        .scalar_subquery()
    )
    return case((Report.cleared_photos > 0, first))


def _rounded(degrees: Any, own: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((own, degrees), else_=cast(func.round(cast(degrees, Numeric), Category.decimals), Float(53)))
