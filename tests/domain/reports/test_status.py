"""Steps along the workflow: what they change, what they ask for, how they are undone."""

import pytest
from sqlalchemy import select

from authority_portal.domain.reports.commands import status
from authority_portal.domain.reports.models import StatusChange
from authority_portal.domain.reports.workflow import Group, Outcome, StepRefused
from authority_portal.foundation.db import db, transaction
from authority_portal.foundation.errors import Conflict, Denied, Invalid
from authority_portal.foundation.outbox import OutboxEvent
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member

pytestmark = pytest.mark.usefixtures("house")


def _told() -> list[str]:
    return list(db.session.scalars(select(OutboxEvent.kind).where(OutboxEvent.state == "pending").order_by(OutboxEvent.id)))


def test_a_step_moves_the_report_and_tells_the_house() -> None:
    town = a_town()
    report, kim = a_report(town), a_member(town, teams=["streets"])

    with transaction():
        change = status.change(report, to=town.statuses["in_progress"], note="Crew sent.", authority=town.card, by=kim)

    assert (report.status_group, report.version) == (Group.OPEN, 2)
    assert change.staff_id == kim.id
    assert _told() == ["ReportReceived", "StatusChanged"]


def test_closing_asks_for_an_outcome_and_words() -> None:
    town = a_town()
    with pytest.raises(Invalid) as refused:
        status.change(a_report(town), to=town.statuses["closed"], authority=town.card, by=town.house)
    assert set(refused.value.fields) == {"outcome", "note"}


def test_a_step_the_workflow_lacks_is_refused() -> None:
    town = a_town()
    report = a_report(town, to="closed", outcome=Outcome.FIXED)
    with pytest.raises(StepRefused):
        status.change(report, to=town.statuses["accepted"], note="x", authority=town.card, by=town.house)


def test_another_team_is_denied() -> None:
    town = a_town()
    with pytest.raises(Denied):
        status.change(a_report(town), to=town.statuses["accepted"], authority=town.card, by=a_member(town, teams=["parks"]))


def test_someone_without_a_team_cannot_touch_an_unassigned_report() -> None:
    town = a_town()
    report = a_report(town)
    report.team_id = None
    with pytest.raises(Denied):
        status.change(report, to=town.statuses["accepted"], authority=town.card, by=a_member(town))


def test_waiting_pauses_the_clock_and_going_on_moves_the_deadline() -> None:
    town = a_town()
    report = a_report(town)
    due = report.due_at
    with transaction():
        status.change(report, to=town.statuses["waiting_other"], authority=town.card, by=town.house)
    assert report.paused_at is not None
    with transaction():
        status.change(report, to=town.statuses["in_progress"], authority=town.card, by=town.house)
    assert report.paused_at is None
    assert report.due_at is not None
    assert due is not None
    assert report.due_at > due


def test_an_undone_step_leaves_the_report_as_it_was_and_tells_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    from authority_portal.config import settings

    monkeypatch.setenv("PORTAL_UNDO_SECONDS", "60")
    settings.cache_clear()
    town = a_town()
    report = a_report(town)
    with transaction():
        change = status.change(
            report, to=town.statuses["closed"], outcome=Outcome.FIXED, note="Done.", authority=town.card, by=town.house
        )
    with transaction():
        status.undo(report, change.id, by=town.house)

    assert (report.status_group, report.outcome, report.closed_at) == (Group.NEW, None, None)
    assert db.session.get(StatusChange, change.id).undone_at is not None
    assert _told() == ["ReportReceived"]
    settings.cache_clear()


def test_a_public_step_cannot_be_undone() -> None:
    town = a_town()
    report = a_report(town)
    with transaction():
        change = status.change(report, to=town.statuses["accepted"], authority=town.card, by=town.house)
    with pytest.raises(Conflict):
        status.undo(report, change.id, by=town.house)
