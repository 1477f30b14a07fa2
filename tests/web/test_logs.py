"""No log line carries what people typed: canaries go into every field, and none comes out."""

import json
import logging
from datetime import timedelta
from uuid import UUID

import pytest
import structlog
from sqlalchemy import select

from authority_portal.config import settings
from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities import commands
from authority_portal.foundation import clock, logs
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.outbox import OutboxEvent
from authority_portal.jobs import events
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in

CANARIES = {
    "email": "canary-mail@example.org",
    "password": "canary password that nobody has",
    "current": "canary present password",
    "name": "Canary Nameless",
    "first_name": "Canaryfirst",
    "last_name": "Canarylast",
    "phone": "+16175550142",
    "description": "canary description of a hole",
    "address": "17 Canary Street",
    "address_string": "18 Canary Street",
    "device_id": "canary-device-1",
    "account_id": "canary-account-1",
    "media_url": "https://canary.example/photo.jpg",
    "text": "canary words of a note",
    "note": "canary words to the public",
    "reason": "canary reason",
    "contact_name": "Canary Contact",
    "contact_email": "canary-contact@example.org",
    "q": "canary search",
    "api_key": "canary-key",
}


@pytest.fixture
def library_lines():
    """What libraries and the framework write, in the form that a served process writes it."""
    written = []

    class Kept(logging.Handler):
        def emit(self, record):
            written.append(self.format(record))

    handler = Kept(logging.DEBUG)
    handler.setFormatter(logs.formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


@pytest.fixture
def our_lines(app):
    """What the product's own loggers write, as written."""
    written = []

    def keep(_logger, _method, line):
        written.append(line)
        return line

    processors = structlog.get_config()["processors"]
    processors.append(keep)
    yield written
    processors.remove(keep)


def unsafe_routes(app):
    return [rule for rule in app.url_map.iter_rules() if "POST" in rule.methods]


def test_canaries_typed_into_every_form_never_reach_a_log(house, client, our_lines, library_lines):
    town = a_town()
    desk = signed_in(house, a_member(town, Role.SUPERVISOR, teams=("streets",)))
    reference = a_report(town, description=CANARIES["description"]).reference
    fields = CANARIES | {
        "jurisdiction_id": "boston",
        "service_code": "pothole",
        "lat": "42.3297",
        "long": "-71.0993",
        "category": "pothole",
    }
    with transaction():
        _, key = commands.new_key(name="canary app", by=town.house)
    our_lines.clear()
    routes = unsafe_routes(house)
    for rule in routes:
        named = {"form": "json", "token": "canary-token", **(rule.defaults or {})}
        # An address that names something by number or by UUID is tried with one that nobody has.
        kinds = {"IntegerConverter": 1, "UUIDConverter": UUID(int=1)}
        values = {name: named.get(name, kinds.get(type(to).__name__, reference)) for name, to in rule._converters.items()}
        path = rule.build(values)[1]
        for browser in (desk, client):
            browser.post(
                path,
                data=fields,
                query_string={"q": CANARIES["q"]},
                headers={"User-Agent": "canary-agent", "Referer": "http://localhost/canary-page"},
            )
    sent = client.post("/open311/v2/requests.json", data=fields | {"api_key": key, "attribute[depth]": "hand"})
    client.get("/reports?text=canary+search", headers={"Cookie": "portal=canary-cookie"})
    client.get("/r/canary-token")

    lines = "\n".join(our_lines + library_lines)
    assert sent.status_code in (200, 201), sent.text
    assert lines.count('"event": "request"') >= 2 * len(routes)
    assert "canary" not in lines.lower()
    assert "6175550142" not in lines


def test_a_failure_is_logged_by_place_and_not_by_word(library_lines):
    try:
        try:
            raise ValueError("Key (email)=(canary-mail@example.org) already exists")
        except ValueError as error:
            raise RuntimeError("canary words") from error
    except RuntimeError:
        logging.getLogger("somebody").exception("it failed")

    line = json.loads(library_lines[-1])
    assert [one["type"] for one in line["exception"]] == ["RuntimeError", "ValueError"]
    assert "test_logs.py" in line["exception"][0]["at"][0]
    assert "canary" not in library_lines[-1]


def test_an_unexpected_failure_answers_without_words_and_logs_the_place(house, client, our_lines, monkeypatch):
    def broken(*_):
        raise RuntimeError("canary words")

    monkeypatch.setattr("authority_portal.web.sign_in.views.way_back", broken)
    answer = client.get("/sign-in?next=/account")
    line = next(json.loads(one) for one in our_lines if "unexpected error" in one)

    assert answer.status_code == 500
    assert "canary" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert line["exception"][0]["type"] == "RuntimeError"
    assert "canary" not in json.dumps(line)


@pytest.mark.parametrize("given", ["short", "x" * 65, "line\tbreak-12345", 'quote"12345678', "päth-12345678"])
def test_a_request_id_that_could_forge_a_line_is_replaced(client, given):
    assert client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"] != given


def behind_proxies(monkeypatch, number):
    chosen = settings().model_copy(update={"TRUSTED_PROXIES": number})
    monkeypatch.setattr("authority_portal.web.logs.settings", lambda: chosen)


def test_a_decent_request_id_of_our_proxy_is_kept(client, monkeypatch):
    behind_proxies(monkeypatch, 1)

    assert client.get("/healthz", headers={"X-Request-Id": "edge-0123456789"}).headers["X-Request-Id"] == "edge-0123456789"


def test_without_a_proxy_nobody_names_a_request(client):
    assert client.get("/healthz", headers={"X-Request-Id": "edge-0123456789"}).headers["X-Request-Id"] != "edge-0123456789"


def test_what_a_request_sets_off_later_is_logged_with_its_name(house, client, our_lines, monkeypatch):
    town = a_town()
    behind_proxies(monkeypatch, 1)
    with transaction():
        _, key = commands.new_key(name="app", by=town.house)
    sent = {"jurisdiction_id": "boston", "service_code": "pothole", "lat": "42.3297", "long": "-71.0993", "api_key": key}
    sent |= {"description": "A hole.", "attribute[depth]": "hand"}
    answer = client.post("/open311/v2/requests.json", data=sent, headers={"X-Request-Id": "edge-0123456789"})
    assert answer.status_code == 201, answer.text
    bind(None)
    structlog.contextvars.clear_contextvars()
    event = db.session.scalars(select(OutboxEvent).order_by(OutboxEvent.id.desc())).first()
    with transaction():
        event.due_at = clock.now() - timedelta(hours=1)

    def broken(*_):
        raise RuntimeError

    monkeypatch.setitem(events.HANDLERS, event.kind, broken)
    events.handle_one(event.id)

    line = next(json.loads(one) for one in our_lines if "event failed" in one)
    assert line["request_id"] == "edge-0123456789"
