"""People who work here: account, roles, teams, invitations, sessions, the throttle of attempts. All installation tables."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from authority_portal.foundation.db import Base, installation


class Staff(Base):
    """An account. E-mail addresses are stored in lower case."""

    __tablename__ = "staff"
    __table_args__ = installation(
        UniqueConstraint("email"),
        CheckConstraint("email = lower(email)", name="email"),
        CheckConstraint("theme IN ('system', 'light', 'dark')", name="theme"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    password_changed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    disabled_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    theme: Mapped[str] = mapped_column(Text, default="system")
    single_keys: Mapped[bool] = mapped_column(default=True)
    """Whether single-letter shortcuts work (WCAG 2.1.4)."""


class StaffRole(Base):
    """One role of one person in one authority."""

    __tablename__ = "staff_role"
    __table_args__ = installation(rights="SELECT, INSERT, DELETE")

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), primary_key=True)
    role: Mapped[str] = mapped_column(Text, primary_key=True)


class StaffSuspension(Base):
    """Somebody who may not work in one authority for the time being. Roles and teams stay for the day they come back."""

    __tablename__ = "staff_suspension"
    __table_args__ = installation(rights="SELECT, INSERT, DELETE")

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), primary_key=True)
    suspended_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class Invitation(Base):
    """An invitation to work in one authority, or to set a new password there (`roles` empty). Its link opens once.

    The link's token is HMAC(link key, id and `round`); only its digest is here. Sending it again makes the former link worthless.
    """

    __tablename__ = "invitation"
    __table_args__ = installation(
        UniqueConstraint("digest"),
        CheckConstraint("email = lower(email)", name="email"),
        Index(
            "uq_invitation_open",
            "authority_id",
            "email",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND withdrawn_at IS NULL"),
        ),
        rights="SELECT, INSERT, UPDATE, DELETE",
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    team_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list)
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    """Who invited; None: somebody on the command line."""
    round: Mapped[int] = mapped_column(default=0)
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    sent_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    failure: Mapped[str] = mapped_column(Text, default="")
    """Why it did not leave, in a few words without the address."""
    accepted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    withdrawn_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class TeamMember(Base):
    """One person's place in one team."""

    __tablename__ = "team_member"
    __table_args__ = installation(
        ForeignKeyConstraint(["authority_id", "team_id"], ["team.authority_id", "team.id"]),
        rights="SELECT, INSERT, DELETE",
    )

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    team_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class StaffSession(Base):
    """A signed-in browser. The cookie carries 256 random bits; only their digest is stored."""

    __tablename__ = "staff_session"
    __table_args__ = installation(
        Index("ix_staff_session_staff_id", "staff_id"),
        Index("ix_staff_session_ends_at", "ends_at"),
        rights="SELECT, INSERT, UPDATE, DELETE",
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    """In which of their authorities this session works."""
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """CSRF token and flashed messages; no personal data of residents."""
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    seen_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    """Absolute end; idle ends earlier."""
    browser: Mapped[str] = mapped_column(Text, default="")


class Throttle(Base):
    """How full one bucket of sign-in attempts is (account, known browser, network, everybody). Buckets are keyed digests."""

    __tablename__ = "throttle"
    __table_args__ = installation(Index("ix_throttle_ends_at", "ends_at"), rights="SELECT, INSERT, UPDATE, DELETE")

    bucket: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    level: Mapped[float]
    """Attempts that have not leaked away yet, as of `touched_at`."""
    touched_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    free_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    """No further attempt is let through before."""
    ends_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    """When the bucket is empty again and its row may go."""
