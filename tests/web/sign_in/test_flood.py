"""Guessing at the door: it slows down, says so, costs the same time for everybody, and never shuts the owner out."""

import statistics
import time

import pytest
import redis
from sqlalchemy import text

from authority_portal.foundation import bell
from authority_portal.foundation.db import db
from tests.web.sign_in.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("town")


def knock(client, email, password="some wrong password", address="203.0.113.9"):
    return client.post("/sign-in", data={"email": email, "password": password}, environ_base={"REMOTE_ADDR": address})


@pytest.mark.parametrize("email", ["nobody@boston.example", "ama"])
def test_the_seventh_wrong_try_has_to_wait_whether_the_account_exists_or_not(client, ama, email):
    email = ama if email == "ama" else email
    statuses = [knock(client, email).status_code for _ in range(8)]
    last = knock(client, email)

    assert statuses[:6] == [422] * 6
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) >= 1
    assert f'value="{email}"' in last.text


def test_the_right_password_does_not_pass_a_full_bucket(client, ama):
    for _ in range(9):
        knock(client, ama)

    assert knock(client, ama, PASSWORD).status_code == 429


def test_the_owner_gets_in_from_a_browser_that_is_known(app, client, ama):
    assert knock(client, ama, PASSWORD, "198.51.100.1").status_code == 303
    client.post("/sign-out")
    stranger = app.test_client()
    for number in range(30):
        knock(stranger, ama, address=f"203.0.{number}.9")

    assert knock(stranger, ama, PASSWORD).status_code == 429
    assert knock(client, ama, PASSWORD, "198.51.100.1").status_code == 303


def test_a_forged_browser_cookie_is_nothing(client, ama):
    client.set_cookie("portal-browser", "WyJ4IiwieSJd.forged")
    for _ in range(9):
        knock(client, ama)

    assert knock(client, ama, PASSWORD).status_code == 429


def test_a_forwarded_address_that_nobody_trusts_is_not_believed(client):
    statuses = [
        client.post(
            "/sign-in",
            data={"email": f"{number}@boston.example", "password": "x"},
            headers={"X-Forwarded-For": f"198.51.{number}.1", "X-Real-IP": f"198.51.{number}.1"},
        ).status_code
        for number in range(50)
    ]

    assert statuses[-1] == 429


def test_the_limit_holds_without_redis(client, ama, monkeypatch):
    gone = redis.Redis(port=1, retry=None, socket_connect_timeout=0.1)
    monkeypatch.setattr(bell, "connection", lambda: gone)
    statuses = [knock(client, ama).status_code for _ in range(9)]

    assert statuses[-1] == 429


def test_a_known_and_an_unknown_account_cost_the_same_time(client, ama):
    def median(email):
        taken = []
        for number in range(9):
            db.session.execute(text("DELETE FROM throttle"))
            db.session.commit()
            begun = time.perf_counter()
            knock(client, email.format(number))
            taken.append(time.perf_counter() - begun)
        return statistics.median(taken)

    median(ama)
    known, unknown = median(ama), median("nobody{}@boston.example")
    assert abs(known - unknown) < 0.5 * max(known, unknown)


def test_a_huge_form_is_refused_before_anything_is_counted(client):
    answer = client.post("/sign-in", data={"email": "a@b.example", "password": "x" * 600_000})

    assert answer.status_code == 413
    assert db.session.scalar(text("SELECT count(*) FROM throttle")) == 0
