"""What sweeper and workers do, step by step inside a test's own process."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from authority_portal.config import settings
from authority_portal.domain.notifications import messages
from authority_portal.domain.notifications.models import MessageDispatch
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.outbox import OutboxEvent
from authority_portal.jobs import deliver, events, queues
from tests.builders.smtp import Sink, a_sink


@contextmanager
def mail_goes_to_a_sink(monkeypatch: pytest.MonkeyPatch, **how: float) -> Iterator[Sink]:
    """A real SMTP server as the installation's."""
    with a_sink(**how) as sink:
        monkeypatch.setenv("PORTAL_SMTP_URL", sink.url)
        settings.cache_clear()
        try:
            yield sink
        finally:
            monkeypatch.undo()
            settings.cache_clear()


def plan_what_is_told() -> None:
    """Act upon every event that is due."""
    bind(None)
    ids = list(db.session.scalars(select(OutboxEvent.id).where(OutboxEvent.state == "pending").order_by(OutboxEvent.id)))
    db.session.rollback()
    events.handle(ids)


def due_batches() -> list[messages.Batch]:
    """What the sweeper would tell the workers now."""
    bind(None)
    with transaction():
        return messages.take_due(stale=queues.STALE)


def deliver_what_is_due() -> None:
    """Send every message that is due, as many rounds as there is something new."""
    while batches := due_batches():
        for batch in batches:
            deliver.deliver_due(batch.id)


def send_everything() -> None:
    """From events to mailboxes."""
    plan_what_is_told()
    deliver_what_is_due()


def let_pass(what: timedelta) -> None:
    """Shift every time of outbox and dispatch back, as if so much time had passed."""
    with transaction() as session:
        session.execute(
            text(
                """UPDATE message_dispatch SET next_attempt_at = next_attempt_at - :it, lease_until = lease_until - :it,
                enqueued_at = enqueued_at - :it, handed_at = handed_at - :it"""
            ),
            {"it": what},
        )
        session.execute(text("UPDATE outbox_event SET due_at = due_at - :it, enqueued_at = enqueued_at - :it"), {"it": what})


def dispatches() -> list[MessageDispatch]:
    """All dispatch rows as they are now, in order."""
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(MessageDispatch).order_by(MessageDispatch.message_id)))


def states() -> list[str]:
    """Their states."""
    return [row.state for row in dispatches()]
