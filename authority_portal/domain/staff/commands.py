"""Giving people an account, roles and teams, and taking them away."""

from collections.abc import Iterable
from uuid import UUID, uuid4

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.roles import STAFF_ROLES, Role
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities.models import Team
from authority_portal.domain.staff import sessions
from authority_portal.domain.staff.models import Staff, StaffRole, TeamMember
from authority_portal.foundation import clock, parsing, sentences
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Conflict, Invalid, NotFound
from authority_portal.foundation.sentences import Sentence


def add(
    *, email: str, name: str, roles: Iterable[Role], team_codes: Iterable[str] = (), password_hash: str | None, by: Actor
) -> UUID:
    """A new account with roles and teams in the bound authority; returns its id. The caller commits.

    `password_hash` None: nobody can sign in with a password. Raises Invalid, and Conflict if the address has an account.
    """
    address = checked_address(email)
    if db.session.scalar(select(Staff.id).where(Staff.email == address)) is not None:
        raise Conflict(
            Sentence("%(address)s has an account already; give it roles here with `flask staff roles`.", address=address)
        )
    at = clock.now()
    person = Staff(
        id=uuid4(),
        email=address,
        name=checked_name(name),
        password_hash=password_hash,
        password_changed_at=at if password_hash else None,
        created_at=at,
    )
    db.session.add(person)
    db.session.flush()
    trail.append("staff:added", subject=f"staff:{person.id}", by=by)
    set_roles(person.id, roles, by=by)
    set_teams(person.id, team_codes, by=by)
    return person.id


def set_roles(staff_id: UUID, roles: Iterable[Role], *, by: Actor) -> None:
    """Let somebody have exactly these roles in the bound authority; none takes them out of it. The caller commits."""
    wanted = sorted(set(roles))
    if not set(wanted) <= set(STAFF_ROLES):
        raise Invalid({"role": Sentence("must be one of %(choices)s", choices=", ".join(STAFF_ROLES))})
    db.session.execute(delete(StaffRole).where(StaffRole.staff_id == staff_id, StaffRole.authority_id == by.authority_id))
    db.session.add_all(StaffRole(staff_id=staff_id, authority_id=by.authority_id, role=role) for role in wanted)
    db.session.flush()
    trail.append("staff:roles", subject=f"staff:{staff_id}", by=by, roles=[str(role) for role in wanted])


def set_teams(staff_id: UUID, codes: Iterable[str], *, by: Actor) -> None:
    """Put somebody into exactly these teams of the bound authority. Raises Invalid for a team it does not have."""
    wanted = sorted(set(codes))
    teams = {
        team.code: team.id
        for team in db.session.execute(
            select(Team.code, Team.id).where(Team.authority_id == by.authority_id, Team.code.in_(wanted))
        )
    }
    missing = [code for code in wanted if code not in teams]
    if missing:
        raise Invalid({"team": Sentence("there is no team %(codes)s", codes=", ".join(missing))})
    db.session.execute(delete(TeamMember).where(TeamMember.staff_id == staff_id, TeamMember.authority_id == by.authority_id))
    db.session.add_all(TeamMember(staff_id=staff_id, authority_id=by.authority_id, team_id=team_id) for team_id in teams.values())
    db.session.flush()
    trail.append("staff:teams", subject=f"staff:{staff_id}", by=by, teams=wanted)


def disable(staff_id: UUID, *, by: Actor) -> int:
    """Close an account and end its sessions at once; returns how many ended. The caller commits."""
    person = db.session.get_one(Staff, staff_id)
    if person.disabled_at is None:
        person.disabled_at = clock.now()
        trail.append("staff:disabled", subject=f"staff:{staff_id}", by=by)
    return sessions.end_all(staff_id)


def id_of(email: str) -> UUID:
    """The id of the account with this address. Raises NotFound."""
    found = db.session.scalar(select(Staff.id).where(Staff.email == email.strip().lower()))
    if found is None:
        raise NotFound(Sentence("Nobody has an account with the address %(address)s.", address=email))
    return found


def checked_address(email: str) -> str:
    """One e-mail address in the form accounts are stored in. Raises Invalid."""
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise Invalid({"email": Sentence("must be one e-mail address such as name@example.org")}) from None


def checked_name(name: str) -> str:
    """A name in one line. Raises Invalid."""
    try:
        plain = parsing.words(name, most=200)
    except ValueError as error:
        raise Invalid({"name": sentences.of(error)}) from None
    if not plain:
        raise Invalid({"name": Sentence("is missing")})
    return plain
