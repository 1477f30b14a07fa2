"""In and out: what the door answers, and what it never tells."""

import re

import pytest
from sqlalchemy import select, update

from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.staff.models import Staff, StaffSession
from authority_portal.foundation.db import bind, db, transaction
from tests.web.sign_in.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("town")


def sign_in(client, email, password=PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def test_the_right_password_opens_a_session(client, ama):
    answer = sign_in(client, f" {ama.upper()} ")

    assert answer.status_code == 303
    assert client.get("/account").status_code == 200


def test_the_cookie_is_for_this_site_and_no_script(client, ama):
    cookie = next(text for text in sign_in(client, ama).headers.getlist("Set-Cookie") if text.startswith("portal="))

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_only_a_digest_of_the_secret_is_stored(client, ama):
    sign_in(client, ama)
    secret = client.get_cookie("portal").value

    stored = db.session.scalars(select(StaffSession.digest)).one()
    assert secret.encode() not in stored
    assert len(stored) == 32


def test_every_sign_in_gets_a_new_secret_and_a_preset_one_opens_nothing(client, ama):
    client.set_cookie("portal", "A" * 43)
    sign_in(client, ama)
    first = client.get_cookie("portal").value
    client.post("/sign-out")
    sign_in(client, ama)

    assert "A" * 43 != first != client.get_cookie("portal").value


def test_wrong_unknown_disabled_and_without_password_answer_the_same(client, ama, town):
    wrong = sign_in(client, ama, "not her password at all")
    unknown = sign_in(client, "nobody@boston.example")
    bind(None)
    with transaction():
        db.session.execute(update(Staff).where(Staff.email == ama).values(disabled_at=Staff.created_at))
    disabled = sign_in(client, ama)
    with transaction():
        db.session.execute(update(Staff).where(Staff.email == ama).values(disabled_at=None, password_hash=None))
    invited = sign_in(client, ama)

    def told(answer):
        text = re.sub(r'name="csrf_token" value="[^"]*"|this number: \w+', "", answer.text)
        return answer.status_code, text.replace(ama, "-").replace("nobody@boston.example", "-")

    assert told(wrong)[0] == 422
    assert told(wrong) == told(unknown) == told(disabled) == told(invited)


def test_an_error_keeps_the_typed_address_and_never_the_password(client, ama):
    answer = sign_in(client, ama, "a wrong but secret password")

    assert f'value="{ama}"' in answer.text
    assert "a wrong but secret password" not in answer.text


@pytest.mark.parametrize("form", [{}, {"email": "a@b.example"}, {"password": "x"}, {"email": "", "password": ""}])
def test_an_incomplete_form_says_what_is_missing(client, form):
    answer = client.post("/sign-in", data=form)

    assert answer.status_code == 422
    assert "error-summary" in answer.text


def test_someone_signed_in_does_not_see_the_form_again(client, ama):
    sign_in(client, ama)

    assert client.get("/sign-in").status_code == 303
    assert client.get("/").location != "/sign-in"


def test_a_stranger_is_led_from_the_start_to_the_form(client):
    assert client.get("/").location == "/sign-in"


def test_a_page_sends_a_stranger_to_the_form_and_back(client, ama):
    away = client.get("/account?done=password")

    assert away.location == "/sign-in?next=/account?done%3Dpassword"
    form = client.get(away.location)
    assert 'value="/account?done=password"' in form.text
    assert sign_in(client, ama, next="/account?done=password").location == "/account?done=password"


def test_a_fragment_makes_the_whole_page_go(client):
    answer = client.get("/account", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/account"})

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/account"


def test_an_image_or_script_gets_a_plain_answer(client):
    assert client.get("/account", headers={"Sec-Fetch-Dest": "image"}).status_code == 401


def test_sign_out_ends_the_session_on_the_server(client, ama):
    sign_in(client, ama)
    secret = client.get_cookie("portal").value
    answer = client.post("/sign-out")

    assert answer.location == "/sign-in"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert ["You are signed out." in client.get(answer.location).text for _ in range(2)] == [True, False]
    client.set_cookie("portal", secret)
    assert client.get("/account").status_code == 303


def test_sign_in_and_refusal_leave_lines_without_words(client, ama, town):
    sign_in(client, ama, "not her password at all")
    sign_in(client, "nobody@boston.example")
    sign_in(client, ama)

    bind(town.id)
    lines = db.session.execute(select(AuditLine.action, AuditLine.details).where(AuditLine.action.like("staff:%sign%"))).all()
    assert [tuple(line) for line in lines] == [("staff:sign_in_refused", {}), ("staff:signed_in", {})]


def test_disabling_someone_ends_every_session_at_once(client, ama, app):
    other = app.test_client()
    sign_in(client, ama)
    sign_in(other, ama)
    bind(None)
    with transaction():
        db.session.execute(update(Staff).where(Staff.email == ama).values(disabled_at=Staff.created_at))

    assert client.get("/account").status_code == 303
    assert other.get("/account").status_code == 303


def test_production_refuses_the_password_that_everybody_knows(client, ama, monkeypatch, house):
    from authority_portal.config import settings
    from authority_portal.domain.staff import passwords

    bind(None)
    with transaction():
        db.session.execute(update(Staff).values(password_hash=passwords.hashed(passwords.DEMO_PASSWORD)))
    monkeypatch.setattr(passwords, "settings", lambda: settings().model_copy(update={"ENV": "production"}))

    assert sign_in(client, ama, passwords.DEMO_PASSWORD).status_code == 422
