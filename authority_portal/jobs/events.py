"""Acting upon events of the outbox: each once, in its stream's order, and again later if it did not work."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import aliased

from authority_portal.domain.audit import trail
from authority_portal.domain.notifications.retries import event_wait_after
from authority_portal.domain.reports.events import PhotoWanted, ReportReceived, StatusChanged
from authority_portal.domain.staff.events import InvitationMade
from authority_portal.foundation.db import bound, db, transaction
from authority_portal.foundation.outbox import ORIGIN, OutboxEvent
from authority_portal.jobs import ending, invitations, photos, plan

log = structlog.get_logger("events")

HANDLERS: dict[str, Callable[[int, dict[str, Any]], None]] = {
    ReportReceived.__name__: plan.tell_followers,
    StatusChanged.__name__: plan.tell_followers,
    PhotoWanted.__name__: photos.fetch,
    InvitationMade.__name__: invitations.send,
}
"""What follows from each kind of event. Called with the authority bound; may be called twice for one event."""

ERRANDS = frozenset({PhotoWanted.__name__, InvitationMade.__name__})
"""Kinds whose handler waits for strangers: it opens its own transactions, and has a queue and workers of its own."""

ERRAND_LEASE = timedelta(minutes=5)
"""An errand whose worker died is run again after this long."""


class UnknownKind(Exception):
    """An event that nobody handles: told by a newer version, or a handler is missing."""


def handle(event_ids: list[int]) -> None:
    """Act upon these events in order. One that fails waits and is tried again; the others go on."""
    for event_id in event_ids:
        if ending.asked.is_set():
            return
        handle_one(event_id)


def handle_one(event_id: int) -> None:
    """Act upon one event, bound to the authority of its row."""
    wanted = select(OutboxEvent.authority_id, OutboxEvent.kind, OutboxEvent.payload).where(OutboxEvent.id == event_id)
    row = db.session.execute(wanted).first()
    db.session.rollback()
    if row is None:
        return
    origin = row.payload.get(ORIGIN)
    trail.request_id.set(origin)
    with bound(row.authority_id), structlog.contextvars.bound_contextvars(**({ORIGIN: origin} if origin else {})):
        try:
            (_run_errand if row.kind in ERRANDS else _run)(event_id)
        except Exception as error:
            log.exception("event failed", event_id=event_id, kind=row.kind)
            _postpone(event_id, error)


def _run(event_id: int) -> None:
    """Handler and mark stand or fall together."""
    with transaction():
        event = _locked(event_id)
        if event is None:
            return
        if _must_wait(event):
            event.enqueued_at = None
            return
        _handler(event)(event.authority_id, event.payload)
        event.state, event.last_error = "done", None


def _run_errand(event_id: int) -> None:
    """Taken for a while, run without any transaction of ours, then marked."""
    with transaction():
        event = _locked(event_id)
        if event is None:
            return
        run, authority_id, payload = _handler(event), event.authority_id, dict(event.payload)
        event.due_at, event.enqueued_at = func.now() + ERRAND_LEASE, None  # type: ignore[assignment]  # the database's clock
    run(authority_id, payload)
    with transaction():
        db.session.execute(update(OutboxEvent).where(OutboxEvent.id == event_id).values(state="done", last_error=None))


def _locked(event_id: int) -> OutboxEvent | None:
    return db.session.scalar(
        select(OutboxEvent)
        .where(OutboxEvent.id == event_id, OutboxEvent.state == "pending", OutboxEvent.due_at <= func.now())
        .with_for_update(skip_locked=True)
    )


def _must_wait(event: OutboxEvent) -> bool:
    """An earlier event of the stream comes first, however long it takes: later news never overtakes.

    One that fails and fails holds back the news of its report alone, and `flask outbox status` names it until it works.
    """
    if event.stream is None:
        return False
    earlier = aliased(OutboxEvent)
    waiting = exists().where(
        earlier.authority_id == event.authority_id,
        earlier.stream == event.stream,
        earlier.id < event.id,
        earlier.state == "pending",
    )
    return bool(db.session.scalar(select(waiting)))


def _handler(event: OutboxEvent) -> Callable[[int, dict[str, Any]], None]:
    try:
        return HANDLERS[event.kind]
    except KeyError:
        raise UnknownKind(event.kind) from None


def _postpone(event_id: int, error: Exception) -> None:
    """The error's kind alone is kept: its text may name what it stumbled over."""
    with transaction():
        event = db.session.scalar(
            select(OutboxEvent).where(OutboxEvent.id == event_id, OutboxEvent.state == "pending").with_for_update()
        )
        if event is not None:
            event.attempts += 1
            event.due_at = func.now() + event_wait_after(event.attempts)  # type: ignore[assignment]  # the database's clock
            event.enqueued_at, event.last_error = None, type(error).__name__
