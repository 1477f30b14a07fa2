"""Marking cells of the map's rollup as no longer true. Counting them again is the sweeper's work."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, func, insert, literal, select

from authority_portal.domain.reports.models import MapDirt, Report
from authority_portal.foundation import geo
from authority_portal.foundation.db import db

FINEST = 17
"""Tile level of the rollup's smallest cells."""


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
