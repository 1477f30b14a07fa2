"""Telling workers what is due. A row is marked as told in the transaction that commits only after Redis took the job."""

from sqlalchemy import text

from authority_portal.domain.notifications import messages
from authority_portal.foundation.db import db, transaction
from authority_portal.jobs import queues
from authority_portal.jobs.events import ERRANDS

EVENTS_PER_JOB = 50

_TAKE_EVENTS = text(
    """UPDATE outbox_event SET enqueued_at = now() WHERE id IN (
        SELECT id FROM outbox_event
        WHERE state = 'pending' AND due_at <= now() AND (enqueued_at IS NULL OR enqueued_at < now() - :stale)
        ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED)
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
