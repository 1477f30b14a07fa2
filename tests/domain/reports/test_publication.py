"""When steps become public: never before an earlier one, also when somebody hurries or a window grows shorter."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from authority_portal.config import settings
from authority_portal.domain.reports.commands import publication, status
from authority_portal.domain.reports.models import Report, StatusChange
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import db, transaction
from authority_portal.foundation.errors import Denied
from authority_portal.foundation.outbox import OutboxEvent
from tests.builders.authorities import Town, a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member

pytestmark = pytest.mark.usefixtures("house")

Window = Callable[[int], None]


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    def lasts(seconds: int) -> None:
        monkeypatch.setenv("PORTAL_UNDO_SECONDS", str(seconds))
        settings.cache_clear()

    lasts(60)
    yield lasts
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def town() -> Town:
    return a_town()


def _step(town: Town, report: Report, to: str, by: object = None, **more: object) -> StatusChange:
    with transaction():
        return status.change(report, to=town.statuses[to], authority=town.card, by=by or town.house, **more)  # type: ignore[arg-type]


def _due(change: StatusChange) -> object:
    return db.session.scalar(
        select(OutboxEvent.due_at)
        .where(OutboxEvent.subject == f"status_change:{change.id}")
        .execution_options(populate_existing=True)
    )


def test_what_is_sent_at_once_takes_the_earlier_steps_along(town: Town, window: Window) -> None:
    report = a_report(town)
    first = _step(town, report, "accepted")
    second = _step(town, report, "in_progress")
    third = _step(town, report, "closed", outcome=Outcome.FIXED, note="Done.")
    later = third.public_at
    with transaction():
        publication.send_now(report, second.id, by=town.house)
    assert first.public_at == second.public_at == _due(first) == _due(second)
    assert second.public_at <= clock.now()
    assert third.public_at == _due(third) == later


def test_nobody_hurries_the_step_of_somebody_else_along_with_their_own(town: Town, window: Window) -> None:
    report = a_report(town)
    sam, kim = a_member(town, teams=["streets"]), a_member(town, teams=["streets"])
    _step(town, report, "accepted", by=sam)
    second = _step(town, report, "in_progress", by=kim)
    with pytest.raises(Denied):
        publication.send_now(report, second.id, by=kim)


@pytest.mark.parametrize("seconds", [0, 10])
def test_a_shorter_window_lets_no_step_out_before_an_earlier_one(town: Town, window: Window, seconds: int) -> None:
    report = a_report(town)
    first = _step(town, report, "in_progress")
    window(seconds)
    second = _step(town, report, "closed", outcome=Outcome.FIXED, note="Done.")
    assert second.public_at == first.public_at == _due(second)


def test_an_undone_step_holds_nothing_back(town: Town, window: Window) -> None:
    report = a_report(town)
    first = _step(town, report, "in_progress")
    with transaction():
        status.undo(report, first.id, by=town.house)
    window(0)
    assert _step(town, report, "accepted").public_at < first.changed_at + timedelta(seconds=60)
