"""The queue: one page of a view, how many its tabs hold, what is new in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, cast, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import TIMESTAMP

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.reports import deadlines, reference, standing
from authority_portal.domain.reports.deadlines import Deadline
from authority_portal.domain.reports.filters import Queue, Sort, View
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.queries import filter_choices, matching, sight
from authority_portal.domain.reports.queries.matching import Question
from authority_portal.domain.reports.queries.putting import put
from authority_portal.domain.reports.queries.report import SeenStatus
from authority_portal.domain.staff.models import Staff
from authority_portal.foundation.db import db

PAGE = 50
CAP = 1_000
"""Counting stops after this many: "1,000+"."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: behind (or, `back`, before) the row with this time and id; `start` is the number of its first row.

    `at` is the time as PostgreSQL reads it, `infinity` for a report without a deadline.
    """

    at: str
    id: int
    start: int
    back: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """One row of the list. What is masked is empty and never left the database."""

    reference: str
    status: SeenStatus
    deadline: Deadline
    category: str
    address: str
    locality: str
    area: str
    team: str
    holder: str
    holder_known: bool
    channel: str
    received_at: datetime
    photos: int
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a view. `start` counts from 1 and is only as true as the list was still between two pages."""

    lines: tuple[Line, ...]
    start: int
    before: Cursor | None
    after: Cursor | None


def page(question: Question, cursor: Cursor | None = None) -> Page:
    """The page of the view that `cursor` begins, or the first."""
    back = cursor is not None and cursor.back
    way = None if cursor is None else cursor.back
    rows: list[Any] = list(put(question, lambda asked: _page(asked, cursor), ("page", way), **_place(cursor)))
    if back and not rows:
        return page(question)  # what stood before has gone meanwhile
    question = _naming(question, rows)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if back:
        rows.reverse()
    start = _start(cursor, len(rows), more)
    return Page(
        lines=tuple(_line(row, question) for row in rows),
        start=start,
        before=_edge(rows, 0, start, back=True) if (more if back else cursor is not None) else None,
        after=_edge(rows, -1, start + len(rows)) if (back or more) else None,
    )


def _naming(question: Question, rows: Sequence[Any]) -> Question:
    """The question with the names of these rows: a status or category can be newer than the names that were kept."""
    wanted = {("status", row.status_id) for row in rows} | {("category", row.category_id) for row in rows}
    if wanted <= question.choices.names.keys():
        return question
    return replace(question, choices=filter_choices.anew(by=question.by))


def _page(question: Question, cursor: Cursor | None) -> Select[Any]:
    sort = question.view.sort
    moment: ColumnElement[Any] = standing.due_or_never if sort is Sort.DEADLINE else Report.received_at.expression
    forward = sort is Sort.DEADLINE  # earliest deadline first, but newest report first
    ascending = forward is not (cursor is not None and cursor.back)
    key = tuple_(moment, Report.id)
    query = select(*_columns(question.by), cast(moment, Text).label("moment")).where(matching.condition(question))
    if cursor is not None:
        at = cast(bindparam("cursor_at", type_=Text), TIMESTAMP(timezone=True))
        there = tuple_(at, bindparam("cursor_id", type_=Report.id.type))
        query = query.where(key > there if ascending else key < there)
    order = (moment, Report.id) if ascending else (moment.desc(), Report.id.desc())
    query = query.outerjoin(Staff, and_(Staff.id == Report.assignee_id, matching.holder_known(question.by)))
    return query.order_by(*order).limit(PAGE + 1)


def _place(cursor: Cursor | None) -> dict[str, Any]:
    return {} if cursor is None else {"cursor_at": cursor.at, "cursor_id": cursor.id}


def counts(question: Question) -> dict[Queue, int]:
    """How many reports each tab holds under the same filters, none counted beyond CAP + 1. One statement."""
    tabs = [queue for queue in Queue if queue in question.choices.known.queues]
    if question.view.unfinished_only:
        found = _in_one_pass(question, tabs)
    else:
        # Finished reports are too many to read all of them: each tab stops at its own cap.
        found = counts_of(question, [replace(question.view, queue=queue) for queue in tabs])
    return dict(zip(tabs, found, strict=True))


def _in_one_pass(question: Question, tabs: Sequence[Queue]) -> list[int]:
    """Each unfinished report read once for all tabs: a tab with few of them would have all read for itself alone."""

    def count(asked: Question) -> Select[Any]:
        numbers = [func.count().filter(matching.in_tab(tab, by=asked.by, now=asked.now)) for tab in tabs]
        columns: list[Any] = [func.least(number, CAP + 1).label(f"n{at}") for at, number in enumerate(numbers)]
        return select(*columns).where(matching.condition(asked))

    every = replace(question, view=replace(question.view, queue=Queue.ALL))
    return list(put(every, count, ("tabs", *tabs)).one())


def counts_of(question: Question, views: Sequence[View]) -> list[int]:
    """The same for any views, in their order."""

    def count(asked: Question) -> Select[Any]:
        numbers: list[Any] = [capped(matching.condition(replace(asked, view=view))) for view in views]
        return select(*(number.label(f"n{at}") for at, number in enumerate(numbers)))

    return list(put(question, count, ("counts", *views)).one())


def capped(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """A count as a subquery that stops at CAP + 1."""
    some = select(Report.id).where(condition).limit(CAP + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def news(question: Question, since: datetime) -> tuple[int, int]:
    """How many reports of the view came in after `since`, and how many others changed. One statement, capped.

    Only what this actor may see is a change, else the number would tell of it.
    """
    changed = or_(Report.updated_at > since, and_(Report.assigned_at > since, matching.holder_known(question.by)))
    touched = select(Report.received_at).where(matching.condition(question), changed).limit(CAP + 1).subquery()
    new = func.count().filter(touched.c.received_at > since)
    row = db.session.execute(select(new, func.count() - new)).one()
    return row[0], row[1]


def jump(text: str, *, by: Actor) -> str | None:
    """The reference of the one report that was typed into the search, if it is one this actor may see."""
    read = reference.read(text)
    if read is None:
        return None
    here = sight.covered(Permission.REPORT_READ, by=by)
    return db.session.scalar(
        select(Report.reference).where(Report.authority_id == by.authority_id, Report.reference == read, here)
    )


def _columns(by: Actor) -> list[ColumnElement[Any]]:
    exact, coarse = sight.place(by=by), sight.covered(Permission.REPORT_READ_PLACE_COARSE, by=by)
    photo = sight.covered(Permission.REPORT_READ_PHOTO, by=by)
    cleared_photo = sight.covered(Permission.REPORT_READ_PHOTO_CLEARED, by=by)
    known = matching.holder_known(by)
    plain = (
        *(Report.id, Report.reference, Report.status_id, Report.status_group, Report.outcome, Report.category_id),
        *(Report.team_id, Report.channel, Report.received_at, Report.due_at, Report.at_risk_at, Report.paused_at),
        Report.closed_at,
    )
    return [
        *(column.expression for column in plain),
        known.label("holder_known"),
        Staff.name.label("holder"),
        sight.shown((exact, Report.area_id), (coarse, Report.area_id)).label("area_id"),
        sight.shown((exact, Report.address)).label("address"),
        sight.shown((exact, Report.locality), (coarse, Report.locality)).label("locality"),
        sight.shown((exact, Report.lat), (coarse, matching.on_grid(Report.lat))).label("lat"),
        sight.shown((exact, Report.lon), (coarse, matching.on_grid(Report.lon))).label("lon"),
        sight.shown((photo, Report.photos), (cleared_photo, Report.cleared_photos)).label("photos"),
    ]


def _line(row: Any, question: Question) -> Line:
    choices = question.choices
    status = choices.names["status", row.status_id]
    return Line(
        reference=row.reference,
        status=SeenStatus(row.status_id, status, row.status_group, row.outcome),
        deadline=deadlines.seen(
            received_at=row.received_at,
            due_at=row.due_at,
            at_risk_at=row.at_risk_at,
            paused_at=row.paused_at,
            closed_at=row.closed_at,
            now=question.now,
        ),
        category=choices.names["category", row.category_id],
        address=row.address or "",
        locality=row.locality or "",
        area=choices.names.get(("area", row.area_id), ""),
        team=choices.names.get(("team", row.team_id), ""),
        holder=row.holder or "",
        holder_known=bool(row.holder_known),
        channel=row.channel,
        received_at=row.received_at,
        photos=row.photos or 0,
        lat=row.lat,
        lon=row.lon,
    )


def _start(cursor: Cursor | None, rows: int, more: bool) -> int:
    if cursor is None or (cursor.back and not more):
        return 1
    return max(1, cursor.start - rows) if cursor.back else cursor.start


def _edge(rows: list[Any], at: int, start: int, *, back: bool = False) -> Cursor | None:
    return Cursor(rows[at].moment, rows[at].id, start, back) if rows else None
