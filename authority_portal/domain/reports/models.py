"""The report and what happens to it. Data and every constraint the database can enforce; no policy, no cipher, no URL."""

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
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

from authority_portal.foundation.db import Base, tenant

OUTCOMES = "('fixed', 'not_fixed', 'not_ours', 'duplicate', 'withdrawn')"
GROUPS = "('new', 'open', 'waiting', 'done')"
OPEN_COUNTED = (
    "due_at",
    "at_risk_at",
    "paused_at",
    "team_id",
    "assignee_id",
    "category_id",
    "area_id",
    "status_group",
    "received_at",
    "tile",
)
_ONLY_WHEN_ASKED: dict[str, Any] = {"deferred": True, "deferred_raiseload": True}
"""Text that a role may not see is not selected with the rest; a query names it after asking what the actor may read."""


def _to(table: str, column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["authority_id", column], [f"{table}.authority_id", f"{table}.id"])


class Status(Base):
    """One status of one authority. Code looks at its group only."""

    __tablename__ = "status"
    __table_args__ = tenant(
        UniqueConstraint("authority_id", "code"),
        UniqueConstraint("authority_id", "id", "group_name"),
        CheckConstraint(f"group_name IN {GROUPS}", name="group_name"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    group: Mapped[str] = mapped_column("group_name", Text)
    position: Mapped[int] = mapped_column(default=0)


class StatusStep(Base):
    """One allowed step."""

    __tablename__ = "status_step"
    __table_args__ = tenant(
        UniqueConstraint("authority_id", "from_status_id", "to_status_id"),
        _to("status", "from_status_id"),
        _to("status", "to_status_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    from_status_id: Mapped[int] = mapped_column(BigInteger)
    to_status_id: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(default=0)
    needs_outcome: Mapped[bool] = mapped_column(default=False)
    needs_note: Mapped[bool] = mapped_column(default=False)


class Report(Base):
    """One citizen's report: its own reporter, words, language and channel.

    `description` and `answers` are as they came; `cleared_*` are what those may read who may not read the original, and what
    the public may read. Once somebody redacted (`redacted_at`), staff read the cleared text as well.
    """

    __tablename__ = "report"
    __table_args__ = tenant(
        UniqueConstraint("authority_id", "reference"),
        UniqueConstraint("authority_id", "source", "source_id"),
        _to("category", "category_id"),
        _to("team", "team_id"),
        _to("area", "area_id"),
        _to("person", "person_id"),
        _to("report", "lead_report_id"),
        ForeignKeyConstraint(
            ["authority_id", "status_id", "status_group"], ["status.authority_id", "status.id", "status.group_name"]
        ),
        CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        CheckConstraint("(status_group = 'done') = (outcome IS NOT NULL)", name="outcome_when_done"),
        CheckConstraint("(status_group = 'done') = (closed_at IS NOT NULL)", name="closed_when_done"),
        CheckConstraint("closed_at >= received_at", name="closed_after_received"),
        CheckConstraint("(position IS NULL) = (tile IS NULL)", name="tile_with_position"),
        CheckConstraint("visibility IN ('public', 'private')", name="visibility"),
        CheckConstraint("lead_report_id <> id", name="not_its_own_lead"),
        Index("ix_report_list", "authority_id", text("received_at DESC"), text("id DESC")),
        Index(
            "ix_report_open",
            "authority_id",
            text("received_at DESC"),
            text("id DESC"),
            postgresql_where=text("status_group <> 'done'"),
        ),
        Index(
            "ix_report_open_due",
            "authority_id",
            text("coalesce(due_at, 'infinity'::timestamptz)"),
            "id",
            # What the queue's tabs count by: counting then reads this index alone.
            postgresql_include=OPEN_COUNTED,
            postgresql_where=text("status_group <> 'done'"),
        ),
        Index("ix_report_status", "authority_id", "status_group", text("received_at DESC"), text("id DESC")),
        Index("ix_report_category", "authority_id", "category_id", text("received_at DESC"), text("id DESC")),
        Index("ix_report_team", "authority_id", "team_id", text("received_at DESC"), text("id DESC")),
        Index("ix_report_assignee", "authority_id", "assignee_id", postgresql_where=text("assignee_id IS NOT NULL")),
        Index("ix_report_tile", "authority_id", "tile"),
        Index("ix_report_open_tile", "authority_id", "tile", postgresql_where=text("status_group <> 'done'")),
        Index("ix_report_lead", "authority_id", "lead_report_id", postgresql_where=text("lead_report_id IS NOT NULL")),
        Index("ix_report_person", "authority_id", "person_id", postgresql_where=text("person_id IS NOT NULL")),
        Index(
            "ix_report_search",
            "search_original",
            postgresql_using="gin",
            postgresql_ops={"search_original": "gin_trgm_ops"},
        ),
        Index(
            "ix_report_search_cleared",
            "search_cleared",
            postgresql_using="gin",
            postgresql_ops={"search_cleared": "gin_trgm_ops"},
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    reference: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    """Which entrance: `import:<name>`, `open311:<client id>`, `staff`."""
    source_id: Mapped[str | None] = mapped_column(Text)
    """The sender's own id: makes an import or a POST repeatable."""
    source_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of what was sent under that id, to tell a repetition from a second report."""
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_client.id"))
    channel: Mapped[str] = mapped_column(Text)
    locale: Mapped[str | None] = mapped_column(Text)

    category_id: Mapped[int] = mapped_column(BigInteger)
    status_id: Mapped[int] = mapped_column(BigInteger)
    status_group: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    team_id: Mapped[int | None] = mapped_column(BigInteger)
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    area_id: Mapped[int | None] = mapped_column(BigInteger)
    lead_report_id: Mapped[int | None] = mapped_column(BigInteger)
    person_id: Mapped[UUID | None]
    visibility: Mapped[str] = mapped_column(Text)

    position: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    lat: Mapped[float | None] = mapped_column(Computed("ST_Y(position)", persisted=True))
    lon: Mapped[float | None] = mapped_column(Computed("ST_X(position)", persisted=True))
    tile: Mapped[int | None] = mapped_column(BigInteger)
    """Morton code of the position (`foundation/geo.py`)."""
    address: Mapped[str] = mapped_column(Text, default="")
    locality: Mapped[str] = mapped_column(Text, default="")
    """Neighbourhood, from polygons."""

    description: Mapped[str] = mapped_column(Text, default="", **_ONLY_WHEN_ASKED)
    cleared_description: Mapped[str] = mapped_column(Text, default="", **_ONLY_WHEN_ASKED)
    answers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, **_ONLY_WHEN_ASKED)
    """`[{"code", "prompt", "values": [{"key", "name"}]}]` in the order of the questions."""
    cleared_answers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, **_ONLY_WHEN_ASKED)
    redacted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    search_original: Mapped[str] = mapped_column(
        Text, Computed("lower(reference || ' ' || address || ' ' || description)", persisted=True), **_ONLY_WHEN_ASKED
    )
    search_cleared: Mapped[str] = mapped_column(
        Text, Computed("lower(reference || ' ' || address || ' ' || cleared_description)", persisted=True), **_ONLY_WHEN_ASKED
    )
    photos: Mapped[int] = mapped_column(default=0)
    """How many photos can be shown."""
    cleared_photos: Mapped[int] = mapped_column(default=0)

    received_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    first_response_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    due_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    at_risk_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    """From when the deadline counts as nearly missed (`deadlines.py`)."""
    due_reason: Mapped[str] = mapped_column(Text, default="")
    """Where the deadline comes from, in words."""
    paused_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    """Since when the clock stands still, while waiting."""
    assigned_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    """When it was last given to somebody: news to those only who may know the holder."""
    updated_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    """Of the last change that every reader of the report may see. Notes, photos and the person who holds it do not count."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts every change; a form sends back the one it saw."""

    @property
    def owner_id(self) -> UUID | None:
        """Whose own it is, for the reach OWN: the API client that sent it."""
        return self.client_id


class StatusChange(Base):
    """One step of a report. Outside surfaces see it from `public_at` on, and never once it is undone."""

    __tablename__ = "status_change"
    __table_args__ = tenant(
        _to("report", "report_id"),
        _to("status", "to_status_id"),
        _to("status", "from_status_id"),
        CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        Index("ix_status_change_report", "authority_id", "report_id", "id"),
        Index("ix_status_change_public", "authority_id", "public_at"),
        rights="SELECT, INSERT, UPDATE (undone_at, public_at)",
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    report_id: Mapped[int] = mapped_column(BigInteger)
    from_status_id: Mapped[int | None] = mapped_column(BigInteger)
    to_status_id: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    """Words the public reads."""
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    public_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    undone_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    before: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """What an undo restores: status, outcome, reason, times of the report before the step."""


class Assignment(Base):
    """Who got a report when, and from whom."""

    __tablename__ = "assignment"
    __table_args__ = tenant(
        _to("report", "report_id"),
        _to("team", "team_id"),
        Index("ix_assignment_report", "authority_id", "report_id", "id"),
        rights="SELECT, INSERT",
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    report_id: Mapped[int] = mapped_column(BigInteger)
    team_id: Mapped[int | None] = mapped_column(BigInteger)
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    by_staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    assigned_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class Note(Base):
    """An internal note: staff only, never sent, never public."""

    __tablename__ = "note"
    __table_args__ = tenant(
        _to("report", "report_id"),
        Index("ix_note_report", "authority_id", "report_id", "id"),
        UniqueConstraint("authority_id", "report_id", "sending"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    report_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    written_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    sending: Mapped[UUID | None]
    """Names what was sent from which form, so that a second click writes no second note."""
