"""Reports that became overdue by the mere passing of time: their cells on the map are counted again."""

from datetime import datetime, timedelta

from sqlalchemy import select

from authority_portal.domain.reports import rollup
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.workflow import Group
from authority_portal.foundation import clock
from authority_portal.foundation.db import db

FIRST_LOOK_BACK = timedelta(days=7)
"""How far back a sweeper looks at first: longer than any pause in which nobody swept."""

_looked: dict[int, datetime] = {}


def mark(authority_id: int) -> int:
    """Mark the cells of what became overdue since this process looked last; returns how many reports. The caller commits."""
    at = clock.now()
    since = _looked.get(authority_id, at - FIRST_LOOK_BACK)
    tiles = db.session.scalars(
        select(Report.tile).where(
            Report.authority_id == authority_id,
            Report.status_group != Group.DONE,
            Report.due_at > since,
            Report.due_at <= at,
            Report.paused_at.is_(None),
            Report.tile.is_not(None),
        )
    ).all()
    rollup.mark_tiles((tile for tile in tiles if tile is not None), authority_id)
    _looked[authority_id] = at
    return len(tiles)
