"""Applying the retention rules once a day in each authority, in small steps between the sweeper's other work."""

import time
from uuid import UUID

from authority_portal.channels import wording
from authority_portal.domain.access.actor import system
from authority_portal.domain.authorities import card
from authority_portal.domain.rights import retention
from authority_portal.domain.rights.subjects import FIRST
from authority_portal.foundation.db import bound, db

STEP = 50
"""Residents in one transaction: fewer than on the command line, because the sweeper's other work waits meanwhile."""
LONGEST_STEP = 0.3
"""Seconds of one authority's step. A town's day is done in one; a first run over years takes many."""

_reached: dict[int, UUID] = {}
"""After whom this process goes on, per authority. A new process begins again and finds the rest."""


def go_on(authority_id: int) -> int:
    """Apply the rules to the next residents of an authority whose day is not done; returns how many were told or erased.

    Every batch is committed by itself, without ringing the bell: nothing happened to a report.
    """
    authority, changed, began = card.by_id(authority_id), 0, time.monotonic()
    with bound(authority_id):
        if not retention.is_due_today(authority):
            return 0
        after: UUID | None = _reached.get(authority_id, FIRST)
        while after is not None:
            done = retention.run_batch(
                authority=authority, spoken=wording.spoken(), by=system(authority_id), after=after, limit=STEP
            )
            after, changed = done.next_after, changed + done.told + done.erased
            if after is None:
                retention.done_for_today(authority)
            db.session.commit()
            if time.monotonic() - began > LONGEST_STEP:
                break
        if after is None:
            _reached.pop(authority_id, None)
        else:
            _reached[authority_id] = after
    return changed
