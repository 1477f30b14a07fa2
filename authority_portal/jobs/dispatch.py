"""Telling workers what is due. A row is marked as told in the transaction that commits only after Redis took the job."""

from sqlalchemy import text

from authority_portal.domain.notifications import messages
from authority_portal.foundation.db import db, transaction
from authority_portal.jobs import queues
from authority_portal.jobs.events import ERRANDS

EVENTS_PER_JOB = 50

# What waits behind an event that is not due again yet is left out: it cannot be acted upon, and would fill the places of others.
_TAKE_EVENTS = text(
    """UPDATE outbox_event SET enqueued_at = now() WHERE id IN (
        SELECT e.id FROM outbox_event AS e
        WHERE e.state = 'pending' AND e.due_at <= now() AND (e.enqueued_at IS NULL OR e.enqueued_at < now() - :stale)
          AND NOT EXISTS (
            SELECT FROM outbox_event AS earlier
            WHERE earlier.authority_id = e.authority_id AND earlier.stream = e.stream AND earlier.id < e.id
              AND earlier.state = 'pending' AND earlier.due_at > now())
        ORDER BY e.id LIMIT 1000 FOR UPDATE OF e SKIP LOCKED)
    RETURNING id, kind"""
)


def due_events() -> None:
    """Tell about events that are due and were not told lately, in order."""
    with transaction():
        rows = sorted(db.session.execute(_TAKE_EVENTS, {"stale": queues.STALE}).all())
        ours = [row.id for row in rows if row.kind not in ERRANDS]
        batches = [ours[start : start + EVENTS_PER_JOB] for start in range(0, len(ours), EVENTS_PER_JOB)]
        queues.put(queues.MESSAGES, "handle", batches)
        queues.put(queues.ERRANDS, "handle", [[row.id] for row in rows if row.kind in ERRANDS])


def due_messages() -> None:
    """Tell about messages that are due and were not told lately."""
    with transaction():
        queues.put(queues.MESSAGES, "deliver", [batch.id for batch in messages.take_due(stale=queues.STALE)])
