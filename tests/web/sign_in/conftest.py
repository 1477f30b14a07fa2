"""A town with somebody who has a password."""

import pytest
from sqlalchemy import update

from authority_portal.domain.access.roles import Role
from authority_portal.domain.staff import passwords
from authority_portal.domain.staff.models import Staff
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.staff import a_member

PASSWORD = "seven lamps by the river"
HASH = passwords._HASHER.hash(PASSWORD)


@pytest.fixture
def town(house):
    return a_town()


@pytest.fixture
def ama(town):
    """A caseworker who can sign in; returns her e-mail address."""
    return with_password(a_member(town, Role.CASEWORKER, teams=("streets",)))


def with_password(actor):
    """Give somebody PASSWORD; returns their e-mail address."""
    bind(None)
    with transaction():
        db.session.execute(update(Staff).where(Staff.id == actor.id).values(password_hash=HASH))
    email = db.session.get(Staff, actor.id).email
    db.session.rollback()
    return email
