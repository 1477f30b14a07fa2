"""Marking cells of the map's rollup as no longer true. Counting them again is the sweeper's work."""

from authority_portal.domain.reports.models import MapDirt, Report
from authority_portal.foundation.db import db


def mark(report: Report) -> None:
    """Call after any change of a report's position, status, category or deadline, in the same transaction."""
    if report.tile is not None:
        db.session.add(MapDirt(authority_id=report.authority_id, tile=report.tile))
