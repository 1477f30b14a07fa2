"""The notes of every public step, for clients that ask for our extensions."""

import pytest
from sqlalchemy import event

from authority_portal.domain.reports.commands import status
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.web.open311 import answers
from tests.builders.reports import a_report
from tests.web.open311.conftest import Door, step


def notes(door: Door, report: Report) -> list[tuple[str, str | None]]:
    shown = door.get(f"requests/{report.reference}.json", extensions="true").json[0]["notes"]
    return [(note["type"], note["description"]) for note in shown]


def test_every_public_step_is_a_note(door: Door) -> None:
    report = a_report(door.town)
    changed = step(door, report, "in_progress", "On it.")
    step(door, report, "closed", "State road.", Outcome.NOT_OURS)

    assert notes(door, report) == [
        ("OPEN", None),
        ("IN_PROGRESS", "On it."),
        ("NOT_COUNCILS_RESPONSIBILITY", "Closed: somebody else is responsible. State road."),
    ]
    shown = door.get("requests.json", extensions="true").json[0]["notes"]
    assert shown[1]["datetime"] == answers.moment(changed.public_at)
    assert "notes" not in door.get("requests.json").json[0]


@pytest.mark.usefixtures("undo_window")
def test_a_step_inside_its_undo_window_is_no_note_and_holds_back_what_follows(door: Door) -> None:
    report = a_report(door.town)
    first = step(door, report, "in_progress", "CNRY first")
    second = step(door, report, "closed", "CNRY second", Outcome.FIXED)
    bind(door.town.id)
    with transaction():
        db.session.merge(second).public_at = clock.now()

    assert notes(door, report) == [("OPEN", None)]
    with clock.frozen(first.public_at):
        assert [words for _, words in notes(door, report)] == [None, "CNRY first", "CNRY second"]


@pytest.mark.usefixtures("undo_window")
def test_an_undone_step_is_never_a_note(door: Door) -> None:
    report = a_report(door.town)
    change = step(door, report, "in_progress", "CNRY oops")
    with transaction():
        status.undo(report, change.id, by=door.town.house)
    with clock.frozen(change.public_at):
        assert notes(door, report) == [("OPEN", None)]


def test_the_notes_of_a_page_are_one_statement_more(door: Door) -> None:
    for _ in range(3):
        a_report(door.town, to="in_progress")
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.extend([statement] if "FROM status_change" in statement else [])

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        plain, extended = (door.get("requests.json", **more) for more in ({}, {"extensions": "true"}))
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert [len(shown["notes"]) for shown in extended.json] == [2, 2, 2]
    assert len(plain.json) == 3
    assert len(statements) == 3
