"""Forms are sent from our own pages: the secret lives in the session's row, or in a short cookie before there is one."""

import re

import pytest
from sqlalchemy import event, select

from authority_portal.domain.staff.models import StaffSession
from authority_portal.foundation.db import db
from tests.web.sign_in.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("town", "checked")


@pytest.fixture
def checked(app, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


def token_of(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


@pytest.fixture
def inside(client, ama):
    """A browser signed in through the form."""
    token = token_of(client.get("/sign-in"))
    assert client.post("/sign-in", data={"email": ama, "password": PASSWORD, "csrf_token": token}).status_code == 303
    return client


def test_signing_in_needs_the_token_of_this_browser(app, client, ama):
    foreign = token_of(app.test_client().get("/sign-in"))
    for token in ({}, {"csrf_token": "x"}, {"csrf_token": foreign}):
        answer = client.post("/sign-in", data={"email": ama, "password": PASSWORD, **token})
        assert answer.status_code == 422
        assert f'value="{ama}"' in answer.text


@pytest.mark.parametrize(
    "path", ["/sign-out", "/account/password", "/account/appearance", "/account/authority", "/account/sign-out-everywhere"]
)
def test_a_form_of_staff_without_token_is_refused(inside, path):
    assert inside.post(path).status_code == 400
    assert inside.get("/account").status_code == 200


def test_the_token_may_come_as_a_header(inside):
    token = token_of(inside.get("/account"))

    assert inside.post("/sign-out", headers={"X-CSRFToken": token}).status_code == 303


def test_a_token_of_the_former_session_is_worth_nothing(inside, ama):
    old = token_of(inside.get("/account"))
    inside.post("/sign-out", data={"csrf_token": old})
    token = token_of(inside.get("/sign-in"))
    inside.post("/sign-in", data={"email": ama, "password": PASSWORD, "csrf_token": token})

    assert inside.post("/sign-out", data={"csrf_token": old}).status_code == 400


def test_the_visitors_cookie_goes_when_somebody_signed_in(inside):
    assert inside.get_cookie("portal-form") is None
    inside.get("/account")
    assert inside.get_cookie("portal-form") is None


@pytest.mark.parametrize("path", ["/healthz", "/static/favicon.svg", "/accent/0b5a68.css", "/no-such-page", "/"])
def test_other_pages_set_no_cookie(client, path):
    assert client.get(path).headers.getlist("Set-Cookie") == []


@pytest.mark.parametrize("cookie", ["x", "e30.x.y", "%00", "é", "."])
def test_a_broken_cookie_is_ignored(client, ama, cookie):
    for name in ("portal-form", "portal-browser", "portal"):
        client.set_cookie(name, cookie)

    assert client.get("/sign-in").status_code == 200
    assert client.get("/account").status_code == 303


def test_ten_kilobytes_of_cookie_are_ignored(app):
    client = app.test_client(use_cookies=False)
    for name in ("portal-form", "portal-browser", "portal"):
        headers = {"Cookie": f"{name}={'A' * 10_000}; {name}=second"}
        assert client.get("/sign-in", headers=headers).status_code == 200
        assert client.get("/account", headers=headers).status_code == 303


def test_reading_a_page_reads_the_session_once_and_writes_nothing(inside, house):
    before = db.session.scalar(select(StaffSession.data))
    statements = []
    event.listen(db.session.bind or db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    inside.get("/account")

    assert len([one for one in statements if "staff_session" in one and "staff.theme" in one]) == 1
    assert [one for one in statements if one.startswith(("UPDATE", "INSERT", "DELETE"))] == []
    assert db.session.scalar(select(StaffSession.data)) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused_even_with_a_token(inside, headers):
    token = token_of(inside.get("/account"))

    assert inside.post("/sign-out", data={"csrf_token": token}, headers=headers).status_code == 403
    assert inside.get("/account").status_code == 200


def test_neither_get_nor_a_method_override_signs_out(inside):
    assert inside.get("/sign-out").status_code == 405
    inside.get("/account?_method=POST", headers={"X-HTTP-Method-Override": "DELETE"})
    assert inside.get("/account").status_code == 200
