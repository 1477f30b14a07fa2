"""The stage of the proofs: one outer transaction per module, so that three whole authorities are built once."""

import pytest
from sqlalchemy import Connection

from authority_portal.domain.authorities import card
from authority_portal.foundation.db import bind, db
from tests.proofs import world as worlds


@pytest.fixture(scope="module")
def world(stage, app):
    """Three authorities that vanish with the module."""
    connection = db.engine
    assert isinstance(connection, Connection)
    return worlds.build(app, connection)


@pytest.fixture(scope="module")
def stage(app):
    """The application inside one outer transaction: code may commit, nothing survives the module."""
    with app.app_context():
        connection = db.engine.connect()
        outer = connection.begin()
        engines = db._app_engines[app]
        original = engines[None]
        engines[None] = connection
        db.session.session_factory.configure(join_transaction_mode="create_savepoint")
        card.forget()
        try:
            yield app
        finally:
            db.session.remove()
            bind(None)
            db.session.remove()
            engines[None] = original
            db.session.session_factory.configure(join_transaction_mode="conditional_savepoint")
            outer.rollback()
            connection.close()
            card.forget()
