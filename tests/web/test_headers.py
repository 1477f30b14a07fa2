"""What every answer carries, good or bad."""

import pytest
from sqlalchemy import create_engine

from authority_portal.config import settings
from authority_portal.foundation.db import db
from authority_portal.web.headers import POLICY
from tests.builders.authorities import a_town
from tests.builders.staff import a_member, signed_in


@pytest.fixture
def desk(house):
    return signed_in(house, a_member(a_town()))


@pytest.fixture
def answers(client, desk):
    """One answer of every kind: page, redirect, refusal, missing, wrong method, wrong form, bad bytes, data."""
    return {
        "page": desk.get("/account"),
        "form": client.get("/sign-in"),
        "redirect": client.get("/account"),
        "fragment away": client.get("/account", headers={"HX-Request": "true"}),
        "refused": client.post("/sign-in", headers={"Origin": "https://evil.example"}),
        "missing": client.get("/no-such-page"),
        "missing data": client.get("/no-such.json"),
        "method": client.delete("/sign-in"),
        "wrong": client.post("/sign-in"),
        "bytes": client.get("/?x=%ff"),
        "large": client.post("/sign-in", data={"email": "x" * 600_000}),
        "options": client.options("/sign-in"),
        "head": client.head("/sign-in"),
        "health": client.get("/healthz"),
    }


def test_every_answer_has_the_policy_and_is_kept_by_nobody(answers):
    for kind, answer in answers.items():
        assert answer.headers["Content-Security-Policy"] == POLICY, kind
        assert answer.headers["Cache-Control"] == "no-store", kind
        assert {"Cookie", "HX-Request"} <= set(answer.vary), kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff", kind
        assert answer.headers["X-Frame-Options"] == "DENY", kind
        assert answer.headers["Referrer-Policy"] == "same-origin", kind
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", kind
        assert "geolocation=()" in answer.headers["Permissions-Policy"], kind
        assert len(answer.headers["X-Request-Id"]) == 32, kind


def test_the_statuses_are_what_they_claim(answers):
    assert {kind: answer.status_code for kind, answer in answers.items()} == {
        "page": 200,
        "form": 200,
        "redirect": 303,
        "fragment away": 401,
        "refused": 403,
        "missing": 404,
        "missing data": 404,
        "method": 405,
        "wrong": 422,
        "bytes": 400,
        "large": 413,
        "options": 200,
        "head": 200,
        "health": 200,
    }


def test_pages_have_nothing_that_the_policy_would_stop(answers):
    for kind in ("page", "form", "missing", "refused", "method", "wrong"):
        text = answers[kind].text
        assert "<script>" not in text, kind
        assert " style=" not in text, kind
        assert " onclick=" not in text, kind
        assert "http://" not in text.replace("http://www.w3.org", ""), kind
        assert "https://" not in text, kind


def test_the_policy_allows_nothing_inline_and_nothing_foreign():
    assert POLICY.startswith("default-src 'none'")
    assert "unsafe" not in POLICY
    assert "*" not in POLICY
    assert "http" not in POLICY


def test_a_wrong_method_names_the_right_ones(answers):
    assert set(answers["method"].headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("origin", ["http://[", "http://]", "http://[::1", "null", "//", "http://a]b", "http://[v1.x]y"])
def test_an_origin_that_cannot_be_read_is_not_ours(client, desk, origin):
    assert client.post("/sign-in", headers={"Origin": origin}).status_code == 403
    assert desk.post("/sign-out", headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize("address", ["http://[", "http://[::1", "//["])
def test_a_hint_that_cannot_be_read_is_no_hint(client, address):
    fragment = client.get("/account", headers={"HX-Request": "true", "HX-Current-URL": address})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, "/sign-in")

    page = client.post("/sign-out", headers={"Referer": address})
    assert (page.status_code, page.location) == (303, "/sign-in")


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "get", "FOO"])
def test_strange_methods_are_refused(client, method):
    assert client.open("/sign-in", method=method).status_code == (200 if method == "get" else 405)


def test_tls_installations_say_so_and_bind_their_cookies(client, monkeypatch):
    secure = settings().model_copy(update={"BASE_URL": "https://portal.example"})
    monkeypatch.setattr("authority_portal.web.headers.settings", lambda: secure)
    monkeypatch.setattr("authority_portal.web.browser_session.settings", lambda: secure)
    answer = client.get("/sign-in", base_url="https://localhost")

    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-portal-form=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_fingerprinted_files_are_kept_and_others_are_not(client):
    assert "immutable" in client.get("/static/favicon.svg?v=1").headers["Cache-Control"]
    assert "immutable" not in client.get("/static/favicon.svg").headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["/account/x.css", "/account;.js", "/account%2f..%2fa.png", "/account/", "/static/../wsgi.py", "/static/%2e%2e/wsgi.py"],
)
def test_no_address_dresses_a_page_up_as_a_file(desk, path):
    assert desk.get(path).status_code == 404


def test_the_database_being_away_is_said_with_a_time_to_come_back(app, desk):
    engines = db._app_engines[app]
    kept, engines[None] = engines[None], create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1")
    db.session.remove()
    try:
        answers = [desk.get("/account"), desk.get("/")]
        data = desk.get("/readyz")
    finally:
        db.session.remove()
        engines[None] = kept

    for answer in answers:
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "127.0.0.1" not in answer.text
        assert answer.headers["Content-Security-Policy"] == POLICY
    assert data.status_code == 503
    assert data.json == {"status": "waiting for the database"}
