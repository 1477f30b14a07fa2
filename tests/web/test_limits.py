"""Who comes too often is sent away for a moment, nobody else is, and nothing depends on Redis."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
import redis
from werkzeug.middleware.proxy_fix import ProxyFix

from authority_portal.app import create_app
from authority_portal.config import CHECKOUT, Settings, settings
from authority_portal.servers import redis_binary
from authority_portal.web import addresses, limits, maps
from tests.builders.authorities import a_town
from tests.builders.processes import eventually
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in
from tests.web.conftest import key_of, statuses

SERVICES = "/open311/v2/services"


@pytest.fixture
def town(house):
    return a_town()


def test_a_map_gets_as_many_parts_of_the_base_map_as_it_shows(client, tmp_path, monkeypatch, at_most):
    """With the limits of an installation that sets none."""
    at_most()
    for of in ("STRANGERS", "CLIENT", "STAFF", "UPLOADS"):
        monkeypatch.delenv(f"PORTAL_LIMIT_{of}")
    file = tmp_path / "base.pmtiles"
    file.write_bytes(bytes(100))
    monkeypatch.setattr(maps, "basemap_file", lambda: file)
    more = settings().LIMIT_STRANGERS + 1
    assert more == 301
    assert set(statuses(more, lambda: client.get("/basemap.pmtiles", headers={"Range": "bytes=10-19"}))) == {206}


def test_a_mistake_of_ours_in_counting_lets_nobody_pass(client, at_most, monkeypatch):
    """The library takes every error for Redis being away."""
    at_most(strangers=2)

    def broken():
        raise LookupError("a mistake")

    monkeypatch.setattr(addresses, "network", broken)
    assert client.get(f"/r/{1:043}").status_code == 500


@pytest.mark.parametrize("path", ["/r/", "/unsubscribe/"])
def test_residents_pages_are_counted_whatever_the_link(client, at_most, path):
    at_most(strangers=2)
    assert [client.get(f"{path}{n:043}").status_code for n in range(2)] == [404, 404]
    away = client.get(f"{path}{3:043}")
    assert away.status_code == 429
    assert "Too many tries in a short time" in away.text
    assert int(away.headers["Retry-After"]) >= 1
    assert client.post(f"/unsubscribe/{4:043}", data={"List-Unsubscribe": "One-Click"}).status_code == 429
    assert client.get("/sign-in").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_another_address_is_not_sent_away_and_neighbours_of_one_line_are(client, at_most):
    at_most(strangers=1)

    def ask(address):
        return client.get(f"/r/{1:043}", environ_base={"REMOTE_ADDR": address}).status_code

    assert [ask("203.0.113.9"), ask("203.0.113.9"), ask("::ffff:203.0.113.9"), ask("203.0.113.10")] == [404, 429, 429, 404]
    assert [ask("2001:db8::1"), ask("2001:db8::ffff:2"), ask("2001:db8:0:1::1")] == [404, 429, 404]


def test_an_address_that_the_visitor_wrote_changes_nothing(client, at_most):
    at_most(strangers=1)
    answers = [client.get(f"/r/{1:043}", headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code for n in range(3)]
    assert answers == [404, 429, 429]


def test_behind_a_trusted_proxy_its_word_counts_and_the_visitors_does_not(house, at_most, monkeypatch):
    at_most(strangers=1)
    browser = house.test_client()
    monkeypatch.setattr(house, "wsgi_app", ProxyFix(house.wsgi_app, x_for=1))

    def ask(forwarded):
        return browser.get(f"/r/{1:043}", headers={"X-Forwarded-For": forwarded}).status_code

    assert [ask("198.51.100.1"), ask("198.51.100.2"), ask("198.51.100.1")] == [404, 404, 429]
    assert [ask("192.0.2.7, 198.51.100.1"), ask("192.0.2.8, 198.51.100.2")] == [429, 429]


def test_nobody_can_say_where_a_request_comes_from_and_it_is_still_counted(client, at_most, house):
    at_most(strangers=1)
    with house.test_request_context("/", environ_base={"REMOTE_ADDR": ""}):
        assert addresses.network() == "unknown"
    assert [client.get(f"/r/{1:043}", environ_base={"REMOTE_ADDR": ""}).status_code for _ in range(2)] == [404, 429]


def test_staff_are_counted_one_by_one_and_only_when_they_change_something(house, town, at_most):
    at_most(staff=2)
    report = a_report(town)
    ama, kofi = (signed_in(house, a_member(town, teams=["streets"])) for _ in range(2))

    def note(browser, **headers):
        return browser.post(f"/reports/{report.reference}/notes", data={"text": "Seen."}, headers=headers)

    assert 429 not in statuses(2, lambda: note(ama))
    away = note(ama)
    assert away.status_code == 429
    assert "It works again in" in away.text
    assert "Nothing was saved." in away.text
    assert "lost" not in away.text
    assert ama.get(f"/reports/{report.reference}").status_code == 200
    assert note(kofi).status_code != 429

    fragment = note(ama, **{"HX-Request": "true"})
    assert fragment.status_code == 429
    assert "<html" not in fragment.text
    assert fragment.headers["HX-Reswap"] == "afterbegin"
    assert fragment.headers["HX-Reselect"] == "unset"
    assert int(fragment.headers["Retry-After"]) >= 1


def test_uploads_are_counted_more_strictly(house, town, at_most):
    at_most(uploads=1)
    report = a_report(town)
    ama = signed_in(house, a_member(town, teams=["streets"]))

    def send():
        with Path(__file__).open("rb") as no_photo:
            return ama.post(f"/reports/{report.reference}/photos", data={"photos": (no_photo, "x.jpg")})

    assert statuses(2, send) == [422, 429]
    assert ama.post(f"/reports/{report.reference}/notes", data={"text": "Seen."}).status_code != 429


def test_a_limit_of_nought_is_none(client, town, at_most):
    at_most(strangers=0, client=0)
    assert statuses(20, lambda: client.get(f"{SERVICES}.json")) == [200] * 20


def test_redis_learns_neither_address_nor_key_nor_token(client, town, environment, at_most):
    at_most(strangers=5, client=5)
    headers = key_of(town, "City app", "city-app-secret")
    client.get(f"{SERVICES}.json", headers=headers)
    client.get("/r/a-token-that-opens-a-report-000000000000000", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    counted = {key.decode() for key in redis.Redis.from_url(environment["PORTAL_REDIS_URL"]).keys("limits*")}
    assert f"limits:LIMITER/{limits._digest('network', '203.0.113.9/32')}/door-residents/5/1/minute" in counted
    form = re.compile(r"limits:LIMITER/[0-9a-f]{32}/(client|staff|uploads|door-[a-z0-9_]+)/[0-9]+/1/minute")
    assert [key for key in counted if not form.fullmatch(key)] == []


def test_the_document_names_every_limit_with_its_number():
    known = {f"| {field.default} | `PORTAL_{name}` |" for name, field in Settings.model_fields.items() if "LIMIT_" in name}
    written = (CHECKOUT / "SECURITY.md").read_text()
    assert len(known) == 4
    assert [row for row in known if row not in written] == []


@pytest.fixture
def own_redis(tmp_path, environment, monkeypatch):
    """An application whose Redis this test may stop, wake and kill."""
    socket = tmp_path / "r.sock"
    server = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(tmp_path)],
        executable=redis_binary(),  # where only the tools are installed it has another name
        stdout=subprocess.DEVNULL,
    )
    monkeypatch.setenv("PORTAL_REDIS_URL", f"unix://{socket}")
    monkeypatch.setenv("PORTAL_LIMIT_STRANGERS", "2")
    settings.cache_clear()
    try:
        while not socket.exists():
            time.sleep(0.01)
        yield server
    finally:
        server.kill()
        server.wait()
        monkeypatch.undo()
        settings.cache_clear()
        create_app(process="portal-test")  # the limiter counts in the suite's Redis again


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_without_redis_every_request_is_served_at_once_and_still_counted(own_redis, how):
    browser = create_app(process="portal-test-limits").test_client()

    def ask(address):
        return browser.get("/open311/v2/discovery.json", environ_base={"REMOTE_ADDR": address})

    assert ask("198.51.100.1").status_code != 429
    own_redis.send_signal(how)
    os.waitpid(own_redis.pid, os.WUNTRACED)  # only now it is gone, or stands still
    slowest, away = 0.0, []
    for n in range(30):
        began = time.monotonic()
        away.append(ask(f"203.0.113.{n // 3}").status_code == 429)
        slowest = max(slowest, time.monotonic() - began)
    assert slowest < 1
    assert away == [False, False, True] * 10


def test_when_redis_is_back_it_counts_again(own_redis):
    browser, there = create_app(process="portal-test-limits").test_client(), redis.Redis.from_url(settings().REDIS_URL)
    own_redis.send_signal(signal.SIGSTOP)
    os.waitpid(own_redis.pid, os.WUNTRACED)
    assert browser.get("/open311/v2/discovery.json").status_code != 429
    own_redis.send_signal(signal.SIGCONT)
    there.flushdb()
    eventually(lambda: browser.get("/open311/v2/discovery.json").status_code and there.keys("limits*") != [], seconds=40)
