"""What an authority is made of: itself, its areas, teams, categories and their questions."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from geoalchemy2 import Geometry, WKBElement
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
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from authority_portal.domain.access.roles import SCOPES
from authority_portal.foundation.db import Base, installation, tenant


def _light(channel: int) -> str:
    """SQL: one of red, green and blue of the accent as light, 0 to 1 (WCAG 2.2, relative luminance)."""
    byte = f"cast(get_byte(decode(accent, 'hex'), {channel}) AS float8)"
    return f"CASE WHEN {byte} <= 10 THEN {byte} / 3294.6 ELSE power(({byte} / 255 + 0.055) / 1.055, 2.4) END"


# White text is written on the accent, in mails as well: 4.5 : 1. What is no colour has a constraint of its own.
_READABLE = (
    f"CASE WHEN accent ~ '^[0-9a-f]{{6}}$' THEN 0.2126 * {_light(0)} + 0.7152 * {_light(1)} + 0.0722 * {_light(2)} "
    "<= 1.05 / 4.5 - 0.05 END"
)


class Authority(Base):
    """One council. Its slug is the Open311 jurisdiction; its prefix begins every reference."""

    __tablename__ = "authority"
    __table_args__ = installation(
        UniqueConstraint("slug"),
        UniqueConstraint("prefix"),
        CheckConstraint("slug ~ '^[a-z][a-z0-9-]{1,40}$'", name="slug"),
        CheckConstraint("prefix ~ '^[A-Z]{2,4}$'", name="prefix"),
        CheckConstraint("accent ~ '^[0-9a-f]{6}$'", name="accent"),
        CheckConstraint(_READABLE, name="accent_readable"),
        CheckConstraint("undo_seconds BETWEEN 0 AND 3600", name="undo_seconds"),
        CheckConstraint("retention_mode IN ('unless_open', 'literal')", name="retention_mode"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    slug: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(Text)
    """IANA name of the time zone in which every time is shown."""
    locale: Mapped[str] = mapped_column(Text)
    """Language of pages and, unless a resident asked for another, of messages."""
    accent: Mapped[str] = mapped_column(Text, default="0b5a68")
    undo_seconds: Mapped[int | None]
    """Lowers the installation's undo window; None: the installation's."""
    reference_key: Mapped[bytes] = mapped_column(LargeBinary)
    """Key of the permutation that makes references (`reports/reference.py`). Never changes."""
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]
    """Bounds in degrees; reports outside are refused."""
    mail_from: Mapped[str | None] = mapped_column(Text)
    contact_text: Mapped[str] = mapped_column(Text, default="")
    """How residents reach the authority otherwise; printed below every message."""
    attribution: Mapped[str] = mapped_column(Text, default="")
    """Credit of the base map."""
    retention_mode: Mapped[str] = mapped_column(Text, default="unless_open", server_default="unless_open")
    """Whether a reporter's contact stays while the report is open, or goes as the notice literally says (`rights/rules.py`)."""
    retention_swept_on: Mapped[date | None]
    """The last day, in the authority's zone, for which the sweeper applied the retention rules to the end."""
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class Area(Base):
    """A named polygon of one layer (wards, neighbourhoods …)."""

    __tablename__ = "area"
    __table_args__ = tenant(
        UniqueConstraint("authority_id", "layer", "code"),
        Index("ix_area_shape", "shape", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    layer: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(default=0)
    shape: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), deferred=True)


class Team(Base):
    """Who holds reports when no single person does."""

    __tablename__ = "team"
    __table_args__ = tenant(UniqueConstraint("authority_id", "code"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text, default="")


class Category(Base):
    """What a report can be about. `code` is the opaque Open311 service code."""

    __tablename__ = "category"
    __table_args__ = tenant(
        UniqueConstraint("authority_id", "code"),
        ForeignKeyConstraint(["authority_id", "team_id"], ["team.authority_id", "team.id"]),
        CheckConstraint("visibility IN ('public', 'private')", name="visibility"),
        CheckConstraint("decimals BETWEEN 2 AND 6", name="decimals"),
        CheckConstraint("response_hours > 0", name="response_hours"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    group: Mapped[str] = mapped_column("group_name", Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")
    keywords: Mapped[str] = mapped_column(Text, default="")
    """Comma separated, as Open311 publishes them."""
    team_id: Mapped[int | None] = mapped_column(BigInteger)
    """Where a new report of this category goes."""
    visibility: Mapped[str] = mapped_column(Text, default="private")
    decimals: Mapped[int] = mapped_column(default=6)
    """To how many decimals of a degree a public point is rounded."""
    response_hours: Mapped[int | None]
    """Hours from receipt to the deadline; None: no deadline."""
    active: Mapped[bool] = mapped_column(default=True)


class Question(Base):
    """A typed question of a category, as Open311's service definition knows them."""

    __tablename__ = "question"
    __table_args__ = tenant(
        UniqueConstraint("authority_id", "category_id", "code"),
        ForeignKeyConstraint(["authority_id", "category_id"], ["category.authority_id", "category.id"]),
        CheckConstraint(
            "datatype IN ('string', 'number', 'datetime', 'text', 'singlevaluelist', 'multivaluelist')",
            name="datatype",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    category_id: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(Text)
    datatype: Mapped[str] = mapped_column(Text)
    prompt: Mapped[str] = mapped_column(Text)
    hint: Mapped[str] = mapped_column(Text, default="")
    required: Mapped[bool] = mapped_column(default=False)
    variable: Mapped[bool] = mapped_column(default=True)
    """False: a text to show, not a question to answer."""
    position: Mapped[int] = mapped_column(default=0)
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    """`[{"key": …, "name": …}]` for the two list types."""


class ApiClient(Base):
    """A program that sends reports. It stays the same client whatever key it has; `id` is who it acts as."""

    __tablename__ = "api_client"
    __table_args__ = installation(
        UniqueConstraint("authority_id", "name"),
        CheckConstraint("per_minute BETWEEN 1 AND 100000", name="per_minute"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    name: Mapped[str] = mapped_column(Text)
    per_minute: Mapped[int | None]
    """How many requests it may make in a minute, whatever its keys and addresses; None: the installation's."""
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class ApiKey(Base):
    """A key of an API client, one of several perhaps. Only the SHA-256 of the whole key is stored."""

    __tablename__ = "api_key"
    __table_args__ = installation(
        UniqueConstraint("digest"),
        CheckConstraint("cardinality(scopes) > 0", name="scopes"),
        Index("ix_api_key_client", "client_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("api_client.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=lambda: list(SCOPES), server_default="{client:submit,client:read_own,client:read_public}"
    )
    """Permissions of an API client (`access/roles.py`) that this key carries; others of its role it does not."""
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    """From then on it opens nothing: planned at its making, or set when another key took its place."""
    used_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    """When it was last used, to the hour: a use is written down once an hour at most."""
    revoked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
