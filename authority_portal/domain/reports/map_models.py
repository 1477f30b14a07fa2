"""The map's rollup: counted cells, and the cells whose count is no longer true."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from authority_portal.foundation.db import Base, tenant


class MapCell(Base):
    """The rollup: how many reports of a category and group lie in one cell of one level. No personal data.

    Levels are tile levels (map zoom + 2); unfinished reports to level 17, finished ones to level 14.
    """

    __tablename__ = "map_cell"
    __table_args__ = tenant(numbered=False)

    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    cell: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    status_group: Mapped[str] = mapped_column(Text, primary_key=True)
    category_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    n: Mapped[int]
    late: Mapped[int]
    """How many of them were overdue when the cell was counted."""
    sum_lat: Mapped[float]
    sum_lon: Mapped[float]
    report_id: Mapped[int] = mapped_column(BigInteger)
    """One of them; the one when n = 1."""
    counted_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    """When: deadlines that passed since are not in `late`."""


class MapDirt(Base):
    """Cells whose count is no longer true, written in the transaction that changed it."""

    __tablename__ = "map_dirt"
    __table_args__ = tenant(Index("ix_map_dirt_authority_id_tile", "authority_id", "tile"), rights="SELECT, INSERT, DELETE")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    tile: Mapped[int] = mapped_column(BigInteger)
