"""5.1: attacks on Open311 that tests/web/open311 does not make."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import structlog
from sqlalchemy import select
from werkzeug.test import TestResponse

from authority_portal.domain.people import sealed
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.models import Report
from authority_portal.foundation import fetching
from authority_portal.foundation.db import bind, db
from authority_portal.foundation.fetching import FetchRefused
from tests.proofs.attacks.staging import Stage

GOOD = {"service_code": "pothole", "lat": "42.3297", "long": "-71.0993", "description": "A hole.", "jurisdiction_id": "boston"}
PUBLIC = "93.184.216.34"
"""An address outside that is never reached: connections to it are led to a server of the test."""


def post(stage: Stage, fields: dict[str, str], *, key: str | None = None, refused: bool = False) -> TestResponse:
    headers = {"X-Api-Key": stage.a.facts["key"] if key is None else key}
    typed = [*fields.values(), *([key] if key else [])]
    path = "/open311/v2/requests.json"
    return stage.strike(path, method="POST", role=None, data=fields, headers=headers, typed=typed, refused=refused)


BAD_KEYS = ["wrong-key-of-nobody", "x" * 8_192, "Bearer {key}", "{key}x", "{key} ", "' OR 1=1--", "{foreign}"]


@pytest.mark.parametrize("key", [pytest.param(text, id=f"O12 {text[:20]}") for text in BAD_KEYS])
def test_o12_a_bad_key_gets_one_answer_and_stands_in_no_log(stage: Stage, key: str) -> None:
    key = key.format(key=stage.a.facts["key"], foreign=stage.b.facts["key"])
    with structlog.testing.capture_logs() as lines:
        answer = post(stage, GOOD, key=key, refused=True)
    # A good key of another authority opens that authority alone, for which this jurisdiction does not exist.
    assert answer.status_code == (404 if key == stage.b.facts["key"] else 403)
    assert key not in json.dumps(lines, default=str)


ADDRESSES = [
    ('"a b"@x.test', 400),
    ("a@xn--80ak6aa92e.com", 201),
    ("a@аpple.com", 201),  # a Cyrillic а: a lawful address of whoever owns that name, shown to nobody as somebody else's
    ("a@x.test%0d%0aBcc: v@y.test", 400),
    ("a@x.test\u2028Bcc: v@y.test", 400),
    ("a@x.test\tv@y.test", 400),
    ("=?utf-8?q?a?=@x.test", None),
    ("a@x..test", 400),
    ("@x.test", 400),
]


@pytest.mark.parametrize(("email", "status"), [pytest.param(*row, id=f"O17 {row[0]!a}") for row in ADDRESSES])
def test_o17_an_address_is_one_recipient_or_refused(stage: Stage, email: str, status: int | None) -> None:
    with stage.world.undone():
        browser = stage.world.stranger()
        headers = {"X-Api-Key": stage.a.facts["key"]}
        answer = browser.post("/open311/v2/requests.json", data={**GOOD, "email": email}, headers=headers)
        assert answer.status_code in ((status,) if status else (201, 400)), answer.text
        if answer.status_code == 201:
            kept = _kept_address(stage, answer.json[0]["service_request_id"])
            assert kept.count("@") == 1
            assert not set(kept) & set("\r\n\0,; <>")
    post(stage, {**GOOD, "email": email}, refused=answer.status_code == 400)


def _kept_address(stage: Stage, reference: str) -> str:
    bind(stage.a.town.id)
    person = db.session.scalars(
        select(Person).join(Report, Report.person_id == Person.id).where(Report.reference == reference)
    ).one()
    return sealed.unseal(person, "email") or ""


class _Outside(BaseHTTPRequestHandler):
    """A server of a stranger: sends everybody on to where its address says."""

    def do_GET(self) -> None:
        self.server.asked += 1  # type: ignore[attr-defined]  # counted by the fixture
        self.send_response(302)
        self.send_header("Location", self.path[1:].replace("|", "/"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A stranger's server that answers at PUBLIC. `connected`: where the fetcher really went."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Outside)
    server.asked, server.connected = 0, []
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    real = socket.create_connection

    def led(address: tuple[str, int], *rest: Any, **more: Any) -> socket.socket:
        server.connected.append(address[0])
        assert address[0] == PUBLIC, "nobody else may be asked"
        return real(("127.0.0.1", server.server_port), *rest, **more)

    monkeypatch.setattr("socket.create_connection", led)
    yield server
    server.shutdown()
    server.server_close()


INWARD = [
    "http:||127.0.0.1|",
    "http:||localhost|",
    "http:||[::1]|",
    "http:||169.254.169.254|latest",
    "http:||2130706433|",
    "file:|||etc|passwd",
    "||10.0.0.1|",
    "gopher:||127.0.0.1:6379|_FLUSHALL",
]


@pytest.mark.parametrize("target", [pytest.param(text, id=f"O21 {text}") for text in INWARD])
def test_o21_a_redirect_into_the_house_is_not_followed(outside: Any, target: str) -> None:
    with pytest.raises(FetchRefused):
        fetching.fetch(f"http://{PUBLIC}/{target}")
    assert (outside.asked, outside.connected) == (1, [PUBLIC])


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([[PUBLIC, "127.0.0.1"]], id="O21 two addresses at once"),
        pytest.param([["127.0.0.1"]], id="O21 private at once"),
        pytest.param([[PUBLIC], ["127.0.0.1"]], id="O21 private the second time"),
    ],
)
def test_o21_a_name_that_changes_its_mind_is_no_way_in(
    outside: Any, monkeypatch: pytest.MonkeyPatch, answers: list[list[str]]
) -> None:
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(name: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if name != "rebinding.example":
            return real(name, port, *_, **__)
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    with monkeypatch.context() as names:
        names.setattr("socket.getaddrinfo", look_up)
        with pytest.raises(FetchRefused):
            fetching.fetch("http://rebinding.example/http:||rebinding.example|again")
    # One look-up per request, and the connection goes where that one said.
    assert len(asked) == len(answers)
    assert set(outside.connected) <= {PUBLIC}
