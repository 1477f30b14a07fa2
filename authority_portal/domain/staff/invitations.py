"""Inviting somebody to work in an authority: a link by e-mail that opens once, ends by itself, and lets them set a password.

Nothing an administrator sees tells whether an address has an account elsewhere, and they never learn or choose a password.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from authority_portal.config import settings
from authority_portal.domain.access.actor import Actor, member
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.roles import GRANTS, Role
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities.models import Team
from authority_portal.domain.staff import commands, management, roster, sessions, standing
from authority_portal.domain.staff.events import InvitationMade
from authority_portal.domain.staff.models import Invitation, Staff, StaffRole, TeamMember
from authority_portal.foundation import clock, outbox, tokens
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Conflict, Invalid, NotFound
from authority_portal.foundation.sentences import Sentence

VALID = timedelta(days=7)
"""How long a link opens after it was made."""
AGAIN_AFTER = timedelta(minutes=1)
"""Nobody's mailbox is filled by pressing a button."""
KEPT = timedelta(days=30)
"""How long it stays on record after it was used, withdrawn or over."""

_GONE = Sentence("There is no such invitation, or it has ended.")


@dataclass(frozen=True, slots=True)
class Found:
    """What a token opens. Without `roles` it is for a new password only. Whether the address has an account is not said."""

    authority_id: int
    email: str = field(repr=False)
    name: str
    roles: tuple[Role, ...]


def invite(*, email: str, name: str, roles: Iterable[Role], team_codes: Iterable[str] = (), by: Actor) -> Invitation:
    """Invite somebody to the actor's authority. The caller commits; the e-mail leaves afterwards.

    Raises Denied, and Invalid for an address or a name that cannot be, for no role, for roles that are not the actor's to give
    and for somebody who works here or is invited already.
    """
    management.check_may_manage(by)
    address, plain = commands.checked_address(email), commands.checked_name(name)
    wanted = sorted(set(roles))
    if not wanted:
        raise Invalid({"roles": Sentence("Choose at least one role.")})
    management.check_may_give(wanted, by=by)
    if db.session.scalar(select(Staff.id).where(Staff.email == address, roster.belongs(by.authority_id))) is not None:
        raise Invalid({"email": Sentence("works here already; their page has what can be changed")})
    return _make(address, plain, roles=wanted, team_ids=_team_ids(team_codes, by.authority_id), by=by)


def ask_for_password(staff_id: UUID, *, by: Actor) -> Invitation:
    """Send a colleague a link to set a new password, for instance because they forgot theirs. The caller commits.

    Raises Denied, also for a colleague with a role that is not the actor's to take, NotFound, and Conflict for an account that
    is closed or suspended.
    """
    management.check_may_manage(by)
    colleague = roster.one(staff_id, by=by)
    management.check_may_give(colleague.roles, by=by)
    if colleague.closed or colleague.suspended_at is not None:
        raise Conflict(Sentence("This person may not work here at present: let them work here again first."))
    return _make(colleague.email, colleague.name, roles=(), team_ids=(), by=by)


def send_again(invitation_id: int, *, by: Actor) -> Invitation:
    """Make a new link and send it; the former one is worthless from now on. The caller commits.

    Raises Denied, NotFound, and Conflict right after the last one.
    """
    row = _open_one(invitation_id, by=by)
    if clock.now() < _may_follow(row.ends_at):
        raise Conflict(Sentence("This invitation left a moment ago. Wait a minute before you send it again."))
    row.round += 1
    row.sent_at, row.failure = None, ""
    _give_link(row)
    trail.append("staff:invited_again", subject=f"invitation:{row.id}", by=by)
    return row


def withdraw(invitation_id: int, *, by: Actor) -> Invitation:
    """Take an invitation back: its link is worthless from now on. The caller commits. Raises Denied and NotFound."""
    row = _open_one(invitation_id, by=by)
    row.withdrawn_at = clock.now()
    trail.append("staff:invitation_withdrawn", subject=f"invitation:{row.id}", by=by)
    return row


def waiting(*, by: Actor) -> Sequence[Invitation]:
    """Invitations of the actor's authority that were neither used nor withdrawn, the newest first. Raises Denied."""
    management.check_may_manage(by)
    return db.session.scalars(select(Invitation).where(*_waiting(by.authority_id)).order_by(Invitation.id.desc())).all()


def one(invitation_id: int, *, by: Actor) -> Invitation:
    """One of those. Raises Denied and NotFound."""
    management.check_may_manage(by)
    row = db.session.scalar(select(Invitation).where(*_waiting(by.authority_id), Invitation.id == invitation_id))
    if row is None:
        raise NotFound(_GONE)
    return row


def token_of(row: Invitation) -> str:
    """The secret of its link, made anew from the key that made it."""
    possible = tokens.derived(f"invitation|{row.id}|{row.round}", keys=settings().LINK_KEYS)
    return next((token for token in possible if tokens.digest(token) == row.digest), possible[0])


def link_of(row: Invitation) -> str:
    """The whole address of its link. Never from a request: somebody could have named another host in it."""
    return f"{settings().BASE_URL}/invitation/{token_of(row)}"


def find(token: str) -> Found:
    """What a token opens. Needs no authority. Raises NotFound alike for whatever is wrong with it."""
    row = db.session.scalar(_by_token(token))
    if row is None:
        raise NotFound(_GONE)
    return Found(row.authority_id, row.email, row.name, tuple(Role(role) for role in row.roles))


def accept(token: str, password_hash: str) -> UUID:
    """Use a token, once: the account gets this password and the roles it was invited to; returns the account's id.

    Who had an account keeps it with its roles elsewhere and is signed out everywhere. Bound to the invitation's authority; the
    caller commits. Raises NotFound alike for every token that opens nothing any more.
    """
    row = db.session.scalar(_by_token(token).with_for_update())
    if row is None:
        raise NotFound(_GONE)
    at = clock.now()
    staff_id = _account(row)
    if not row.roles and not db.session.scalar(_works(staff_id, row.authority_id)):
        raise NotFound(_GONE)
    person = db.session.get_one(Staff, staff_id, with_for_update=True, populate_existing=True)
    if person.disabled_at is not None:
        raise NotFound(_GONE)
    person.password_hash, person.password_changed_at = password_hash, at
    row.accepted_at = at
    roles = [{"staff_id": staff_id, "authority_id": row.authority_id, "role": role} for role in row.roles]
    if roles:
        db.session.execute(insert(StaffRole).values(roles).on_conflict_do_nothing())
    teams = _still_there(row)
    if teams:
        db.session.execute(
            insert(TeamMember).values([values | {"staff_id": staff_id} for values in teams]).on_conflict_do_nothing()
        )
    acting = member(staff_id, row.authority_id, ())
    trail.append("staff:invitation_accepted", subject=f"staff:{staff_id}", by=acting, invitation=row.id, roles=list(row.roles))
    sessions.end_all(staff_id)
    return staff_id


def sweep() -> int:
    """Let go of invitations that ended long ago; returns how many. The caller commits."""
    ended = func.coalesce(Invitation.accepted_at, Invitation.withdrawn_at, Invitation.ends_at)
    return db.session.connection().execute(delete(Invitation).where(ended < clock.now() - KEPT)).rowcount


def _make(email: str, name: str, *, roles: Iterable[Role], team_ids: Iterable[int], by: Actor) -> Invitation:
    # One after the other, so that the same address is not invited twice in the same moment.
    management.in_turn(by.authority_id)
    former = db.session.scalar(select(Invitation).where(*_waiting(by.authority_id), Invitation.email == email).with_for_update())
    at = clock.now()
    if former is not None:
        if former.ends_at > at:
            raise Invalid({"email": Sentence("is invited already; send that invitation again, or withdraw it")})
        former.withdrawn_at = at
        db.session.flush()
    _check_pause(email, by.authority_id)
    row = Invitation(
        authority_id=by.authority_id,
        email=email,
        name=name,
        roles=[str(role) for role in roles],
        team_ids=list(team_ids),
        invited_by=by.id if by.kind == "staff" else None,
        round=1,
        made_at=at,
        ends_at=at + VALID,
    )
    db.session.add(row)
    db.session.flush()
    _give_link(row)
    trail.append("staff:invited", subject=f"invitation:{row.id}", by=by, roles=row.roles)
    return row


def _check_pause(email: str, authority_id: int) -> None:
    """Withdrawing the last invitation and making another one fills a mailbox as well as sending it again. Raises Invalid."""
    withdrawn = select(func.max(Invitation.ends_at)).where(
        Invitation.authority_id == authority_id,
        Invitation.email == email,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_not(None),
    )
    last = db.session.scalar(withdrawn)
    if last is not None and clock.now() < _may_follow(last):
        raise Invalid({"email": Sentence("was sent an invitation a moment ago. Wait a minute before you send another one.")})


def _may_follow(ends_at: datetime) -> datetime:
    """When the same address may be sent the next link after one that ends then."""
    return ends_at - VALID + AGAIN_AFTER


def _give_link(row: Invitation) -> None:
    row.ends_at = clock.now() + VALID
    row.digest = tokens.digest(tokens.derived(f"invitation|{row.id}|{row.round}", keys=settings().LINK_KEYS)[0])
    db.session.flush()
    outbox.tell(InvitationMade(row.id, row.round), authority_id=row.authority_id, subject=f"invitation:{row.id}")


def _waiting(authority_id: int) -> tuple[ColumnElement[bool], ...]:
    return Invitation.authority_id == authority_id, Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None)


def _open_one(invitation_id: int, *, by: Actor) -> Invitation:
    management.check_may_manage(by)
    row = db.session.scalar(
        select(Invitation).where(*_waiting(by.authority_id), Invitation.id == invitation_id).with_for_update()
    )
    if row is None:
        raise NotFound(_GONE)
    management.check_may_give([Role(role) for role in row.roles], by=by)
    return row


def _by_token(token: str) -> Any:
    """Still open, and of somebody who may still invite: who leaves takes back what they promised."""
    managing = [role for role, grants in GRANTS.items() if Permission.STAFF_MANAGE in grants]
    inviter = exists().where(
        Staff.id == Invitation.invited_by,
        Staff.disabled_at.is_(None),
        StaffRole.staff_id == Staff.id,
        StaffRole.authority_id == Invitation.authority_id,
        StaffRole.role.in_(managing),
        standing.counts(),
    )
    return select(Invitation).where(
        Invitation.digest == tokens.digest(token[:200]),
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.ends_at > clock.now(),
        or_(Invitation.invited_by.is_(None), inviter),
    )


def _works(staff_id: UUID, authority_id: int) -> Any:
    return select(exists().where(StaffRole.staff_id == staff_id, StaffRole.authority_id == authority_id, standing.counts()))


def _account(row: Invitation) -> UUID:
    """The account of the invited address, made now if there is none; two invitations at once make one."""
    values = {
        "id": uuid4(),
        "email": row.email,
        "name": row.name,
        "created_at": clock.now(),
        "theme": "system",
        "single_keys": True,
    }
    db.session.execute(insert(Staff).values(values).on_conflict_do_nothing(index_elements=["email"]))
    return db.session.execute(select(Staff.id).where(Staff.email == row.email)).scalar_one()


def _team_ids(codes: Iterable[str], authority_id: int) -> list[int]:
    wanted = set(codes)
    rows = db.session.execute(select(Team.id, Team.code).where(Team.authority_id == authority_id, Team.code.in_(wanted))).all()
    if {row.code for row in rows} != wanted:
        raise Invalid({"teams": Sentence("Choose teams of this authority.")})
    return sorted(row.id for row in rows)


def _still_there(row: Invitation) -> list[dict[str, Any]]:
    ids = db.session.scalars(select(Team.id).where(and_(Team.authority_id == row.authority_id, Team.id.in_(row.team_ids))))
    return [{"authority_id": row.authority_id, "team_id": team_id} for team_id in ids]
