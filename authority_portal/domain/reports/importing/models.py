"""How far an import came."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from authority_portal.foundation.db import Base, tenant


class ImportRun(Base):
    """How far an import of one file came, so that it goes on after a kill."""

    __tablename__ = "import_run"
    __table_args__ = tenant(UniqueConstraint("authority_id", "source", "file_digest"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    source: Mapped[str] = mapped_column(Text)
    file_digest: Mapped[bytes] = mapped_column(LargeBinary)
    rows_done: Mapped[int] = mapped_column(default=0)
    tally: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    started_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    """The moment of loading: what the file dates after it has not happened."""
    finished_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
