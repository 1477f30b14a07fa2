"""What the tests of the report page share: a town with a report, a browser, and what a page says."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from authority_portal.config import settings
from authority_portal.domain.reports.models import Report
from authority_portal.foundation.db import bind, db
from tests.builders.authorities import Town


def page(client: FlaskClient, report: Report, *, at: str = "", **query: str) -> str:
    """The page's text; it has to be there."""
    answer = client.get(f"/reports/{report.reference}{at}", query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.text


def act(client: FlaskClient, report: Report, what: str, **form: Any) -> Any:
    """Post a form below the report; its version is the one in the form of the page, unless given."""
    return client.post(f"/reports/{report.reference}/{what}", data=form)


def step_to(town: Town, to: str, **more: Any) -> dict[str, Any]:
    """The form of a step from the first status of a report that nobody touched."""
    return {"to": town.statuses[to], "version": 1, "seen_status": town.statuses["received"], **more}


def said(html: str) -> str:
    """The words of a page, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def fresh(report: Report) -> Report:
    """The row as it is in the database now."""
    bind(report.authority_id)
    return db.session.scalars(
        select(Report).where(Report.id == report.id).execution_options(populate_existing=True)
    ).one()  # fmt: skip


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile; savepoints are the stage's, not the page's."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "SAVEPOINT" not in statement:
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@contextmanager
def undo_of(seconds: int, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """An undo window of this length."""
    patch.setenv("PORTAL_UNDO_SECONDS", str(seconds))
    settings.cache_clear()
    try:
        yield
    finally:
        patch.undo()
        settings.cache_clear()
