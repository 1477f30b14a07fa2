"""One line per act: unsealed when the act commits, sealed into the authority's chain by the sweeper."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from authority_portal.foundation.db import Base, tenant


class AuditLine(Base):
    """Who did what to which thing, when; names of fields, never values. `seq`, `prev_hash`, `hash` are empty until sealed."""

    __tablename__ = "audit_line"
    __table_args__ = tenant(
        Index("ix_audit_line_unsealed", "authority_id", "id", postgresql_where=text("hash IS NULL")),
        Index("ix_audit_line_subject", "authority_id", "subject", "id"),
        Index("uq_audit_line_seq", "authority_id", "seq", unique=True),
        rights="SELECT, INSERT, UPDATE (seq, prev_hash, hash)",
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    actor_id: Mapped[UUID]
    actor_kind: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    request_id: Mapped[str | None] = mapped_column(Text)
    seq: Mapped[int | None] = mapped_column(BigInteger)
    prev_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)
