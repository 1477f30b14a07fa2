"""Keeping the map's rollup true: periodic work of the sweeper."""

import time
from datetime import datetime

from authority_portal.domain.reports import rollup
from authority_portal.foundation import clock
from authority_portal.foundation.db import bound, db, transaction

DEADLINES_EVERY = 20.0
"""Seconds between two looks for deadlines that passed: a mark may turn red that much late on the widest maps."""

_looked: dict[int, tuple[float, datetime]] = {}
"""When this process last looked, per authority. A new process looks at everything once."""


def refresh(authority_id: int) -> int:
    """Count the cells again that changed or in which a deadline passed; returns how many. May run twice.

    Commits without ringing the bell: nothing happened to a report, and the bell would wake the sweeper again.
    """
    with bound(authority_id):
        _mark_passed(authority_id)
        counted = rollup.recount(authority_id) if rollup.is_dirty(authority_id) else 0
        db.session.commit()
        return counted


def rebuild(authority_id: int) -> int:
    """Count everything anew; returns how many of the finest cells there are. May run twice."""
    with bound(authority_id), transaction():
        return rollup.rebuild(authority_id)


def _mark_passed(authority_id: int) -> None:
    looked, since = _looked.get(authority_id, (0.0, None))
    if since is not None and time.monotonic() - looked < DEADLINES_EVERY:
        return
    now = clock.now()
    rollup.mark_passed(authority_id, since=since)
    _looked[authority_id] = (time.monotonic(), now)
