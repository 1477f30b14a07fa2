"""The stage of the proofs: one outer transaction per module, so that three whole authorities are built once."""

import pytest

from authority_portal.domain.authorities import card
from authority_portal.foundation.db import bind, db
from tests.proofs import world as worlds


@pytest.fixture(scope="module")
def world(app):
    """Three authorities that vanish with the module."""
    with app.app_context():
        connection = db.engine.connect()
        outer = connection.begin()
        engines = db._app_engines[app]
        original = engines[None]
        engines[None] = connection
        db.session.session_factory.configure(join_transaction_mode="create_savepoint")
        card.forget()
        try:
            yield worlds.build(app, connection)
        finally:
            db.session.remove()
            bind(None)
            db.session.remove()
            engines[None] = original
            db.session.session_factory.configure(join_transaction_mode="conditional_savepoint")
            outer.rollback()
            connection.close()
            card.forget()
