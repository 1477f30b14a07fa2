"""What the map draws: the view's reports counted in cells of 64 pixels, from the rollup where they are many, else live.

A cell with one report names it; a cell with several gives their number, how many are overdue, and the middle of them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from psycopg.errors import QueryCanceled
from sqlalchemy import ARRAY, BigInteger, ColumnElement, Integer, Select, and_, bindparam, func, literal_column, select, text
from sqlalchemy.exc import OperationalError

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.scope import Reach
from authority_portal.domain.reports import rollup, standing
from authority_portal.domain.reports.deadlines import SlaState
from authority_portal.domain.reports.map_models import MapCell
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.queries import matching, queue, sight
from authority_portal.domain.reports.queries.matching import Question
from authority_portal.domain.reports.queries.putting import put
from authority_portal.domain.reports.workflow import Group
from authority_portal.foundation import geo
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import PortalError
from authority_portal.foundation.geo import Box, Point
from authority_portal.foundation.sentences import Sentence

NEAREST = 20
"""Deepest zoom that is answered."""
FINER = 2
"""Tile levels below a zoom at which a cell is 64 pixels wide."""
MOST_CELLS = 4_096
"""Cells of one answer: a screen of 2560 × 1440 has 920. A larger box gets larger cells."""
ROLLUP_FROM = 1_000
"""Reports in the box from which on the rollup answers, in under a millisecond; counting 4,600 of them live takes sixteen.

Below, counting live is quick as well, and exact to the second.
"""
PATIENCE = "2s"


class TooWide(PortalError):
    """Counting took longer than a map may; a smaller area or fewer reports would do."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One mark. Degrees. `reference`, `state` and `group` are empty unless `n` is 1."""

    lat: float
    lon: float
    n: int
    late: int
    reference: str = ""
    state: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Points:
    """The marks of one screen; how many reports the view has (counted to CAP + 1), and how many of them have no position."""

    spots: tuple[Spot, ...]
    total: int
    unplaced: int

    @property
    def shown(self) -> int:
        """How many reports the marks stand for."""
        return sum(spot.n for spot in self.spots)


def points(question: Question, box: Box, zoom: int) -> Points:
    """The marks of the view in `box` (grown to whole cells, so that a mark does not change while the map moves).

    Raises TooWide when the database needs longer than PATIENCE.
    """
    level, around = frame(box, zoom)
    try:
        db.session.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'"))
        spots = _from_rollup(question, around, level) if _rollup_serves(question, level) else None
        if spots is None:
            exact = question.by.reach(Permission.REPORT_READ_PLACE) is not None
            spots = _exact(question, around, level) if exact else _coarse(question, around, level)
        total, unplaced = _totals(question)
    except OperationalError as error:
        db.session.rollback()
        if isinstance(error.orig, QueryCanceled):
            raise TooWide(Sentence("Too many reports to count at once: narrow the area or the filters.")) from error
        raise
    return Points(tuple(spots), total, unplaced)


def frame(box: Box, zoom: int) -> tuple[int, Box]:
    """The level of the cells and the box of whole cells around `box`, coarser where there would be too many."""
    level = max(0, min(zoom, NEAREST)) + FINER
    box = Box(box.west, max(box.south, -geo.MAX_LATITUDE), box.east, min(box.north, geo.MAX_LATITUDE)) if _mappable(box) else box
    while level > 0:
        left, top = geo.column_and_row(Point(box.north, box.west), level)
        right, bottom = geo.column_and_row(Point(box.south, box.east), level)
        if (right - left + 1) * (bottom - top + 1) <= MOST_CELLS:
            break
        level -= 1
    first = geo.cell_box(geo.cell(geo.tile(Point(box.north, box.west)), level), level)
    last = geo.cell_box(geo.cell(geo.tile(Point(box.south, box.east)), level), level)
    return level, Box(first.west, last.south, last.east, first.north)


def _mappable(box: Box) -> bool:
    return box.south < geo.MAX_LATITUDE and box.north > -geo.MAX_LATITUDE


def _exact(question: Question, around: Box, level: int) -> list[Spot]:
    def build(asked: Question) -> Select[Any]:
        cell = Report.tile.op(">>")(literal_column(str(2 * (geo.LEVEL - level))))
        late = standing.is_(SlaState.OVERDUE, now=asked.now)
        return (
            select(
                func.count().label("n"),
                func.count().filter(late).label("late"),
                func.avg(Report.lat).label("lat"),
                func.avg(Report.lon).label("lon"),
                func.min(Report.reference).label("reference"),
                func.min(standing.state(now=asked.now)).label("state"),
                func.min(Report.status_group).label("group"),
            )
            .where(matching.condition(asked), sight.place(by=asked.by), _within(around))
            .group_by(cell)
        )

    return [_spot(row) for row in put(question, build, ("map", level, around))]


def _coarse(question: Question, around: Box, level: int) -> list[Spot]:
    """For readers of a 100 m grid: counted by grid points, which alone are put into cells. So no cell's edge tells more."""
    lat, lon = matching.on_grid(Report.lat), matching.on_grid(Report.lon)
    late = standing.is_(SlaState.OVERDUE, now=question.now)
    query = (
        select(
            lat.label("lat"),
            lon.label("lon"),
            func.count().label("n"),
            func.count().filter(late).label("late"),
            func.min(Report.reference).label("reference"),
            func.min(standing.state(now=question.now)).label("state"),
            func.min(Report.status_group).label("group"),
        )
        .where(matching.condition(question), matching.in_box(around, by=question.by))
        .group_by(lat, lon)
    )
    cells: defaultdict[int, list[Spot]] = defaultdict(list)
    for row in db.session.execute(query):
        cells[geo.cell(geo.tile(Point(row.lat, row.lon)), level)].append(_spot(row))
    return [spots[0] if len(spots) == 1 else _together(spots) for spots in cells.values()]


def _together(spots: Iterable[Spot]) -> Spot:
    spots = tuple(spots)
    n = sum(spot.n for spot in spots)
    lat, lon = sum(spot.lat * spot.n for spot in spots) / n, sum(spot.lon * spot.n for spot in spots) / n
    return Spot(lat, lon, n, sum(spot.late for spot in spots))


def _spot(row: Any) -> Spot:
    if row.n > 1:
        return Spot(row.lat, row.lon, row.n, row.late)
    return Spot(row.lat, row.lon, 1, row.late, row.reference, row.state, row.group)


def _within(around: Box) -> ColumnElement[bool]:
    """The reports of whole cells. A cover of tiles may be larger than the box, so the edges are compared as well."""
    return and_(
        matching.covering(around),
        Report.lat.between(around.south, around.north),
        Report.lon.between(around.west, around.east),
    )


def _rollup_serves(question: Question, level: int) -> bool:
    by = question.by
    everything = (Permission.REPORT_READ, Permission.REPORT_READ_PLACE)
    if not question.view.is_plain or any(by.reach(permission) is not Reach.AUTHORITY for permission in everything):
        return False
    return level <= (rollup.FINEST if question.view.unfinished_only else rollup.FINEST_DONE)


def _from_rollup(question: Question, around: Box, level: int) -> list[Spot] | None:
    """The marks by the rollup, or None if there are so few reports that they are better counted live."""
    level = max(level, rollup.COARSEST)
    cells = geo.cells_of(_inner(around, level), level)
    rows = put(question, _counted, "rollup", level=level, cells=cells).all()
    if sum(row.n for row in rows) <= ROLLUP_FROM:
        return None
    return [_spot(row) for row in rows]


def _counted(question: Question) -> Select[Any]:
    view, choices = question.view, question.choices
    parts = [
        MapCell.authority_id == question.by.authority_id,
        MapCell.level == bindparam("level", type_=Integer),
        MapCell.cell == func.any(bindparam("cells", type_=ARRAY(BigInteger))),
    ]
    if len(view.groups) < len(Group):
        parts.append(MapCell.status_group.in_(view.groups))
    if view.categories:
        wanted = [choice.id for choice in choices.categories if choice.code in view.categories]
        parts.append(MapCell.category_id.in_(wanted))
    n = func.sum(MapCell.n)
    counted = (
        select(
            n.label("n"),
            func.sum(MapCell.late).label("late"),
            (func.sum(MapCell.sum_lat) / n).label("lat"),
            (func.sum(MapCell.sum_lon) / n).label("lon"),
            func.min(MapCell.report_id).label("report_id"),
        )
        .where(*parts)
        .group_by(MapCell.cell)
        .subquery()
    )
    alone = and_(counted.c.n == 1, Report.authority_id == question.by.authority_id, Report.id == counted.c.report_id)
    return select(
        counted,
        Report.reference,
        standing.state(now=question.now).label("state"),
        Report.status_group.label("group"),
    ).outerjoin(Report, alone)


def _inner(around: Box, level: int) -> Box:
    """The box of whole cells without the edges it shares with its neighbours."""
    sliver = 360.0 / (1 << level) / 1000
    return Box(around.west + sliver, around.south + sliver / 2, around.east - sliver, around.north - sliver / 2)


def _totals(question: Question) -> tuple[int, int]:
    def build(asked: Question) -> Select[Any]:
        condition = matching.condition(asked)
        lost = and_(condition, matching.placed(by=asked.by).is_not(True))
        columns: list[Any] = [queue.capped(condition).label("total"), queue.capped(lost).label("lost")]
        return select(*columns)

    row = put(replace(question, view=replace(question.view, box=None)), build, "totals").one()
    return row.total, row.lost
