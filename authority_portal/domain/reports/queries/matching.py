"""Which reports belong to a view of the queue, as one condition: list, counts and map ask it alike, so none can tell more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Double, Numeric, and_, bindparam, cast, false, func, literal, not_, or_, true

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.scope import Reach
from authority_portal.domain.reports import standing
from authority_portal.domain.reports.deadlines import SlaState
from authority_portal.domain.reports.filters import ME, NOBODY, NONE, Queue, View
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.queries import sight
from authority_portal.domain.reports.queries.filter_choices import Choice, FilterChoices
from authority_portal.foundation.geo import Box, tile_ranges

COARSE_DECIMALS = 3
"""A thousandth of a degree: the 100 m grid of those who see no exact place."""
RANGES = 16
"""Tile ranges of a box condition. Always as many, so that every box is the same statement to the database."""


@dataclass(frozen=True, slots=True)
class Question:
    """A view, who asks for it, and by which clock and calendar."""

    view: View
    choices: FilterChoices
    by: Actor
    zone: str
    now: datetime


def condition(question: Question) -> ColumnElement[bool]:
    """The reports of the view that the actor may see."""
    view, by = question.view, question.by
    parts = [Report.authority_id == by.authority_id, sight.covered(Permission.REPORT_READ, by=by)]
    parts += _queue(view.queue, by, question.now)
    parts += _groups(view)
    parts += [_word(word, question.choices, by) for word in view.words]
    parts += _coded(view, question.choices, by)
    parts += _assignee(view, by)
    if view.sla:
        parts.append(or_(*(standing.is_(state, now=question.now) for state in view.sla)))
    parts += _days(view, question.zone)
    if view.box is not None:
        parts.append(in_box(view.box, by=by))
    return and_(*parts)


def in_tab(queue: Queue, *, by: Actor, now: datetime) -> ColumnElement[bool]:
    """What a tab adds to the view's other filters. It says nothing about who may see a report: `condition` does."""
    return and_(true(), *_queue(queue, by, now))


def in_box(box: Box, *, by: Actor) -> ColumnElement[bool]:
    """The reports in a box whose place the actor may know; for a coarse reader their grid points decide."""
    if by.reach(Permission.REPORT_READ_PLACE) is not None:
        return and_(
            sight.place(by=by),
            covering(box),
            Report.lat.between(box.south, box.north),
            Report.lon.between(box.west, box.east),
        )
    if not by.holds(Permission.REPORT_READ_PLACE_COARSE):
        return false()
    half = 0.5 * 10**-COARSE_DECIMALS
    wider = Box(
        max(-180.0, box.west - half), max(-90.0, box.south - half), min(180.0, box.east + half), min(90.0, box.north + half)
    )
    return and_(
        sight.covered(Permission.REPORT_READ_PLACE_COARSE, by=by),
        covering(wider),
        on_grid(Report.lat).between(box.south, box.north),
        on_grid(Report.lon).between(box.west, box.east),
    )


def covering(box: Box) -> ColumnElement[bool]:
    """The tiles of a box or a little more, in a form a plain index answers."""
    ranges = tile_ranges(box, most_cells=RANGES)
    ranges += [(-1, -1)] * (RANGES - len(ranges))
    return or_(*(Report.tile.between(low, high) for low, high in ranges))


def on_grid(column: Any) -> ColumnElement[float]:
    """A coordinate as a coarse reader may know it."""
    return cast(func.round(cast(column, Numeric), COARSE_DECIMALS), Double)


def placed(*, by: Actor) -> ColumnElement[bool]:
    """The reports that have a position this actor may know, be it coarse."""
    return and_(Report.tile.is_not(None), _place_known(by))


def _place_known(by: Actor) -> ColumnElement[bool]:
    return or_(sight.place(by=by), sight.covered(Permission.REPORT_READ_PLACE_COARSE, by=by))


def holder_known(by: Actor) -> ColumnElement[bool]:
    """Who holds it may be known; that one holds it oneself always is."""
    return or_(sight.covered(Permission.REPORT_READ_HOLDER, by=by), Report.assignee_id == by.id)


def _queue(queue: Queue, by: Actor, now: datetime) -> list[ColumnElement[bool]]:
    match queue:
        case Queue.MINE:
            return [Report.assignee_id == by.id]
        case Queue.UNASSIGNED:
            return _held_by_nobody(by)
        case Queue.TEAM:
            return [Report.team_id.in_(sorted(by.team_ids))]
        case Queue.OVERDUE:
            return [standing.is_(SlaState.OVERDUE, now=now)]
    return []


def _held_by_nobody(by: Actor) -> list[ColumnElement[bool]]:
    return [Report.assignee_id.is_(None), sight.covered(Permission.REPORT_READ_HOLDER, by=by)]


def _groups(view: View) -> list[ColumnElement[bool]]:
    if len(view.groups) == 4:
        return []
    if not view.unfinished_only:
        return [Report.status_group.in_(view.groups)]
    # The constant is what the indexes of unfinished reports ask for; the list narrows it further.
    return [standing.UNFINISHED] + ([Report.status_group.in_(view.groups)] if len(view.groups) < 3 else [])


def _coded(view: View, choices: FilterChoices, by: Actor) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    if view.categories:
        # Written as numbers: a plan for categories unknown to it goes through all finished reports of each.
        wanted = _ids(choices.categories, view.categories)
        parts.append(Report.category_id.in_(bindparam("categories", wanted, unique=True, expanding=True, literal_execute=True)))
    if view.team is not None:
        parts.append(_one_of(Report.team_id, choices.teams, view.team))
    if view.area is not None:
        # Where the place is masked its area is too: the filter would tell it.
        parts += [_one_of(Report.area_id, choices.areas, view.area), _place_known(by)]
    if view.channel is not None:
        parts.append(Report.channel == view.channel)
    return parts


def _one_of(column: Any, choices: Sequence[Choice], code: str) -> ColumnElement[bool]:
    known = _ids(choices, [code])
    found: ColumnElement[bool] = column.is_(None) if code == NONE and not known else column.in_(known)
    return found


def _days(view: View, zone: str) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    spans: tuple[tuple[Any, date | None, date | None], ...] = (
        (Report.received_at, view.received_from, view.received_to),
        (Report.first_response_at, view.responded_from, view.responded_to),
        (Report.closed_at, view.closed_from, view.closed_to),
    )
    for column, first, last in spans:
        if first is not None:
            parts.append(column >= _midnight(first, zone))
        if last is not None:
            parts.append(column < _end_of(last, zone))
    if view.closed_to is not None:
        # Nothing is closed before it came in: so much less of the index of received reports is read.
        parts.append(Report.received_at < _end_of(view.closed_to, zone))
    if view.open_on is not None:
        then = _end_of(view.open_on, zone)
        parts += [Report.received_at < then, or_(Report.closed_at.is_(None), Report.closed_at >= then)]
    return parts


def _ids(choices: Sequence[Choice], codes: Sequence[str]) -> list[int]:
    return [choice.id for choice in choices if choice.code in codes]


def _assignee(view: View, by: Actor) -> list[ColumnElement[bool]]:
    if view.assignee is None:
        return []
    if view.assignee == NOBODY:
        return _held_by_nobody(by)
    return [Report.assignee_id == (by.id if view.assignee == ME else view.assignee), holder_known(by)]


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone))


def _end_of(day: date, zone: str) -> datetime:
    return _midnight(day + timedelta(days=1), zone)


def _word(word: str, choices: FilterChoices, by: Actor) -> ColumnElement[bool]:
    """One word in the name of the category, which every reader of a report knows, or in the report itself."""
    named = [choice.id for choice in choices.categories if word.lower() in choice.name.lower()]
    written = _written(word, by)
    return or_(Report.category_id.in_(named), written) if named else written


def _written(word: str, by: Actor) -> ColumnElement[bool]:
    """One word, literally, in what the actor may read: reference, address where they see places, text as they see it.

    Each arm names one search column, so that its trigram index serves. Where the address is masked the column that holds it
    only preselects, and the fields that may be read decide.
    """
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = func.lower(literal(f"%{escaped}%"))
    full = and_(sight.covered(Permission.REPORT_READ_TEXT, by=by), Report.redacted_at.is_(None))
    cleared: ColumnElement[bool] = Report.search_cleared.like(pattern)
    if by.reach(Permission.REPORT_READ_PLACE) is not Reach.AUTHORITY:
        readable = or_(func.lower(Report.reference).like(pattern), func.lower(Report.cleared_description).like(pattern))
        cleared = and_(cleared, or_(sight.place(by=by), readable))
    if not by.holds(Permission.REPORT_READ_TEXT):
        return cleared
    return or_(and_(full, Report.search_original.like(pattern)), and_(not_(full.is_(True)), cleared))
