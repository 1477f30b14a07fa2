"""Residents: everything that could name one is sealed under a key of their own."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from authority_portal.foundation.db import Base, tenant


class Person(Base):
    """The reporter of one report, as they gave themselves. Erasing empties the values, and with `wrapped_key` copies of them.

    A backup from before holds that key too: whoever restores it erases them anew, from the journal of erasures.
    Two reports of one resident are two rows that share blind indexes: a report keeps its own words, language and channel.
    """

    __tablename__ = "person"
    __table_args__ = tenant(
        CheckConstraint("channel IN ('email', 'sms', 'phone', 'letter', 'none')", name="channel"),
        CheckConstraint("erased_because IN ('retention', 'request')", name="erased_because"),
        Index("ix_person_kept", "authority_id", "id", postgresql_where=text("erased_at IS NULL")),
        Index("ix_person_email_index", "authority_id", "email_index"),
        Index("ix_person_phone_index", "authority_id", "phone_index"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    email_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """Postal address, only for those who want letters."""
    device_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """Device and account ids that an app sent."""
    locale: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text, default="none")
    """The channel the resident wants to hear on."""
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    stopped_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    """When they unsubscribed from news about this report."""
    retention_told_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    """When they were told how long these details are kept; empty again when another mode may have moved the end."""
    erased_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    erased_because: Mapped[str | None] = mapped_column(Text)
    """`retention`: by a rule; `request`: because the resident asked."""
