"""A contact opens with a reason, after its line in the log was committed, and closes again by itself."""

import base64
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from authority_portal.config import settings
from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.roles import Role
from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.reports.models import Report
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from tests.builders.authorities import Town, a_town
from tests.builders.reports import RESIDENT, a_report
from tests.builders.staff import a_member, signed_in
from tests.web.casework.staging import act, page, said, statements


@pytest.fixture
def town(house: Flask) -> Town:
    return a_town()


@pytest.fixture
def report(town: Town) -> Report:
    return a_report(town)


@pytest.fixture
def me(town: Town) -> Actor:
    return a_member(town, teams=["streets"])


@pytest.fixture
def kim(house: Flask, me: Actor) -> FlaskClient:
    return signed_in(house, me)


def _revealed() -> list[AuditLine]:
    return list(db.session.scalars(select(AuditLine).where(AuditLine.action == "person:revealed")))


def test_the_question_comes_before_the_value(kim: FlaskClient, report: Report) -> None:
    html = page(kim, report, at="/reveal", field="email")
    assert "Why do you need it?" in html
    assert RESIDENT.email not in html
    assert _revealed() == []


def test_with_a_reason_it_opens_until_a_named_time_and_stands_in_the_timeline(
    kim: FlaskClient, me: Actor, report: Report
) -> None:
    answer = act(kim, report, "reveal", field="email", reason="call_back")

    assert (answer.status_code, answer.location) == (303, f"/reports/{report.reference}#resident")
    html = page(kim, report)
    assert RESIDENT.email in html
    words = said(html)
    assert "hidden again at" in words
    assert "E-mail address read" in words
    assert "The resident asked to be called or written to" in words
    assert [(line.actor_id, line.details) for line in _revealed()] == [(me.id, {"fields": ["email"], "reason": "call_back"})]


def test_after_fifteen_minutes_it_is_masked_again(kim: FlaskClient, report: Report) -> None:
    act(kim, report, "reveal", field="email", reason="danger")
    for minutes, shown in ((14, True), (16, False)):
        with clock.frozen(clock.now() + timedelta(minutes=minutes)):
            assert (RESIDENT.email in page(kim, report)) is shown


def test_a_reading_opens_for_its_reader_alone(kim: FlaskClient, house: Flask, town: Town, report: Report) -> None:
    act(kim, report, "reveal", field="email", reason="danger")
    for member in (a_member(town, teams=["streets"]), a_member(town, Role.SUPERVISOR)):
        assert RESIDENT.email not in page(signed_in(house, member), report)


@pytest.mark.parametrize(
    "form", [{"field": "email"}, {"field": "email", "reason": "nonsense"}, {"field": "device", "reason": "danger"}]
)
def test_without_a_true_reason_nothing_opens(kim: FlaskClient, report: Report, form: dict[str, str]) -> None:
    assert act(kim, report, "reveal", **form).status_code == 422
    assert _revealed() == []


def test_whoever_may_not_reveal_is_refused(house: Flask, town: Town, report: Report) -> None:
    for member in (
        a_member(town, teams=["parks"]),
        a_member(town, Role.ADMINISTRATOR),
        a_member(town, Role.CREW, teams=["streets"]),
    ):
        client = signed_in(house, member)
        assert act(client, report, "reveal", field="email", reason="danger").status_code in (403, 404)
        assert client.get(f"/reports/{report.reference}/reveal?field=email").status_code in (403, 404)
    assert _revealed() == []


def test_with_htmx_the_panel_comes_back_alone_with_the_value(kim: FlaskClient, report: Report) -> None:
    answer = kim.post(
        f"/reports/{report.reference}/reveal", data={"field": "email", "reason": "danger"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<section class="panel inside resident" id="resident"')
    assert RESIDENT.email in answer.text


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.PRIVACY_OFFICER])
def test_without_the_data_key_the_page_says_so_and_shows_the_rest(
    house: Flask, town: Town, report: Report, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    reader = signed_in(house, a_member(town, role, teams=["streets"]))
    with monkeypatch.context() as host:
        host.setenv("PORTAL_DATA_KEYS", f"other:{base64.b64encode(bytes(32)).decode()}")
        settings.cache_clear()
        act(reader, report, "reveal", field="email", reason="danger")
        html = page(reader, report)
    settings.cache_clear()
    assert "Not every detail can be opened at the moment" in html
    assert report.reference in html
    assert RESIDENT.email not in html
    assert RESIDENT.email in page(reader, report)


def test_the_line_is_committed_before_the_value_is_selected(kim: FlaskClient, report: Report) -> None:
    with statements() as sent:
        assert RESIDENT.name in page(kim, report)
    order = [
        ("line" if "INSERT INTO audit_line" in one else "value")
        for one in sent
        if "INSERT INTO audit_line" in one or "THEN person.name_sealed" in one
    ]
    assert order == ["line", "value"]
