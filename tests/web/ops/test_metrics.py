"""`/metrics`: closed until opened, true for all workers together, without a word that anybody typed."""

import re
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import timedelta
from socket import socket

import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families as parsed
from sqlalchemy import create_engine, pool, text

from authority_portal.config import CHECKOUT, Settings, settings
from authority_portal.foundation import bell, clock, pulse
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.outbox import OutboxEvent
from authority_portal.jobs import queues
from authority_portal.web.ops import figures
from tests.builders.authorities import a_town
from tests.builders.processes import eventually, workers
from tests.builders.reports import a_report

TOKEN = "a-token-of-at-least-twenty-characters"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def opened(monkeypatch):
    """The settings that open the door; gives a way to choose them."""

    def choose(**more):
        chosen = settings().model_copy(update={"METRICS_TOKEN": TOKEN} | more)
        monkeypatch.setattr("authority_portal.web.ops.reading.settings", lambda: chosen)

    choose()
    return choose


def read(client, **more):
    answer = client.get("/metrics", headers=BEARER, **more)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value for family in parsed(answer.text) for sample in family.samples
    }


def figure(figures, name, **labels):
    return figures[(name, *sorted(labels.items()))]


def test_nobody_reads_until_a_setting_opens_it(client):
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"bearer {TOKEN}", "Bearer ä"])
def test_a_wrong_token_gets_what_a_missing_page_gets(client, opened, given):
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_a_network_opens_to_who_comes_directly(client, opened):
    opened(METRICS_TOKEN="", METRICS_NETWORKS="127.0.0.0/8, ::1/128")

    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": ""}).status_code == 404


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_came_through_a_proxy_is_not_from_inside(client, opened, name):
    opened(METRICS_TOKEN="", METRICS_NETWORKS="127.0.0.0/8")

    assert client.get("/metrics", headers={name: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize("wrong", [{"METRICS_TOKEN": "short"}, {"METRICS_NETWORKS": "everywhere"}, {"MEDIA_PREFIX": "media/"}])
def test_settings_that_would_open_it_wrongly_are_refused(environment, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**wrong)


def test_requests_are_counted_by_route_and_never_by_what_was_typed(client, opened):
    before = read(client)
    for path in ("/canary-page", "/r/canary-token", "/reports?q=canary", "/healthz"):
        client.get(path)
    client.open("/healthz", method="CANARY")
    answer = client.get("/metrics", headers=BEARER)
    now = read(client)

    def grown(**labels):
        key = ("portal_requests_total", *sorted(labels.items()))
        return now.get(key, 0) - before.get(key, 0)

    assert "canary" not in answer.text.lower()
    assert grown(endpoint="ops.healthz", method="GET", status="2xx") == 1
    assert grown(endpoint="none", method="GET", status="4xx") == 1
    assert grown(endpoint="none", method="other", status="4xx") == 1
    assert grown(endpoint="residents.follow", method="GET", status="4xx") == 1
    assert figure(now, "portal_request_seconds_count", endpoint="ops.healthz") >= 1


def test_what_waits_and_what_fails_is_told(house, client, opened):
    town = a_town()
    a_report(town)
    bind(None)
    with transaction():
        event = db.session.query(OutboxEvent).one()
        event.due_at, event.attempts, event.last_error = clock.now() - timedelta(hours=1), 3, "OSError"
        db.session.execute(
            text(
                "INSERT INTO message_dispatch (message_id, authority_id, channel, stream, state, attempts, refusals, ambiguous,"
                " next_attempt_at, failure) VALUES "
                "(1, :a, 'email', 1, 'pending', 1, 1, 0, now() - interval '90 s', '451 to the recipient'),"
                "(2, :a, 'email', 2, 'failed', 1, 0, 0, now(), 'cannot be addressed: ValueError'),"
                "(3, :a, 'email', 3, 'failed', 1, 0, 0, now() - interval '2 days', '550 to the sender'),"
                "(4, :a, 'email', 4, 'sent', 1, 0, 0, now(), '')"
            ),
            {"a": town.id},
        )
    now = read(client)

    assert figure(now, "portal_events_due", kind="ReportReceived") == 1
    assert figure(now, "portal_events_failing", kind="ReportReceived") == 1
    assert figure(now, "portal_event_failures", kind="ReportReceived", cause="OSError") == 1
    assert figure(now, "portal_messages_due", channel="email") == 1
    assert 85 < figure(now, "portal_messages_oldest_seconds", channel="email") < 200
    assert figure(now, "portal_message_failures", channel="email", state="pending", cause="4xx to the recipient") == 1
    assert figure(now, "portal_message_failures", channel="email", state="failed", cause="cannot be addressed") == 1
    assert not any("message" in str(key) and "5xx" in str(key) for key in now), "what failed two days ago is no news"
    assert figure(now, "portal_photos_waiting") == 0
    assert figure(now, "portal_schema_ready") == 1
    assert figure(now, "portal_database_up") == 1
    assert figure(now, "portal_sweeper_leads") == 0
    assert figure(now, "portal_database_connections", process="portal-test", state="active") >= 1


def test_a_sweeper_shows_that_it_lives_and_its_death_is_seen(committed, environment, opened, tmp_path):
    client = committed.test_client()
    with workers(environment, tmp_path / "workers.log"):
        eventually(lambda: figure(read(client), "portal_sweeper_leads") == 1)
        assert figure(read(client), "portal_sweeper_age_seconds") < 5
    db.session.remove()

    now = read(client)
    assert figure(now, "portal_sweeper_leads") == 0
    assert ("portal_sweeper_age_seconds",) not in now


def test_without_redis_the_rest_is_told(client, opened, monkeypatch):
    assert figure(read(client), "portal_bell_up") == 1
    assert figure(read(client), "portal_queue_jobs", queue="messages") >= 0

    monkeypatch.setattr(bell, "connection", lambda: redis.Redis(port=1, socket_connect_timeout=0.2))
    now = read(client)

    assert figure(now, "portal_bell_up") == 0
    assert figure(now, "portal_database_up") == 1
    assert ("portal_queue_jobs", ("queue", "messages")) not in now


def test_without_the_database_the_requests_are_told(committed, opened, monkeypatch):
    client = committed.test_client()
    client.get("/healthz")
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none", poolclass=pool.NullPool)
    engines = db._app_engines[committed]
    monkeypatch.setitem(engines, None, away)
    db.session.remove()

    now = read(client)
    db.session.remove()

    assert figure(now, "portal_database_up") == 0
    assert figure(now, "portal_requests_total", endpoint="ops.healthz", method="GET", status="2xx") >= 1
    assert ("portal_sweeper_leads",) not in now


def test_the_queues_are_those_of_the_jobs():
    assert figures.QUEUES == (queues.MESSAGES, queues.ERRANDS)
    assert pulse.SWEEPER_LOCK == 7_302


@contextmanager
def gunicorn(environment, folder, **more):
    """Two real workers with a counting folder of their own; gives the address."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = environment | {"PORTAL_METRICS_FOLDER": str(folder / "metrics"), "PORTAL_METRICS_TOKEN": TOKEN} | more
    command = [sys.executable, "-m", "gunicorn", "--config", str(CHECKOUT / "deploy/gunicorn_conf.py"), "wsgi:app"]
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env={"PATH": "/usr/bin:/bin", "PORTAL_BIND": f"127.0.0.1:{port}", **env},
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: process.poll() is not None or get(f"{address}/healthz") is not None)
        assert process.poll() is None, (folder / "web.log").read_text()
        yield address, process
    finally:
        process.terminate()
        process.wait(60)


def get(address, headers=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers or {}), timeout=5) as answer:
            return answer.read().decode()
    except urllib.error.URLError:
        return None


def test_two_workers_count_together_and_a_fresh_start_counts_from_nothing(environment, tmp_path):
    wanted = 'portal_requests_total{endpoint="ops.accent",method="GET",status="2xx"}'
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "counter_1.db").write_bytes(b"of a former life")
    with gunicorn(environment, tmp_path) as (address, _):
        asked = 0
        # Each on a connection of its own; the kernel decides which worker gets it, and both have to have had some.
        while asked < 40 or len(list((tmp_path / "metrics").glob("counter_*.db"))) < 2:
            assert get(f"{address}/accent/0b5a68.css")
            asked += 1
            assert asked < 2_000, "one worker never gets anything"
        told = {get(f"{address}/metrics", BEARER) for _ in range(6)}
    counted = {re.search(re.escape(wanted) + r" (\S+)", one)[1] for one in told}

    assert counted == {f"{asked}.0"}
