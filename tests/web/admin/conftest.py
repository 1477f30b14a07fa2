"""Two towns with an administrator each, and a colleague to change."""

import re
from html import unescape

import pytest

from authority_portal.domain.access.roles import Role
from authority_portal.domain.staff import roster
from authority_portal.foundation.db import bind, db
from tests.builders.authorities import a_town
from tests.builders.staff import a_member, signed_in


def said(html):
    """The words of a page, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def fresh(staff_id, by):
    """The colleague as they are in the database now."""
    bind(by.authority_id)
    db.session.expire_all()
    return roster.one(staff_id, by=by)


@pytest.fixture
def town(house):
    return a_town()


@pytest.fixture
def other(house):
    return a_town("otherton")


@pytest.fixture
def ada(town):
    return a_member(town, Role.ADMINISTRATOR)


@pytest.fixture
def admin(house, ada):
    return signed_in(house, ada)


@pytest.fixture
def noor(town):
    return a_member(town, teams=["parks"])
