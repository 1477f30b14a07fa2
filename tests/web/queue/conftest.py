"""A town with a caseworker of the streets team, and a counter of SQL statements."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from authority_portal.domain.authorities import card
from authority_portal.foundation.db import db
from tests.builders.authorities import a_town
from tests.builders.staff import a_member, signed_in


@pytest.fixture
def town(house):
    return a_town()


@pytest.fixture
def desk(house, town):
    """The browser of a caseworker of the streets team."""
    return signed_in(house, a_member(town, teams=["streets"]))


@pytest.fixture
def statements():
    """Count the SQL statements of a block, without the savepoints that only tests have. The authority's card is kept."""

    @contextmanager
    def counting():
        card.cards()
        seen = []

        def note(_connection, _cursor, statement, *_):
            if (
                not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))
                and "set_config('app.authority_id', ''" not in statement
            ):
                seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return counting
