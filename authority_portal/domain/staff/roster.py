"""Who works in an authority: names for those who may know them, addresses only for those who write to them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, exists, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.selectable import Select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities.models import Team
from authority_portal.domain.staff.models import Staff, StaffRole, StaffSuspension, TeamMember
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Denied, NotFound
from authority_portal.foundation.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Colleague:
    """One member of staff, as one authority knows them. `email` is empty for those who may not know it.

    `closed`: the whole account is closed, which only the command line does and undoes.
    """

    id: UUID
    name: str
    email: str
    roles: tuple[Role, ...]
    teams: tuple[str, ...]
    team_ids: tuple[int, ...]
    suspended_at: datetime | None
    closed: bool

    @property
    def seen(self) -> str:
        """What a form of this state sends back, to notice that somebody else changed it meanwhile."""
        return fingerprint(self.roles, self.team_ids, suspended=self.suspended_at is not None)


def fingerprint(roles: Sequence[str], team_ids: Sequence[int], *, suspended: bool) -> str:
    """The same for the same roles, teams and suspension: says whether they changed, and nothing else."""
    text = f"{sorted(roles)}|{sorted(team_ids)}|{suspended}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def everybody(*, by: Actor) -> list[Colleague]:
    """Everybody who has a role in the actor's authority, by name. One statement. Raises Denied."""
    return [_colleague(row) for row in db.session.execute(_query(by).order_by(func.lower(Staff.name), Staff.id))]


def one(staff_id: UUID, *, by: Actor) -> Colleague:
    """One of them. Raises NotFound alike for nobody and for somebody of another authority, and Denied."""
    row = db.session.execute(_query(by).where(Staff.id == staff_id)).one_or_none()
    if row is None:
        raise NotFound(Sentence("Nobody of this authority has that account."))
    return _colleague(row)


def belongs(authority_id: int) -> ColumnElement[bool]:
    """Condition on `Staff`: they have a role in this authority, whether it counts at present or not."""
    return exists().where(StaffRole.staff_id == Staff.id, StaffRole.authority_id == authority_id)


def _query(by: Actor) -> Select[*tuple[Any, ...]]:
    if not by.holds(Permission.STAFF_READ):
        raise Denied(Sentence("Only those who lead or look after an authority see who works there."))
    roles = select(func.array_agg(StaffRole.role)).where(
        StaffRole.staff_id == Staff.id, StaffRole.authority_id == by.authority_id
    )
    member = and_(TeamMember.staff_id == Staff.id, TeamMember.authority_id == by.authority_id)
    named = select(func.array_agg(aggregate_order_by(Team.name, Team.name, Team.id))).join(
        TeamMember, and_(TeamMember.authority_id == Team.authority_id, TeamMember.team_id == Team.id)
    )
    suspended = select(StaffSuspension.suspended_at).where(
        StaffSuspension.staff_id == Staff.id, StaffSuspension.authority_id == by.authority_id
    )
    return select(
        Staff.id,
        Staff.name,
        (Staff.email if by.holds(Permission.STAFF_MANAGE) else literal("")).label("email"),
        roles.scalar_subquery().label("roles"),
        named.where(member).scalar_subquery().label("teams"),
        select(func.array_agg(TeamMember.team_id)).where(member).scalar_subquery().label("team_ids"),
        suspended.scalar_subquery().label("suspended_at"),
        Staff.disabled_at.is_not(None).label("closed"),
    ).where(belongs(by.authority_id))


def _colleague(row: Row[Any]) -> Colleague:
    roles = set(row.roles or ())
    return Colleague(
        row.id,
        row.name,
        row.email,
        tuple(role for role in Role if role in roles),
        tuple(row.teams or ()),
        tuple(sorted(row.team_ids or ())),
        row.suspended_at,
        row.closed,
    )
