"""What is asked of the database."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from authority_portal.foundation.db import db


@pytest.fixture
def counted(house):
    """Collect the statements of a block, without those that begin and end transactions."""

    @contextmanager
    def counting():
        seen: list[str] = []

        def note(_connection, _cursor, statement, *_rest):
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                seen.append(statement)

        event.listen(db.engine.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(db.engine.engine, "before_cursor_execute", note)

    return counting
