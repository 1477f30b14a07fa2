"""No authority stays bound in a thread between two requests, whatever they were."""

import pytest
from flask import before_render_template

from authority_portal.foundation import db
from authority_portal.foundation.db import bound_authority


@pytest.fixture
def left_bound(app):
    """A thread in which somebody left an authority bound."""
    token = db._bound.set(7)
    yield app
    db._bound.reset(token)


@pytest.mark.parametrize("path", ["/sign-in", "/no-such-page", "/?x=%ff", "/static/favicon.svg"])
def test_a_request_begins_unbound_and_leaves_nothing_bound(left_bound, path):
    seen = []

    def look(_app, **_):
        seen.append(bound_authority())

    with before_render_template.connected_to(look, left_bound):
        left_bound.test_client().get(path)

    assert set(seen) <= {None}
    assert bound_authority() is None


def test_a_context_that_ends_leaves_nothing_bound(app):
    with app.app_context():
        db.bind(7)

    assert bound_authority() is None
