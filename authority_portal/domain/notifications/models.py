"""Messages to residents: the tenant's row says what, the installation's rows say when, how far, and by which link."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from authority_portal.foundation.db import Base, installation, tenant


class Message(Base):
    """One message to one person about one event. Its words are made when it is sent; the recipient stays sealed in `person`."""

    __tablename__ = "message"
    __table_args__ = tenant(
        UniqueConstraint("authority_id", "dedupe_key"),
        ForeignKeyConstraint(["authority_id", "report_id"], ["report.authority_id", "report.id"]),
        ForeignKeyConstraint(["authority_id", "change_id"], ["status_change.authority_id", "status_change.id"]),
        ForeignKeyConstraint(["authority_id", "person_id"], ["person.authority_id", "person.id"]),
        Index("ix_message_report", "authority_id", "report_id", "id"),
        Index("ix_message_person", "authority_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    report_id: Mapped[int] = mapped_column(BigInteger)
    change_id: Mapped[int | None] = mapped_column(BigInteger)
    person_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(Text)
    """Which wording: folder below `templates/messages/`."""
    locale: Mapped[str] = mapped_column(Text)
    dedupe_key: Mapped[str] = mapped_column(Text)
    """`event:change:person:channel`: the same news is never planned twice."""
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class MessageDispatch(Base):
    """How far a message came: `pending → sending → sent | failed | unknown`, or `cancelled`. No personal data.

    `token` fences: a worker that lost its lease can no longer write. `handed_at` is set between the server's go-ahead and the
    last byte; if the process dies after it, nobody knows, and `ambiguous` counts the message's resends.
    """

    __tablename__ = "message_dispatch"
    __table_args__ = installation(
        CheckConstraint("state IN ('pending', 'sending', 'sent', 'failed', 'unknown', 'cancelled')", name="state"),
        Index("ix_message_dispatch_due", "next_attempt_at", postgresql_where=text("state IN ('pending', 'sending')")),
        Index("ix_message_dispatch_batch_id", "batch_id", postgresql_where=text("state IN ('pending', 'sending')")),
        Index("ix_message_dispatch_stream", "stream", "message_id", postgresql_where=text("state IN ('pending', 'sending')")),
        Index("ix_message_dispatch_ended_badly", "next_attempt_at", postgresql_where=text("state IN ('failed', 'unknown')")),
        Index("ix_message_dispatch_plain", "sent_at", postgresql_where=text("state = 'sent' AND ambiguous = 0")),
        rights="SELECT, INSERT, UPDATE, DELETE",
    )

    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    channel: Mapped[str] = mapped_column(Text)
    stream: Mapped[int] = mapped_column(BigInteger)
    """Hash of report and person: messages of one stream leave in order."""
    state: Mapped[str] = mapped_column(Text, default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was claimed, also by workers that died with it."""
    refusals: Mapped[int] = mapped_column(default=0)
    """How often it was refused for now: decides how long it waits."""
    ambiguous: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    enqueued_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    batch_id: Mapped[int | None] = mapped_column(BigInteger)
    lease_until: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    token: Mapped[UUID | None]
    handed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    sent_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    failure: Mapped[str] = mapped_column(Text, default="")
    """Cause in a few words, without address or content."""


class LinkToken(Base):
    """A resident's secret link to one report. The token itself is HMAC(link key, message); only its digest is here."""

    __tablename__ = "link_token"
    __table_args__ = installation(
        Index("ix_link_token_report", "authority_id", "report_id"), rights="SELECT, INSERT, UPDATE, DELETE"
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    report_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    purpose: Mapped[str] = mapped_column(Text)
    """`follow` or `unsubscribe`: a token opens only its own door."""
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
