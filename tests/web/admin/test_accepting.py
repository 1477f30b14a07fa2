"""From an invitation to the first sign-in: the link works once, ends, and tells nothing to anybody else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from authority_portal.domain.access.roles import Role
from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.staff import invitations, sessions
from authority_portal.domain.staff.models import Invitation, Staff, StaffRole, TeamMember
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.staff import a_member, a_session, signed_in
from tests.builders.travel import mail_goes_to_a_sink, plan_what_is_told
from tests.web.admin.conftest import fresh, said

PASSWORD = "seven grey herons at dawn"


def invite(admin, **more):
    return admin.post(
        "/admin/invitations", data={"email": "New@Boston.example", "name": "New Colleague", "roles": ["crew"]} | more
    )


def the_invitation():
    db.session.expire_all()
    return db.session.scalars(select(Invitation).order_by(Invitation.id.desc()).limit(1)).one()


def the_token():
    return invitations.token_of(the_invitation())


@pytest.fixture
def stranger(house):
    return house.test_client()


def accounts(email="new@boston.example"):
    bind(None)
    db.session.expire_all()
    return list(db.session.scalars(select(Staff).where(Staff.email == email)))


def test_an_invitation_goes_by_mail_and_ends_in_a_sign_in(house, admin, town, stranger, monkeypatch):
    with mail_goes_to_a_sink(monkeypatch) as sink:
        with clock.frozen(clock.now() - timedelta(minutes=5)):  # the test's one transaction began before its requests
            answer = invite(admin, teams=[town.teams["parks"]])
        assert answer.status_code == 303
        plan_what_is_told()
        plan_what_is_told()
    ((_, mail),) = sink.took
    words = mail.get_body(("plain",)).get_content()
    link = re.search(r"http://127\.0\.0\.1:8000(/invitation/\S+)", words)[1]
    assert str(mail["To"]) == "new@boston.example"
    assert mail["List-Unsubscribe"] is None
    assert "Field crew" in words
    assert "sent" in said(admin.get("/admin/invitations").text)

    assert "City of Boston invites New Colleague" in said(stranger.get(link).text)
    assert accounts() == []
    assert stranger.post(link, data={"password": PASSWORD}).location == "/invited"
    (account,) = accounts()
    assert db.session.scalars(select(StaffRole.role).where(StaffRole.staff_id == account.id)).all() == ["crew"]
    assert db.session.scalar(select(TeamMember.team_id)) == town.teams["parks"]
    assert stranger.post("/sign-in", data={"email": "new@boston.example", "password": PASSWORD}).status_code == 303
    bind(town.id)
    actions = set(db.session.scalars(select(AuditLine.action)))
    assert {"staff:invited", "staff:invitation_accepted"} <= actions


def test_a_link_works_once_and_every_dead_link_looks_alike(admin, stranger, ada):
    invite(admin)
    used = the_token()
    stranger.post(f"/invitation/{used}", data={"password": PASSWORD})
    invite(admin, email="second@boston.example")
    withdrawn = the_token()
    admin.post(f"/admin/invitations/{the_invitation().id}/withdraw")
    invite(admin, email="third@boston.example")
    anew, row = the_token(), the_invitation().id
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        assert admin.post(f"/admin/invitations/{row}/send-again").status_code == 303
    alive = the_token()
    dead = [used, withdrawn, anew, "x" * 32, alive + "A", alive[:-1], alive.swapcase(), "", "%20", "x" * 3_000, f"{alive}/"]
    answers = [stranger.get(f"/invitation/{token}") for token in dead]
    answers += [stranger.post(f"/invitation/{token}", data={"password": PASSWORD}) for token in dead]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert stranger.get(f"/invitation/{alive}").status_code == 200
    assert len(accounts()) == 1


def test_a_link_ends_after_seven_days(admin, stranger):
    invite(admin)
    token = the_token()
    with clock.frozen(clock.now() + timedelta(days=6, hours=23)):
        assert stranger.get(f"/invitation/{token}").status_code == 200
    with clock.frozen(clock.now() + timedelta(days=7, minutes=1)):
        assert stranger.get(f"/invitation/{token}").status_code == 404
        assert stranger.post(f"/invitation/{token}", data={"password": PASSWORD}).status_code == 404


def test_looking_changes_nothing_however_often(admin, stranger):
    invite(admin)
    token = the_token()
    before = (the_invitation().accepted_at, the_invitation().digest)
    for method in (stranger.get, stranger.head, stranger.options):
        for _ in range(20):
            method(f"/invitation/{token}")

    assert (the_invitation().accepted_at, the_invitation().digest) == before
    assert accounts() == []


@pytest.mark.parametrize("password", ["short", "", "passwordpassword", "x" * 129, "portal-demo-2026", "newcolleague2026!!"])
def test_a_password_that_will_not_do_uses_nothing_up(admin, stranger, password):
    invite(admin)
    answer = stranger.post(f"/invitation/{the_token()}", data={"password": password})

    assert answer.status_code == 422 or password == "portal-demo-2026"
    assert "There is a problem" in answer.text or password == "portal-demo-2026"


def test_an_administrator_cannot_tell_whether_an_address_has_an_account_elsewhere(house, admin, other):
    known = a_member(other)
    address = db.session.get(Staff, known.id).email
    bind(None)
    answers = [invite(admin, email=email) for email in (address, "nobody@otherton.example")]
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, "/admin/invitations")] * 2
    words = said(admin.get("/admin/invitations").text).replace(address, "A").replace("nobody@otherton.example", "A")

    assert words.count("New Colleague A Field crew waits opens until") == 2


def test_who_had_an_account_keeps_it_gets_the_roles_and_is_signed_out_everywhere(house, admin, town, other, stranger):
    known = a_member(other)
    address, secret = db.session.get(Staff, known.id).email, a_session(known)
    bind(None)
    invite(admin, email=address)
    stranger.post(f"/invitation/{the_token()}", data={"password": PASSWORD})

    (account,) = accounts(address)
    assert (account.id, account.name) == (known.id, "Caseworker Example")
    assert sessions.places(known.id) == sorted([town.id, other.id])
    assert sessions.recognise(secret) is None


def test_the_host_of_a_request_is_not_the_host_of_a_link(admin):
    answer = admin.post(
        "/admin/invitations",
        data={"email": "new@boston.example", "name": "New", "roles": ["crew"]},
        headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
    )

    assert answer.status_code == 303
    assert invitations.link_of(the_invitation()).startswith("http://127.0.0.1:8000/invitation/")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"email": "nobody"}, "must be one e-mail address"),
        ({"email": "a@b.example\r\nBcc: v@y.example"}, "must be one e-mail address"),
        ({"email": ""}, "Enter a work e-mail"),
        ({"name": "\x07"}, "control characters"),
        ({"name": ""}, "Enter a name"),
        ({"name": " "}, "Name is missing"),
        ({"roles": []}, "Choose at least one role"),
        ({"roles": ["privacy_officer"]}, "is not a valid choice"),
        ({"roles": ["platform_admin"]}, "is not a valid choice"),
        ({"teams": ["7777"]}, "is not a valid choice"),
    ],
)
def test_what_cannot_be_invited_is_refused_and_keeps_what_was_typed(admin, sent, words):
    answer = invite(admin, **sent)

    assert answer.status_code == 422
    assert words in said(answer.text)
    assert bool(sent.get("name", "New Colleague").strip() != "New Colleague") or "New Colleague" in answer.text
    assert db.session.query(Invitation).count() == 0


def test_who_works_here_or_is_invited_is_not_invited_again(admin, ada, noor):
    address = fresh(noor.id, ada).email
    assert "works here already" in invite(admin, email=address.upper()).text
    invite(admin)
    assert "is invited already" in invite(admin).text
    assert db.session.query(Invitation).count() == 1


def test_an_invitation_is_not_sent_twice_in_a_minute(admin):
    invite(admin)
    path = f"/admin/invitations/{the_invitation().id}/send-again"
    answer = admin.post(path)

    assert answer.status_code == 409
    assert "left a moment ago" in answer.text
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        assert admin.post(path).status_code == 303


def test_withdrawing_makes_the_wait_no_shorter(admin, other):
    invite(admin)
    assert admin.post(f"/admin/invitations/{the_invitation().id}/withdraw").status_code == 303
    answer = invite(admin)

    assert answer.status_code == 422
    assert "a moment ago" in answer.text
    assert db.session.query(Invitation).count() == 1
    bind(other.id)
    with transaction():  # nobody here learns that another authority wrote to the same address
        invitations.invite(email="new@boston.example", name="New", roles=[Role.CREW], by=other.house)
    bind(None)
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        assert invite(admin).status_code == 303


def test_another_authoritys_invitation_does_not_exist(admin, other):
    bind(other.id)
    with transaction():
        theirs = invitations.invite(email="x@otherton.example", name="X", roles=[Role.CREW], by=other.house).id
    bind(None)

    assert "otherton" not in admin.get("/admin/invitations").text
    for path in ("send-again", "withdraw"):
        assert admin.post(f"/admin/invitations/{theirs}/{path}").status_code == 404
        assert admin.post(f"/admin/invitations/{theirs + 999}/{path}").status_code == 404
    assert admin.get(f"/admin/invitations/{theirs}/withdraw").status_code == 404


def test_withdrawing_asks_first(admin):
    invite(admin)
    page = admin.get(f"/admin/invitations/{the_invitation().id}/withdraw")

    assert "cannot be undone" in said(page.text)
    assert the_invitation().withdrawn_at is None


def test_who_leaves_takes_back_what_they_promised(house, admin, ada, town, stranger):
    invite(admin)
    token, bea = the_token(), a_member(town, Role.ADMINISTRATOR)
    boss = signed_in(house, bea)
    assert stranger.get(f"/invitation/{token}").status_code == 200
    boss.post(f"/admin/staff/{ada.id}/suspend", data={"seen": fresh(ada.id, bea).seen})

    assert stranger.get(f"/invitation/{token}").status_code == 404


def test_a_link_for_a_new_password_changes_the_password_and_nothing_else(house, admin, ada, noor, stranger):
    before, secret = fresh(noor.id, ada), a_session(noor)
    assert admin.post(f"/admin/staff/{noor.id}/new-password").status_code == 303
    assert the_invitation().roles == []
    stranger.post(f"/invitation/{the_token()}", data={"password": PASSWORD})

    assert fresh(noor.id, ada) == before
    assert sessions.recognise(secret) is None
    assert stranger.post("/sign-in", data={"email": before.email, "password": PASSWORD}).status_code == 303


def test_accepting_needs_a_token_of_this_browser(house, admin, stranger, monkeypatch):
    invite(admin)
    token = the_token()
    monkeypatch.setitem(house.config, "WTF_CSRF_ENABLED", True)
    page = stranger.get(f"/invitation/{token}")
    own = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    for sent in ({}, {"csrf_token": "x"}):
        assert stranger.post(f"/invitation/{token}", data={"password": PASSWORD, **sent}).status_code == 422
    assert stranger.post(f"/invitation/{token}", data={"password": PASSWORD, "csrf_token": own}).status_code == 303


def test_an_invitation_that_ended_long_ago_is_let_go(admin):
    invite(admin)
    with clock.frozen(clock.now() + timedelta(days=36)):
        assert invitations.sweep() == 0
    with clock.frozen(clock.now() + timedelta(days=38)):
        assert invitations.sweep() == 1


def test_whoever_may_not_take_a_role_sends_its_holder_no_link(admin, ada, town):
    officer = a_member(town, Role.PRIVACY_OFFICER)
    answer = admin.post(f"/admin/staff/{officer.id}/new-password")

    assert answer.status_code == 403
    assert "on the command line only" in said(answer.text)
    assert db.session.query(Invitation).count() == 0
