"""Signed-in browsers: begun, recognised, ended. The cookie's secret is never stored, only its digest."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, func, select, update

from authority_portal.domain.access.actor import Actor, member
from authority_portal.domain.access.roles import Role
from authority_portal.domain.staff import standing, throttle
from authority_portal.domain.staff.models import Staff, StaffRole, StaffSession, TeamMember
from authority_portal.foundation import clock, statements
from authority_portal.foundation.db import db

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
"""How often `seen_at` is written: often enough for IDLE, seldom enough to keep reads free of writes."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """A recognised session: who, in which authority, with which roles and teams. Read in one statement."""

    digest: bytes
    staff_id: UUID
    name: str
    email: str
    authority_id: int
    roles: frozenset[Role]
    team_ids: frozenset[int]
    theme: str
    single_keys: bool
    seen_at: datetime
    data: dict[str, Any] = field(default_factory=dict)

    def actor(self) -> Actor:
        return member(self.staff_id, self.authority_id, self.roles, team_ids=self.team_ids, name=self.name)


@dataclass(frozen=True, slots=True)
class Opened:
    """One signed-in browser of a person, as their account page lists it."""

    digest: bytes
    authority_id: int
    created_at: datetime
    seen_at: datetime
    browser: str


def begin(staff_id: UUID, authority_id: int, *, browser: str = "", notice: str = "") -> str:
    """Open a session; returns the cookie's secret (256 random bits). The caller commits.

    `notice` is shown once, on the session's first page.
    """
    secret, at = secrets.token_urlsafe(32), clock.now()
    db.session.add(
        StaffSession(
            digest=_digest(secret),
            staff_id=staff_id,
            authority_id=authority_id,
            created_at=at,
            seen_at=at,
            ends_at=at + ABSOLUTE,
            browser=browser[:200],
            data={"csrf_token": secrets.token_hex(20)} | ({"_flashes": [["message", notice]]} if notice else {}),
        )
    )
    return secret


def recognise(secret: str) -> Entrance | None:
    """Who this cookie belongs to; None if it is unknown, idle, over, or its owner is disabled or has no role here."""
    at = clock.now()
    row = statements.execute("recognise", _recognising, digest=_digest(secret), at=at, idle=at - IDLE).first()
    if row is None or not row.roles:
        return None
    return Entrance(
        digest=row.digest,
        staff_id=row.staff_id,
        name=row.name,
        email=row.email,
        authority_id=row.authority_id,
        roles=frozenset(Role(role) for role in row.roles),
        team_ids=frozenset(row.teams or ()),
        theme=row.theme,
        single_keys=row.single_keys,
        seen_at=row.seen_at,
        data=row.data,
    )


def _recognising() -> Select[Any]:
    roles = select(func.array_agg(StaffRole.role)).where(
        StaffRole.staff_id == StaffSession.staff_id, StaffRole.authority_id == StaffSession.authority_id, standing.counts()
    )
    teams = select(func.array_agg(TeamMember.team_id)).where(
        TeamMember.staff_id == StaffSession.staff_id, TeamMember.authority_id == StaffSession.authority_id
    )
    return (
        select(
            StaffSession.digest,
            StaffSession.staff_id,
            StaffSession.authority_id,
            StaffSession.seen_at,
            StaffSession.data,
            Staff.name,
            Staff.email,
            Staff.theme,
            Staff.single_keys,
            roles.scalar_subquery().label("roles"),
            teams.scalar_subquery().label("teams"),
        )
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(
            StaffSession.digest == bindparam("digest"),
            StaffSession.ends_at > bindparam("at"),
            StaffSession.seen_at > bindparam("idle"),
            Staff.disabled_at.is_(None),
        )
    )


def due(entrance: Entrance) -> bool:
    """Whether the idle end has to be pushed again: at most once a minute."""
    return clock.now() - entrance.seen_at >= SEEN_EVERY


def seen(entrance: Entrance) -> None:
    """Push the idle end. The caller commits."""
    db.session.execute(update(StaffSession).where(StaffSession.digest == entrance.digest).values(seen_at=clock.now()))


def end(digest: bytes) -> None:
    """End one session. The caller commits."""
    db.session.execute(delete(StaffSession).where(StaffSession.digest == digest))


def end_all(staff_id: UUID, *, but: bytes | None = None) -> int:
    """End every session of a person, but for one if given; returns how many. The caller commits."""
    query = delete(StaffSession).where(StaffSession.staff_id == staff_id)
    if but is not None:
        query = query.where(StaffSession.digest != but)
    return db.session.connection().execute(query).rowcount


def end_here(staff_id: UUID, authority_id: int) -> int:
    """End every session of a person in one authority; returns how many. Elsewhere they go on. The caller commits."""
    query = delete(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.authority_id == authority_id)
    return db.session.connection().execute(query).rowcount


def keep(digest: bytes, data: dict[str, Any]) -> None:
    """Store what the web keeps with a session: CSRF secret and flashed messages. The caller commits."""
    db.session.execute(update(StaffSession).where(StaffSession.digest == digest).values(data=data))


def open_ones(staff_id: UUID) -> Sequence[Opened]:
    """The open sessions of a person, the one last used first."""
    at = clock.now()
    rows = db.session.execute(
        select(
            StaffSession.digest, StaffSession.authority_id, StaffSession.created_at, StaffSession.seen_at, StaffSession.browser
        )
        .where(StaffSession.staff_id == staff_id, StaffSession.ends_at > at, StaffSession.seen_at > at - IDLE)
        .order_by(StaffSession.seen_at.desc())
    )
    return [Opened(*row) for row in rows]


def places(staff_id: UUID) -> list[int]:
    """The ids of the authorities in which a person has a role that counts, in order."""
    query = select(StaffRole.authority_id).where(StaffRole.staff_id == staff_id, standing.counts()).distinct()
    return sorted(db.session.scalars(query))


def sweep() -> int:
    """Let go of sessions that are over and of throttle buckets that ran empty; returns how many rows. The caller commits."""
    at = clock.now()
    over = delete(StaffSession).where((StaffSession.ends_at <= at) | (StaffSession.seen_at <= at - IDLE))
    return db.session.connection().execute(over).rowcount + throttle.sweep()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
