"""Photos of a report: rows only, the files lie in storage."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from authority_portal.foundation.db import Base, tenant


class Photo(Base):
    """A photo: wanted, fetched or uploaded; what is stored was newly made from pixels."""

    __tablename__ = "photo"
    __table_args__ = tenant(
        ForeignKeyConstraint(["authority_id", "report_id"], ["report.authority_id", "report.id"]),
        UniqueConstraint("name"),
        UniqueConstraint("authority_id", "report_id", "sending"),
        CheckConstraint("state IN ('wanted', 'ready', 'failed')", name="state"),
        Index("ix_photo_report", "authority_id", "report_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    report_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    source_url: Mapped[str | None] = mapped_column(Text)
    """Where a wanted photo is; emptied once it was fetched or given up."""
    name: Mapped[str | None] = mapped_column(Text)
    """Random name of the stored file, without folder."""
    width: Mapped[int | None]
    height: Mapped[int | None]
    size: Mapped[int | None]
    """Bytes."""
    cleared: Mapped[bool] = mapped_column(default=False)
    """Somebody looked and found nothing that names a person."""
    failure: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    """Who of the staff added it; None: the reporter."""
    added_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    sending: Mapped[UUID | None]
    """Names which file was sent from which form, so that a second click adds no second photo."""
