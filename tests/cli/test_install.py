"""`flask install database` on a new server: web and workers get in with the password of their address."""

import base64
import hashlib
import hmac
import os

import pytest
from sqlalchemy import create_engine, make_url, pool, text

from authority_portal.cli import install


@pytest.fixture
def owner(servers, environment, worker_id):
    """An engine of the owner; the role that a test makes is gone afterwards."""
    role = f"app_{worker_id}_{os.getpid()}"
    engine = create_engine(environment["PORTAL_DATABASE_OWNER_URL"], poolclass=pool.NullPool)
    yield engine, role
    with engine.begin() as connection:
        if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
            connection.execute(text(f'DROP OWNED BY "{role}"'))
            connection.execute(text(f'DROP ROLE "{role}"'))


def test_a_role_that_is_missing_is_made_with_the_password_of_its_address_and_keeps_it(environment, owner):
    engine, role = owner
    app = make_url(environment["PORTAL_DATABASE_URL"]).set(username=role, password="first's pässword")
    address = environment["PORTAL_DATABASE_OWNER_URL"]
    kept = text("SELECT rolpassword FROM pg_authid WHERE rolname = :role")

    install.prepare(address, app=app)
    with engine.connect() as connection:
        first = connection.scalar(kept, {"role": role})
    install.prepare(address, app=app.set(password="second"))

    assert first.startswith("SCRAM-SHA-256$")
    with engine.connect() as connection:
        assert connection.scalar(kept, {"role": role}) == first
    assert verifies(first, "first's pässword")
    assert not verifies(first, "second")


def verifies(kept, password):
    """Whether the server would let somebody in: it compares a digest of what the password and the kept salt make."""
    rounds, salt = kept.split("$")[1].split(":")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
    client = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    return base64.b64encode(client).decode() == kept.split("$")[2].split(":")[0]
