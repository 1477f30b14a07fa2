"""The map's rollup: how many reports lie in each cell. Marking cells as no longer true, and counting those again.

Unfinished reports are counted from level FINEST, finished ones from FINEST_DONE, both up to COARSEST; each coarser level is the
sum of the next finer one. Marking belongs to the transaction that changes a report; counting is the sweeper's work.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BigInteger, Integer, and_, delete, func, insert, literal, select, text

from authority_portal.domain.reports import standing
from authority_portal.domain.reports.deadlines import SlaState
from authority_portal.domain.reports.map_models import MapCell, MapDirt
from authority_portal.domain.reports.models import Report
from authority_portal.foundation import clock, geo
from authority_portal.foundation.db import db

FINEST = 17
"""Tile level of the smallest cells of unfinished reports."""
FINEST_DONE = 14
"""Tile level of the smallest cells of finished reports: there are many, and nobody looks for one of them on a map."""
COARSEST = 8
MOST_RECOUNTED = 20_000
"""Cells from which on counting everything anew is faster."""


def mark(report: Report) -> None:
    """Call after any change of a report's position, status, category or deadline, in the same transaction."""
    if report.tile is not None:
        db.session.add(MapDirt(authority_id=report.authority_id, tile=report.tile))


def mark_tiles(tiles: Iterable[int], authority_id: int) -> None:
    """The same for many reports at once: one mark for each of the smallest cells."""
    cells = {geo.cell(tile, FINEST): tile for tile in tiles}
    if cells:
        columns = ["authority_id", "tile"]
        every = func.unnest(list(cells.values()), type_=BigInteger)
        db.session.execute(insert(MapDirt).from_select(columns, select(literal(authority_id), every)))


def is_dirty(authority_id: int) -> bool:
    """Whether any cell waits to be counted again."""
    return db.session.scalar(select(MapDirt.id).where(MapDirt.authority_id == authority_id).limit(1)) is not None


def mark_passed(authority_id: int, *, since: datetime | None) -> int:
    """Mark the cells in which a deadline passed after they were counted; returns how many reports that were.

    `since` is when this was last asked; None looks at every report that is late now. The caller commits.
    """
    now = clock.now()
    cell = and_(
        MapCell.authority_id == Report.authority_id,
        MapCell.level == FINEST,
        MapCell.cell == Report.tile.op(">>")(literal(2 * (geo.LEVEL - FINEST), Integer)),
        MapCell.status_group == Report.status_group,
        MapCell.category_id == Report.category_id,
    )
    passed = (
        select(Report.authority_id, Report.tile)
        .join(MapCell, cell)
        .where(Report.authority_id == authority_id, standing.is_(SlaState.OVERDUE, now=now), MapCell.counted_at < Report.due_at)
    )
    if since is not None:
        # By the indexed expression, so that a quiet minute costs one look into the index.
        passed = passed.where(standing.due_or_never.between(since, now))
    marked = db.session.execute(insert(MapDirt).from_select(["authority_id", "tile"], passed).returning(MapDirt.id))
    return len(marked.all())


def recount(authority_id: int) -> int:
    """Count the marked cells again, level by level; returns how many of the finest cells were marked. The caller commits.

    A change that commits meanwhile keeps its own mark and is counted in the next round.
    """
    cleaned = delete(MapDirt).where(MapDirt.authority_id == authority_id).returning(MapDirt.tile)
    cells = {geo.cell(tile, FINEST) for tile in db.session.scalars(cleaned)}
    if len(cells) > MOST_RECOUNTED:
        return rebuild(authority_id)
    if cells:
        _count(authority_id, sorted(cells))
    return len(cells)


def rebuild(authority_id: int) -> int:
    """Count everything anew, after an import or to be sure; returns how many finest cells there are. The caller commits."""
    db.session.execute(delete(MapDirt).where(MapDirt.authority_id == authority_id))
    db.session.execute(delete(MapCell).where(MapCell.authority_id == authority_id))
    _count(authority_id, None)
    finest = select(func.count(MapCell.cell.distinct())).where(MapCell.authority_id == authority_id, MapCell.level == FINEST)
    return db.session.scalar(finest) or 0


def _count(authority_id: int, cells: list[int] | None) -> None:
    """Fill the levels from the finest up: the given finest cells and all above them, or everything if None."""
    values = {"authority": authority_id, "now": clock.now()}
    for level in range(FINEST, COARSEST - 1, -1):
        here = None if cells is None else sorted({cell >> 2 * (FINEST - level) for cell in cells})
        if here is not None:
            gone = delete(MapCell).where(
                MapCell.authority_id == authority_id, MapCell.level == level, MapCell.cell == func.any(here)
            )
            db.session.execute(gone)
        if level == FINEST:
            _run(_FROM_REPORTS, "report.status_group <> 'done'", level, here, values)
        else:
            _run(_FROM_FINER, "", level, here, values)
        if level == FINEST_DONE:
            _run(_FROM_REPORTS, "report.status_group = 'done'", level, here, values)


def _run(statement: str, which: str, level: int, cells: list[int] | None, values: dict[str, object]) -> None:
    finer = statement is _FROM_FINER
    bits = 2 if finer else 2 * (geo.LEVEL - level)
    wanted = "" if cells is None else _THESE.format(column="finer.cell" if finer else "report.tile")
    source = statement.format(these=wanted, which=which)
    given = {**values, "level": level, "bits": bits} | ({} if cells is None else {"cells": cells})
    db.session.execute(text(source), given)


# A range of codes for each wanted cell, so that the index on (authority_id, tile) or the key of the finer level serves.
_THESE = (
    "JOIN unnest(CAST(:cells AS bigint[])) AS wanted "
    "ON {column} BETWEEN wanted << CAST(:bits AS int) AND ((wanted + 1) << CAST(:bits AS int)) - 1"
)
_FROM_REPORTS = """
INSERT INTO map_cell (authority_id, level, cell, status_group, category_id, n, late, sum_lat, sum_lon, report_id, counted_at)
SELECT report.authority_id, :level, report.tile >> CAST(:bits AS int), report.status_group, report.category_id, count(*),
       count(*) FILTER (WHERE report.status_group <> 'done' AND report.paused_at IS NULL AND report.due_at <= :now),
       sum(report.lat), sum(report.lon), min(report.id), :now
FROM report {these}
WHERE report.authority_id = :authority AND {which} AND report.tile IS NOT NULL
GROUP BY 1, 3, 4, 5
"""
_FROM_FINER = """
INSERT INTO map_cell (authority_id, level, cell, status_group, category_id, n, late, sum_lat, sum_lon, report_id, counted_at)
SELECT finer.authority_id, :level, finer.cell >> CAST(:bits AS int), finer.status_group, finer.category_id, sum(finer.n),
       sum(finer.late), sum(finer.sum_lat), sum(finer.sum_lon), min(finer.report_id), :now
FROM map_cell AS finer {these}
WHERE finer.authority_id = :authority AND finer.level = :level + 1 {which}
GROUP BY 1, 3, 4, 5
"""
