"""An invitation leaves once, again if it was refused for now, and never after it was withdrawn."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from authority_portal.domain.access.roles import Role
from authority_portal.domain.staff import invitations
from authority_portal.domain.staff.models import Invitation
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.outbox import OutboxEvent
from tests.builders.authorities import a_town
from tests.builders.travel import let_pass, mail_goes_to_a_sink, plan_what_is_told

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def town(committed):
    return a_town(locale="es_ES")


@pytest.fixture
def invited(town):
    bind(town.id)
    with transaction():
        made = invitations.invite(email="new@boston.example", name="New", roles=[Role.CREW], by=town.house)
        return made.id


def now(invitation_id):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Invitation, invitation_id)


def told():
    db.session.rollback()
    return db.session.scalars(select(OutboxEvent.state)).all()


def test_it_leaves_once_in_the_authoritys_language(town, invited, monkeypatch):
    with mail_goes_to_a_sink(monkeypatch) as sink:
        plan_what_is_told()
        plan_what_is_told()

    ((_, mail),) = sink.took
    assert "invitación" in str(mail["Subject"])
    assert "Elija una contraseña" in mail.get_body(("html",)).get_content()
    assert now(invited).sent_at is not None


def test_refused_for_now_it_is_tried_again_as_the_same_mail(town, invited, monkeypatch):
    with mail_goes_to_a_sink(monkeypatch) as sink:
        sink.at_data = lambda _address: "451 4.3.2 not now"
        plan_what_is_told()
        assert now(invited).sent_at is None
        sink.at_data = lambda _address: None
        let_pass(timedelta(hours=1))
        plan_what_is_told()

    assert len(sink.took) == 1
    assert told() == ["done"]


def test_refused_for_good_its_page_says_so(town, invited, monkeypatch):
    with mail_goes_to_a_sink(monkeypatch) as sink:
        sink.at_data = lambda _address: "550 5.1.1 nobody here new@boston.example"
        plan_what_is_told()

    assert (now(invited).sent_at, now(invited).failure) == (None, "the mail server refused the address")
    assert told() == ["done"]


@pytest.mark.parametrize("what", ["withdrawn", "made anew", "over"])
def test_what_nobody_may_use_any_more_is_not_sent(town, invited, monkeypatch, what):
    bind(town.id)
    with clock.frozen(clock.now() + timedelta(minutes=2)), transaction():
        if what == "withdrawn":
            invitations.withdraw(invited, by=town.house)
        elif what == "made anew":
            invitations.send_again(invited, by=town.house)
        else:
            db.session.get(Invitation, invited).ends_at = clock.now() - timedelta(days=1)
    bind(None)
    with mail_goes_to_a_sink(monkeypatch) as sink:
        let_pass(timedelta(minutes=3))
        plan_what_is_told()

    assert len(sink.took) == (1 if what == "made anew" else 0)
    assert told() == ["done"] * (2 if what == "made anew" else 1)
