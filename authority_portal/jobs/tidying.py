"""Clearing away what is finished: events that were acted upon, records of plain deliveries, files that belong to no photo.

Each run is small and takes up where the last one ended, so that it never holds a lock for long. Running twice does no harm.
"""

from datetime import timedelta

import structlog
from sqlalchemy import CursorResult, TextClause, select, text

from authority_portal.config import settings
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import clock, storage
from authority_portal.foundation.db import bound, db, transaction
from authority_portal.jobs import each

BATCH = 1_000
"""Rows per transaction."""

MOST_BATCHES = 20
"""Batches per run: the rest waits for the next one, so that nothing else of the sweeper has to."""

SHARD_EVERY = timedelta(minutes=5)
"""One of the 256 folders of every authority is looked at each time: all of them within a day."""

GRACE = timedelta(days=1)
"""A file this young may belong to a photo whose transaction has not ended, or to a restore that is going on."""

# Each has a partial index of its own: where little is due, nothing else is walked over.
_EVENTS = text(
    """DELETE FROM outbox_event WHERE id IN (
        SELECT id FROM outbox_event WHERE state IN ('done', 'cancelled') AND created_at < :before
        ORDER BY created_at LIMIT :batch FOR UPDATE SKIP LOCKED)"""
)
# What failed, is unknown or may have arrived twice stays: there the report page has more to say than that it was sent.
_DELIVERIES = text(
    """DELETE FROM message_dispatch WHERE message_id IN (
        SELECT message_id FROM message_dispatch WHERE state = 'sent' AND ambiguous = 0 AND sent_at < :before
        ORDER BY sent_at LIMIT :batch FOR UPDATE SKIP LOCKED)"""
)

log = structlog.get_logger("tidying")


def finished_events() -> None:
    """Delete events that were acted upon or cancelled, and are older than KEEP_EVENTS_DAYS."""
    _in_batches(_EVENTS, settings().KEEP_EVENTS_DAYS)


def plain_deliveries() -> None:
    """Delete the records of messages that were sent without trouble more than KEEP_DELIVERIES_DAYS ago."""
    _in_batches(_DELIVERIES, settings().KEEP_DELIVERIES_DAYS)


def orphan_files() -> None:
    """Delete the files of one folder per authority that belong to no photo, and what half-written ones left."""
    shard = int(clock.now().timestamp() // SHARD_EVERY.total_seconds()) % 256

    def clear(authority: Card) -> None:
        removed = orphans_of(authority.id, shard)
        if removed:
            log.info("files without a photo removed", authority=authority.slug, files=removed)

    each.authority(clear)


def orphans_of(authority_id: int, shard: int) -> int:
    """Clear one folder (0 to 255) of one authority; returns how many photos had their files but no row."""
    before = clock.now() - GRACE
    storage.drop_drafts(authority_id, shard, before=before)
    there = storage.names(authority_id, shard, before=before)
    if not there:
        return 0
    with bound(authority_id), transaction():
        known = set(db.session.scalars(select(Photo.name).where(Photo.authority_id == authority_id, Photo.name.in_(there))))
    orphans = there - known
    for name in orphans:
        storage.remove(authority_id, name)
    return len(orphans)


def _in_batches(delete: TextClause, days: int) -> None:
    for _ in range(MOST_BATCHES):
        with transaction():
            done = db.session.execute(delete, {"before": clock.now() - timedelta(days=days), "batch": BATCH})
            assert isinstance(done, CursorResult)
        if done.rowcount < BATCH:
            return
