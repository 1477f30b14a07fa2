"""Keeping the figures true: periodic work of the sweeper."""

import time

from authority_portal.domain.analytics import keeping
from authority_portal.domain.analytics.periods import Period
from authority_portal.domain.authorities import card
from authority_portal.domain.authorities.card import Card
from authority_portal.foundation.db import bound, db

SHARE = 200
"""A stale period waits this many times as long as counting it took: half a percent of a core for each that keeps changing."""
AT_LEAST = 2.0
"""Seconds a period that was counted stays as it is."""
PATIENCE = 0.5
"""Seconds of counting after which the sweeper goes on with its other work."""

_rests: dict[tuple[int, Period], float] = {}
"""Until when a period rests after it was counted, by this process's clock."""


def refresh(authority_id: int) -> int:
    """Take in what changed, and count the periods that need it and do not rest; returns how many were counted. May run twice.

    Commits without ringing the bell: nothing happened to a report, and the bell would wake the sweeper again.
    """
    with bound(authority_id):
        authority = card.by_id(authority_id)
        state = keeping.state(authority)
        if state.marked:
            more = keeping.take_in(authority) == keeping.AT_ONCE
        else:
            more = not state.begun and keeping.mark_missing(authority) > 0
        db.session.commit()
        if more:
            return 0  # a period is counted when nothing waits any more, so that no page shows half an import
        state = keeping.state(authority) if state.marked else state
        return _count(authority, (*state.missing, *state.stale))


def catch_up(authority_id: int) -> int:
    """Take in everything that waits and count every period that needs it, at once; returns how many reports. May run twice."""
    with bound(authority_id):
        authority = card.by_id(authority_id)
        taken = 0
        while piece := keeping.take_in(authority):
            taken += piece
            db.session.commit()
        state = keeping.state(authority)
        for period in (*state.missing, *state.stale):
            keeping.count(authority, period)
            db.session.commit()
        keeping.forget_old(authority)
        db.session.commit()
        return taken


def rebuild(authority_id: int) -> int:
    """Make all figures anew; returns of how many reports. May run twice."""
    with bound(authority_id):
        reports = keeping.rebuild(card.by_id(authority_id))
        db.session.commit()
        return reports


def _count(authority: Card, wanted: tuple[Period, ...]) -> int:
    began, counted = time.monotonic(), 0
    for rested in [key for key, until in _rests.items() if until <= began]:
        del _rests[rested]
    for period in wanted:
        now = time.monotonic()
        if now - began > PATIENCE:
            break
        if _rests.get((authority.id, period), 0.0) > now:
            continue
        keeping.count(authority, period)
        keeping.forget_old(authority)
        db.session.commit()
        _rests[authority.id, period] = now + max(AT_LEAST, SHARE * (time.monotonic() - now))
        counted += 1
    return counted
