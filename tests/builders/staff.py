"""The cast: one person per role, and browsers signed in as them."""

from collections.abc import Iterable
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient

from authority_portal.domain.access.actor import Actor, member
from authority_portal.domain.access.roles import Role
from authority_portal.domain.staff import sessions
from authority_portal.domain.staff.models import Staff, StaffRole, TeamMember
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, bound_authority, db, transaction
from authority_portal.web.guard import cookie_name
from tests.builders.authorities import Town


def a_member(town: Town, *roles: Role, teams: Iterable[str] = ()) -> Actor:
    """Somebody with these roles (default: caseworker) in these teams, written to the database."""
    roles = roles or (Role.CASEWORKER,)
    team_ids = [town.teams[code] for code in teams]
    person = Staff(
        id=uuid4(),
        email=f"{uuid4().hex[:12]}@{town.card.slug}.example",
        name=f"{roles[0].title()} Example",
        created_at=clock.now(),
    )
    bind(town.id)
    with transaction():
        db.session.add(person)
        db.session.flush()
        db.session.add_all(StaffRole(staff_id=person.id, authority_id=town.id, role=role) for role in roles)
        db.session.add_all(TeamMember(staff_id=person.id, authority_id=town.id, team_id=team_id) for team_id in team_ids)
        name = person.name
        staff_id = person.id
    return member(staff_id, town.id, roles, team_ids=team_ids, name=name)


def a_session(actor: Actor) -> str:
    """The secret of an open session of this person: what their browser's cookie holds."""
    before = bound_authority()
    bind(None)
    with transaction():
        secret = sessions.begin(actor.id, actor.authority_id, browser="test")
    bind(before)
    return secret


def signed_in(app: Flask, actor: Actor) -> FlaskClient:
    """A browser with an open session of this person."""
    client = app.test_client()
    client.set_cookie(cookie_name(), a_session(actor))
    return client
