"""A report comes in by Open311: what is kept, what is answered, and that a repetition is one report."""

import base64
import threading
from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import undefer

from authority_portal.config import settings
from authority_portal.domain.authorities import commands
from authority_portal.domain.authorities.models import Category, Question
from authority_portal.domain.people import sealed
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import bell
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.outbox import OutboxEvent
from tests.web.open311.conftest import GOOD, Door, said

WORDS = [undefer(Report.description), undefer(Report.answers)]


def _report(door: Door, reference: str) -> Report:
    bind(door.town.id)
    return db.session.scalars(select(Report).options(*WORDS).where(Report.reference == reference)).one()


def _count(door: Door) -> int:
    bind(door.town.id)
    return db.session.scalar(select(func.count()).select_from(Report)) or 0


def test_a_report_is_taken_in_with_everything_the_client_said(door: Door) -> None:
    answer = door.post(
        {
            **GOOD,
            "address_string": "822 Parker St",
            "address_id": "P-17",
            "attribute[depth]": "hand",
            "email": "rosa@example.org",
            "phone": "(617) 555-0123",
            "first_name": "Rosa",
            "last_name": "Example",
            "device_id": "d-1",
            "account_id": "a-1",
            "locale": "pt-br",
            "media_url": "https://photos.example.org/1.jpg?size=2",
        }
    )

    assert answer.status_code == 201
    assert answer.content_type == "application/json; charset=utf-8"
    assert [set(made) for made in answer.json] == [{"service_request_id", "service_notice", "account_id"}]
    assert answer.json[0]["account_id"] == "a-1"
    report = _report(door, answer.json[0]["service_request_id"])
    assert (report.source, report.client_id, report.channel, report.locale) == (
        f"open311:{door.client_id}",
        door.client_id,
        "app",
        "pt_BR",
    )
    assert (report.description, report.address, report.lat, report.lon) == (
        "A deep hole.",
        "822 Parker St (P-17)",
        42.3297,
        -71.0993,
    )
    assert report.answers == [
        {"code": "depth", "prompt": "How deep is it?", "values": [{"key": "hand", "name": "Deeper than a hand"}]}
    ]
    person = db.session.get_one(Person, report.person_id)
    assert {field: sealed.unseal(person, field) for field in sealed.FIELDS} == {
        "name": "Rosa Example",
        "email": "rosa@example.org",
        "phone": "+16175550123",
        "address": "",
        "device": "device:d-1 account:a-1",
    }
    photo = db.session.scalars(select(Photo)).one()
    assert (photo.state, photo.source_url) == ("wanted", "https://photos.example.org/1.jpg?size=2")
    told = select(OutboxEvent.kind).where(OutboxEvent.authority_id == door.town.id).order_by(OutboxEvent.id)
    assert list(db.session.scalars(told)) == ["ReportReceived", "PhotoWanted"]


def test_xml_is_answered_in_the_form_of_the_specification(door: Door) -> None:
    answer = door.post(GOOD, form="xml")

    assert (answer.status_code, answer.content_type) == (201, "text/xml; charset=utf-8")
    root = ET.fromstring(answer.data)
    assert root.tag == "service_requests"
    assert [child.tag for child in root] == ["request"]
    assert [child.tag for child in root[0]] == ["service_request_id", "service_notice", "account_id"]
    assert root[0][0].text == _report(door, root[0][0].text or "").reference


@pytest.mark.parametrize("place", [{"address_string": "822 Parker St"}, {"address_id": "P-17"}])
def test_an_address_is_place_enough(door: Door, place: dict[str, str]) -> None:
    answer = door.post({"service_code": "noise", **place})
    assert answer.status_code == 201
    assert _report(door, answer.json[0]["service_request_id"]).position is None


@pytest.mark.parametrize(
    "headers",
    [{"X-Api-Key": "key-of-boston"}, {"X-Api-Key": "", "Authorization": "Bearer key-of-boston"}, {"X-Api-Key": ""}],
    ids=["header", "bearer", "field"],
)
def test_the_key_comes_in_a_header_or_in_the_form(door: Door, headers: dict[str, str]) -> None:
    fields = GOOD if any(headers.values()) else {**GOOD, "api_key": door.key}
    assert door.post(fields, headers=headers).status_code == 201


def test_a_multipart_form_without_files_is_taken_too(door: Door) -> None:
    answer = door.browser.post(
        "/open311/v2/requests.json", data={**GOOD, "api_key": door.key}, content_type="multipart/form-data"
    )
    assert answer.status_code == 201


def test_the_clients_browser_protection_is_not_asked_of_a_client_with_a_key(door: Door) -> None:
    app = door.browser.application
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert door.post(GOOD).status_code == 201
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_what_a_client_has_no_business_to_say_is_not_applied(door: Door) -> None:
    answer = door.post(
        [
            *GOOD.items(),
            *{
                "status": "closed",
                "authority_id": "2",
                "assigned_to": "1",
                "created_at": "1999-01-01",
                "requested_datetime": "1999-01-01T00:00:00Z",
                "id": "1",
                "is_private": "0",
                "visibility": "private",
                "source": "staff",
            }.items(),
        ]
    )
    report = _report(door, answer.json[0]["service_request_id"])
    assert (report.status_group, report.authority_id, report.assignee_id, report.visibility) == (
        "new",
        door.town.id,
        None,
        "public",
    )
    assert report.received_at.year > 1999


@pytest.mark.parametrize("named", ["external_id", "Idempotency-Key"])
def test_the_same_id_again_gives_the_same_answer_and_another_content_is_refused(door: Door, named: str) -> None:
    fields = {**GOOD, "external_id": "x-1"} if named == "external_id" else GOOD
    headers = {"Idempotency-Key": "x-1"} if named == "Idempotency-Key" else {}

    first, again = door.post(fields, headers=headers), door.post(fields, headers=headers)
    other = door.post({**fields, "description": "Something else."}, headers=headers)

    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert other.status_code == 422
    assert said(other).startswith(f"{named}: ")
    assert _count(door) == 1


def test_a_repetition_is_recognised_whatever_the_authority_changed_since(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {**GOOD, "external_id": "x-1"}
    first = door.post(fields)
    bind(door.town.id)
    with transaction():
        db.session.execute(update(Category).where(Category.code == "pothole").values(active=False))
        db.session.execute(update(Question).where(Question.code == "depth").values(required=True))
    monkeypatch.setenv("PORTAL_SECRET_KEY", "another-secret-of-the-installation-1234567890")
    monkeypatch.setenv("PORTAL_LINK_KEYS", f"newer:{base64.b64encode(b'n' * 32).decode()},{settings().LINK_KEYS}")
    settings.cache_clear()

    again, other = door.post(fields), door.post({**fields, "description": "Something else."})

    assert (again.status_code, again.data) == (201, first.data)
    assert (other.status_code, _count(door)) == (422, 1)
    assert door.post({**fields, "external_id": "x-2"}).status_code == 400


def test_two_ids_that_differ_are_one_question_too_many(door: Door) -> None:
    answer = door.post({**GOOD, "external_id": "x-1"}, headers={"Idempotency-Key": "y-1"})
    assert answer.status_code == 400
    assert said(answer).startswith("external_id: ")


def test_another_client_s_ids_are_its_own(house: Flask, make_door: Callable[..., Door]) -> None:
    boston, otherton = make_door(house), make_door(house, "otherton")
    made = [
        door.post({**GOOD, "external_id": "x-1", "jurisdiction_id": door.town.card.slug}).json[0]["service_request_id"]
        for door in (boston, otherton)
    ]
    assert [reference[:4] for reference in made] == ["BOS-", "OTH-"]


def test_a_client_with_a_new_key_is_the_same_client(door: Door) -> None:
    fields = {**GOOD, "service_code": "noise", "external_id": "k-1"}
    first = door.post(fields).json
    bind(door.town.id)
    with transaction():
        client_id, door.key, revoked = commands.rotate_key("City app", by=door.town.house)

    assert (client_id, revoked) == (door.client_id, 1)
    assert door.post(fields).json == first
    reference = first[0]["service_request_id"]
    assert [seen["service_request_id"] for seen in door.get("requests.json", as_client=True).json] == [reference]
    assert door.get("requests.json").json == []


def test_fifty_at_once_are_one_report(committed: Flask, make_door: Callable[..., Door]) -> None:
    door = make_door(committed)
    bind(None)
    answers: list[tuple[int, bytes]] = []
    gate = threading.Barrier(50)

    def send() -> None:
        gate.wait()
        with committed.test_client() as browser:
            answer = browser.post(
                "/open311/v2/requests.json", data=GOOD, headers={"X-Api-Key": door.key, "Idempotency-Key": "once"}
            )
            answers.append((answer.status_code, answer.data))

    threads = [threading.Thread(target=send) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 50
    assert {status for status, _ in answers} == {201}
    assert len(set(answers)) == 1
    assert _count(door) == 1


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PORTAL_REDIS_URL", "redis://127.0.0.1:1/0")
    settings.cache_clear()
    bell.connection.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
    bell.connection.cache_clear()


@pytest.mark.usefixtures("no_redis")
def test_a_report_is_taken_in_while_redis_is_away(door: Door) -> None:
    assert door.post(GOOD).status_code == 201
    assert _count(door) == 1
