"""The figures: what each report adds to them, which of them wait to be counted again, and what was counted for the usual periods.

No personal data: days, lengths of time and codes of things. Everything here can be made again from the reports.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Identity, Index, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from authority_portal.foundation.db import Base, tenant


class Figure(Base):
    """What one report adds to the figures. Days are those of the authority's zone.

    A row points at its report by id alone: should a report go for good, what it added to past years stays.
    """

    __tablename__ = "figure"
    __table_args__ = tenant(
        Index("ix_figure_received", "authority_id", "received_on"),
        Index("ix_figure_responded", "authority_id", "responded_on"),
        Index("ix_figure_closed", "authority_id", "closed_on"),
        rights="SELECT, INSERT, UPDATE",
        numbered=False,
    )

    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), primary_key=True)
    report_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    received_on: Mapped[date] = mapped_column(Date)
    responded_on: Mapped[date | None] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
    response_seconds: Mapped[int | None]
    """From receipt to the first response, never below 0."""
    close_seconds: Mapped[int | None]
    """From receipt to the closing that holds."""
    due_met: Mapped[bool | None]
    """Whether it was closed by its deadline; None for unfinished reports and those without a deadline."""
    category_id: Mapped[int] = mapped_column(BigInteger)
    area_id: Mapped[int | None] = mapped_column(BigInteger)
    team_id: Mapped[int | None] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(Text)


class FigureDirt(Base):
    """Reports whose figure is no longer true. The database writes it itself, whoever changes a report."""

    __tablename__ = "figure_dirt"
    __table_args__ = tenant(Index("ix_figure_dirt_authority_id", "authority_id"), rights="SELECT, INSERT, DELETE")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    report_id: Mapped[int] = mapped_column(BigInteger)


class FigurePeriod(Base):
    """What was counted for one period, broken down by one dimension."""

    __tablename__ = "figure_period"
    __table_args__ = tenant(numbered=False)

    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), primary_key=True)
    first_day: Mapped[date] = mapped_column(Date, primary_key=True)
    last_day: Mapped[date] = mapped_column(Date, primary_key=True)
    dimension: Mapped[str] = mapped_column(Text, primary_key=True)
    lines: Mapped[list[Any]] = mapped_column(JSONB)
    """One list for each key, in the order of `counting.Line`."""
    counted_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    stale: Mapped[bool] = mapped_column(default=False)
    """Something in it changed since: to be counted again soon."""
