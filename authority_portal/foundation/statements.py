"""Statements that are asked again and again: built and compiled once for each question, then sent as they are.

Building a statement of many conditions and finding its compiled form costs several times what the database needs to answer it.
What is kept is the statement alone, never an answer: who asks the same twice is answered by the database twice.
"""

from collections.abc import Callable, Hashable
from typing import Any

from sqlalchemy import CursorResult, Select

from authority_portal.foundation.db import db

MOST = 500
"""Statements of one process; then it begins anew. Each takes 13 kB."""

_kept: dict[Hashable, tuple[str, dict[str, Any]]] = {}


def execute(key: Hashable, build: Callable[[], Select[Any]], **values: Any) -> CursorResult[Any]:
    """The rows of the statement that `build` gives, built at the first question of this `key`.

    The key holds everything that the statement depends on; `values` are those of its named parameters, new with each question.
    Columns come as the driver reads them: types whose values SQLAlchemy converts itself do not belong here.
    """
    session = db.session()
    session.flush()  # as every other question does
    connection = session.connection()
    known = _kept.get(key)
    if known is None:
        if len(_kept) >= MOST:
            _kept.clear()
        expanded = build().compile(dialect=connection.dialect).construct_expanded_state(values)
        known = _kept[key] = (expanded.statement, dict(expanded.parameters))
    return connection.exec_driver_sql(known[0], known[1] | values)
