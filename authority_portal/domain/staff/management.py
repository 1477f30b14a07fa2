"""What administrators change about others: roles, teams, and whether somebody may work here at present."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import delete, func, select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.roles import MAY_GIVE, STAFF_ROLES, Role
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities.models import Authority, Team
from authority_portal.domain.staff import commands, roster, sessions, standing
from authority_portal.domain.staff.models import Staff, StaffRole, StaffSuspension
from authority_portal.domain.staff.roster import Colleague
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Conflict, Denied, Invalid
from authority_portal.foundation.sentences import Sentence


def may_give(by: Actor) -> frozenset[Role]:
    """The roles this actor may give to others and take from them. The command line may give all."""
    if by.kind == "system":
        return frozenset(STAFF_ROLES)
    return frozenset().union(*(MAY_GIVE.get(role, frozenset()) for role in by.roles))


def check_may_manage(by: Actor) -> None:
    """Raises Denied."""
    if not by.holds(Permission.STAFF_MANAGE):
        raise Denied(Sentence("Only administrators change who works here and what they may do."))


def check_may_give(roles: Collection[Role], *, by: Actor) -> None:
    """Raises Denied for any role that is not this actor's to give or take."""
    foreign = sorted(set(roles) - may_give(by))
    if foreign:
        raise Denied(Sentence("This role is given and taken on the command line only: %(role)s.", role=foreign[0]))


def change(staff_id: UUID, *, roles: Iterable[Role], team_ids: Iterable[int], seen: str, by: Actor) -> Colleague:
    """Let a colleague have exactly these roles and teams here; returns them as they were. The caller commits.

    Other roles end the colleague's sessions here, so that no open page goes on with the former ones. Raises Denied for oneself
    and for roles that are not the actor's to give, Conflict when somebody changed the colleague since the form was `seen` or
    when no administrator would be left, Invalid without a role or with a team this authority does not have, NotFound.
    """
    colleague = _locked(staff_id, seen=seen, by=by)
    wanted, before = frozenset(roles), frozenset(colleague.roles)
    check_may_give(wanted ^ before, by=by)
    if not wanted:
        raise Invalid({"roles": Sentence("Choose at least one role. Who leaves is suspended instead.")})
    codes = _codes(frozenset(team_ids), by.authority_id)
    if wanted != before:
        commands.set_roles(staff_id, wanted, by=by)
        _check_somebody_administers(by.authority_id)
        sessions.end_here(staff_id, by.authority_id)
    if frozenset(team_ids) != frozenset(colleague.team_ids):
        commands.set_teams(staff_id, codes, by=by)
    return colleague


def suspend(staff_id: UUID, *, seen: str, by: Actor) -> Colleague:
    """Let a colleague not work here until further notice; sessions here end at once. The caller commits. Raises as `change`."""
    colleague = _locked(staff_id, seen=seen, by=by)
    check_may_give(colleague.roles, by=by)
    if colleague.suspended_at is None:
        db.session.add(StaffSuspension(staff_id=staff_id, authority_id=by.authority_id, suspended_at=clock.now()))
        db.session.flush()
        _check_somebody_administers(by.authority_id)
        ended = sessions.end_here(staff_id, by.authority_id)
        trail.append("staff:suspended", subject=f"staff:{staff_id}", by=by, sessions=ended)
    return colleague


def restore(staff_id: UUID, *, seen: str, by: Actor) -> Colleague:
    """Let a suspended colleague work here again, with the roles and teams of before. The caller commits. Raises as `change`."""
    colleague = _locked(staff_id, seen=seen, by=by)
    check_may_give(colleague.roles, by=by)
    if colleague.suspended_at is not None:
        db.session.execute(
            delete(StaffSuspension).where(StaffSuspension.staff_id == staff_id, StaffSuspension.authority_id == by.authority_id)
        )
        trail.append("staff:restored", subject=f"staff:{staff_id}", by=by)
    return colleague


def _locked(staff_id: UUID, *, seen: str, by: Actor) -> Colleague:
    """The colleague, while nobody else changes anybody of this authority. Two administrators cannot remove each other."""
    check_may_manage(by)
    in_turn(by.authority_id)
    colleague = roster.one(staff_id, by=by)
    if staff_id == by.id:
        raise Denied(Sentence("Nobody changes their own roles, teams or access. Ask another administrator."))
    if colleague.seen != seen:
        raise Conflict(Sentence("Somebody changed this person after you opened the page. Look again before you save."))
    return colleague


def in_turn(authority_id: int) -> None:
    """Whoever changes who works in an authority waits for one another until their transactions end, and for nobody else.

    Every new row of the authority holds its key, so a lock on that would stop reports from coming in, and wait for them.
    """
    db.session.execute(select(Authority.id).where(Authority.id == authority_id).with_for_update(key_share=True))


def _check_somebody_administers(authority_id: int) -> None:
    left = db.session.scalar(
        select(func.count())
        .select_from(StaffRole)
        .join(Staff, Staff.id == StaffRole.staff_id)
        .where(
            StaffRole.authority_id == authority_id,
            StaffRole.role == Role.ADMINISTRATOR,
            Staff.disabled_at.is_(None),
            standing.counts(),
        )
    )
    if not left:
        raise Conflict(Sentence("This is the last administrator: make somebody else one first."))


def _codes(team_ids: frozenset[int], authority_id: int) -> list[str]:
    rows = db.session.execute(select(Team.id, Team.code).where(Team.authority_id == authority_id, Team.id.in_(team_ids)))
    found = {row.id: row.code for row in rows}
    if set(found) != team_ids:
        raise Invalid({"teams": Sentence("Choose teams of this authority.")})
    return sorted(found.values())
