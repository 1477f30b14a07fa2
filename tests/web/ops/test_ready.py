"""Alive and ready, without telling anybody what runs here."""

import re

import pytest
from sqlalchemy import create_engine, pool, text

from authority_portal.foundation.db import db


def test_alive_asks_nobody(client):
    assert client.get("/healthz").json == {"status": "ok"}


def test_ready_says_whether_the_bell_rings(client):
    assert client.get("/readyz").json == {"status": "ok", "bell": "ok"}


def test_code_that_is_newer_than_the_database_is_not_ready(committed, environment):
    owner = create_engine(environment["PORTAL_DATABASE_OWNER_URL"], poolclass=pool.NullPool)
    with owner.begin() as connection:
        before = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    try:
        answer = committed.test_client().get("/readyz")
    finally:
        with owner.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": before})
    db.session.remove()

    assert (answer.status_code, answer.json) == (503, {"status": "waiting for migrations"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/no-such-page", "/sign-in"])
def test_no_answer_names_a_version(client, path):
    answer = client.get(path)
    told = " ".join(f"{name}: {value}" for name, value in answer.headers if name not in ("X-Request-Id", "Set-Cookie")) + re.sub(
        r"\?v=\w+|value=\"[^\"]+\"|number: \w+", "", answer.text
    )

    assert re.search(r"werkzeug|flask|python|gunicorn|postgres|\b\d+\.\d+\.\d+\b", told, re.IGNORECASE) is None
