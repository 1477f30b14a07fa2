"""Events that must not be lost: written in the transaction that makes them true, told later by the sweeper.

An event carries ids and plain values only, never personal data: its table belongs to the installation.
"""

from dataclasses import asdict
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from authority_portal.foundation import clock
from authority_portal.foundation.db import Base, db, installation

ORIGIN = "request_id"
"""Name of the request in the context of the logs and in an event's payload."""

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class OutboxEvent(Base):
    """One event on its way. `pending` until somebody planned what follows from it; `cancelled` when undone in time."""

    __tablename__ = "outbox_event"
    __table_args__ = installation(
        CheckConstraint("state IN ('pending', 'done', 'cancelled')", name="state"),
        Index("ix_outbox_event_due", "due_at", postgresql_where=text("state = 'pending'")),
        Index("ix_outbox_event_finished", "created_at", postgresql_where=text("state IN ('done', 'cancelled')")),
        Index("ix_outbox_event_authority_id_kind_subject", "authority_id", "kind", "subject"),
        Index("ix_outbox_event_stream", "authority_id", "stream", "id", postgresql_where=text("state = 'pending'")),
        rights="SELECT, INSERT, UPDATE, DELETE",
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text, default="")
    stream: Mapped[int | None] = mapped_column(BigInteger)
    """Events of one stream are acted upon in the order they were told."""
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, default="pending")
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    due_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    enqueued_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)


def tell(
    event: "DataclassInstance",
    *,
    authority_id: int,
    due_at: datetime | None = None,
    subject: str = "",
    stream: int | None = None,
) -> OutboxEvent:
    """Record `event` in the running transaction. It is acted upon at `due_at` (default: at once), never before the commit.

    `subject` (say `status_change:17`) lets an undo find what it takes back; events of one `stream` never overtake.
    """
    at = clock.now()
    row = OutboxEvent(
        authority_id=authority_id,
        kind=type(event).__name__,
        subject=subject,
        stream=stream,
        payload={name: _plain(value) for name, value in asdict(event).items()} | _origin(),
        created_at=at,
        due_at=due_at or at,
    )
    db.session.add(row)
    return row


def _origin() -> dict[str, str]:
    """The request that the event came from, so that one search of the logs finds what it set off later."""
    request_id = structlog.contextvars.get_contextvars().get(ORIGIN)
    return {ORIGIN: request_id} if isinstance(request_id, str) else {}


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"an event carries plain values only, not {type(value).__name__}")
