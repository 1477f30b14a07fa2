"""Stopping the messages about one report: asked on a page, done by a post."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.notifications import commands, links
from authority_portal.domain.notifications.models import Message
from authority_portal.domain.people.models import Person
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def town(house):
    return a_town()


@pytest.fixture
def told(town):
    """A report whose resident was told of its arrival: the person's id and the token of that message."""

    def made():
        report = a_report(town)
        bind(town.id)
        with transaction():
            from authority_portal.domain.reports.models import StatusChange

            change = db.session.scalars(select(StatusChange.id).where(StatusChange.report_id == report.id)).one()
            commands.announce(report.id, change, authority=town.card, spoken=frozenset({"en"}))
            message = db.session.scalars(select(Message).where(Message.report_id == report.id)).one()
            return report.person_id, links.make(message.id, report.id, town.id, "unsubscribe")

    return made


@pytest.fixture
def stopped(town):
    """Whether somebody gets no more messages."""

    def asked(person_id) -> bool:
        bind(town.id)
        with transaction():
            return db.session.scalar(select(Person.stopped_at).where(Person.id == person_id)) is not None

    return asked


def test_looking_changes_nothing(client: FlaskClient, told, stopped):
    person, token = told()
    page = client.get(f"/unsubscribe/{token}", headers={"Sec-Purpose": "prefetch"})
    assert page.status_code == 200
    assert "Stop these messages" in page.text
    assert "Set-Cookie" not in page.headers
    for method in ("head", "put", "patch", "delete", "options"):
        getattr(client, method)(f"/unsubscribe/{token}", data=ONE_CLICK)
    assert not stopped(person)


@pytest.mark.parametrize("form", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_mail_program_stops_them_with_one_click(client: FlaskClient, told, stopped, form):
    person, token = told()
    answer = client.post(f"/unsubscribe/{token}", data=ONE_CLICK, content_type=form)
    assert answer.status_code == 200
    assert stopped(person)


def test_it_needs_no_form_token_and_no_origin_of_ours(client: FlaskClient, told, stopped):
    person, token = told()
    client.application.config["WTF_CSRF_ENABLED"] = True
    try:
        headers = {"Origin": "https://mail.example.org", "Sec-Fetch-Site": "cross-site"}
        assert client.post(f"/unsubscribe/{token}", data=ONE_CLICK, headers=headers).status_code == 200
    finally:
        client.application.config["WTF_CSRF_ENABLED"] = False
    assert stopped(person)


def test_said_twice_it_stays_and_is_on_record_once(client: FlaskClient, town, told):
    _, token = told()
    first, second = (client.post(f"/unsubscribe/{token}", data=ONE_CLICK) for _ in range(2))
    assert first.data == second.data
    bind(town.id)
    assert db.session.scalar(select(func.count()).where(AuditLine.action == "person:stopped")) == 1


def test_the_page_afterwards_reveals_nothing(client: FlaskClient, told):
    (_, one), (_, two) = told(), told()
    pages = [client.post(f"/unsubscribe/{token}", data=ONE_CLICK).text for token in (one, two)]
    assert pages[0] == pages[1]
    assert "rosa" not in pages[0].lower()


def test_only_this_report_falls_silent(client: FlaskClient, told, stopped):
    (person, token), (other, _) = told(), told()
    client.post(f"/unsubscribe/{token}", data=ONE_CLICK)
    assert stopped(person)
    assert not stopped(other)


@pytest.mark.parametrize("data", [{}, {"List-Unsubscribe": "system"}, {"purpose": "system"}])
def test_another_wish_is_refused(client: FlaskClient, told, stopped, data):
    person, token = told()
    assert client.post(f"/unsubscribe/{token}", data=data).status_code == 400
    assert not stopped(person)


def test_a_link_for_looking_stops_nothing(client: FlaskClient, town, told, stopped):
    person, _ = told()
    report = a_report(town)
    with transaction():
        token = links.make(99, report.id, town.id, "follow")
    assert client.post(f"/unsubscribe/{token}", data=ONE_CLICK).status_code == 404
    assert not stopped(person)
