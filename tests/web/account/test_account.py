"""One's own account."""

import pytest
from sqlalchemy import select

from authority_portal.domain.access.roles import Role
from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.staff.models import Staff, StaffRole
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.web.account.browsers import name_of
from tests.builders.authorities import a_town
from tests.builders.staff import a_member, signed_in
from tests.web.sign_in.conftest import PASSWORD, with_password

NEW = "nine kettles under the bridge"


@pytest.fixture
def town(house):
    return a_town()


@pytest.fixture
def ama(town):
    actor = a_member(town, Role.CASEWORKER)
    with_password(actor)
    return actor


@pytest.fixture
def desk(house, ama):
    return signed_in(house, ama)


def test_the_page_shows_whose_account_it_is(desk):
    page = desk.get("/account").text

    assert "Caseworker Example" in page
    assert "(this one)" in page


def test_a_new_password_ends_the_other_sessions_and_renews_this_one(house, desk, ama):
    other, before = signed_in(house, ama), desk.get_cookie("portal").value
    answer = desk.post("/account/password", data={"current": PASSWORD, "password": NEW})

    assert answer.status_code == 303
    assert "Your password was changed" in desk.get(answer.location).text
    assert "Your password was changed" not in desk.get(answer.location).text
    assert desk.get_cookie("portal").value != before
    assert other.get("/account").status_code == 303
    email = db.session.scalar(select(Staff.email))
    fresh = house.test_client()
    assert fresh.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 422
    assert fresh.post("/sign-in", data={"email": email, "password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "words"),
    [
        ("not this one at all", NEW, "This is not your present password."),
        (PASSWORD, "too short", "at least 15 characters"),
        (PASSWORD, "x" * 129, "at most 128 characters"),
        (PASSWORD, "passwordpassword", "easy to guess"),
        (PASSWORD, "", "Enter a new password."),
        ("", NEW, "Enter your present password."),
    ],
)
def test_a_password_that_cannot_be_taken_says_why_and_changes_nothing(desk, current, new, words):
    before = db.session.scalar(select(Staff.password_hash))
    answer = desk.post("/account/password", data={"current": current, "password": new})

    assert answer.status_code == 422
    assert words in answer.text
    assert db.session.scalar(select(Staff.password_hash)) == before


def test_the_present_password_cannot_be_guessed_at_an_open_screen(desk):
    answers = [desk.post("/account/password", data={"current": "a wrong one", "password": NEW}) for _ in range(13)]

    assert "Too many tries" in answers[-1].text
    assert desk.post("/account/password", data={"current": PASSWORD, "password": NEW}).status_code == 422


def test_signing_out_everywhere_ends_every_session(house, desk, ama, town):
    other = signed_in(house, ama)
    answer = desk.post("/account/sign-out-everywhere")

    assert answer.location == "/sign-in"
    assert "Clear-Site-Data" in answer.headers
    assert other.get("/account").status_code == 303
    bind(town.id)
    assert "staff:signed_out_everywhere" in db.session.scalars(select(AuditLine.action)).all()


def test_appearance_is_remembered(desk):
    desk.post("/account/appearance", data={"theme": "dark"})
    page = desk.get("/account").text

    assert "Your choice is saved." in page
    assert "Your choice is saved." not in desk.get("/account").text
    assert 'data-theme="dark"' in page
    assert 'data-keys="off"' in page
    assert desk.post("/account/appearance", data={"theme": "pink"}).status_code == 422


def test_someone_with_two_authorities_goes_on_in_the_other_under_a_new_secret(house, desk, ama):
    other = a_town("otherton")
    bind(None)
    with transaction():
        db.session.add(StaffRole(staff_id=ama.id, authority_id=other.id, role=Role.ANALYST))
    before = desk.get_cookie("portal").value
    answer = desk.post("/account/authority", data={"authority_id": str(other.id)})

    assert answer.status_code == 303
    assert desk.get_cookie("portal").value != before
    assert "City of Otherton" in desk.get("/account").text
    old = house.test_client()
    old.set_cookie("portal", before)
    assert old.get("/account").status_code == 303


def test_nobody_goes_on_where_they_have_no_role(desk):
    other = a_town("otherton")

    assert desk.post("/account/authority", data={"authority_id": str(other.id)}).status_code == 422


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari, iPhone"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_people_know_it(agent, name):
    assert name_of(agent) == name
