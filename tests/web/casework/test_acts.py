"""What can be done on the report page, with and without htmx, and what happens when it cannot."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from authority_portal.domain.reports.models import Assignment, Note, Report, StatusChange
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation.db import db
from authority_portal.foundation.outbox import OutboxEvent
from tests.builders.authorities import Town, a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in
from tests.web.casework.staging import act, fresh, page, said, statements, step_to, undo_of

HX = {"HX-Request": "true"}


@pytest.fixture
def town(house: Flask) -> Town:
    return a_town()


@pytest.fixture
def report(town: Town) -> Report:
    return a_report(town)


@pytest.fixture
def kim(house: Flask, town: Town) -> FlaskClient:
    return signed_in(house, a_member(town, teams=["streets"]))


def test_a_step_is_saved_and_leads_back_to_the_page(kim: FlaskClient, report: Report, town: Town) -> None:
    answer = act(kim, report, "status", **step_to(town, "in_progress", note="A crew is coming.", reason="planned"))

    assert (answer.status_code, answer.location) == (303, f"/reports/{report.reference}")
    assert (fresh(report).status_id, fresh(report).version) == (town.statuses["in_progress"], 2)
    words = said(page(kim, report))
    assert "A crew is coming." in words
    assert "Reason, staff only: planned" in words


def test_with_htmx_a_saved_step_sends_the_browser_to_the_page(kim: FlaskClient, report: Report, town: Town) -> None:
    answer = kim.post(f"/reports/{report.reference}/status", data=step_to(town, "accepted"), headers=HX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/reports/{report.reference}")


def test_a_step_costs_fifteen_statements_at_most(kim: FlaskClient, report: Report, town: Town) -> None:
    page(kim, report)
    form, path = step_to(town, "in_progress", note="x"), f"/reports/{report.reference}/status"
    with statements() as sent:
        assert kim.post(path, data=form).status_code == 303
    assert len(sent) <= 15, sent


def test_what_a_step_asks_for_is_said_before_and_refused_beside_its_field(kim: FlaskClient, report: Report, town: Town) -> None:
    assert "Closed asks for an outcome and words for the public." in said(page(kim, report))

    answer = act(kim, report, "status", **step_to(town, "closed", reason="kept"))

    assert answer.status_code == 422
    assert 'href="#outcome"' in answer.text
    assert "Choose how the report ended." in answer.text
    assert 'id="words-wrong"' in answer.text
    assert 'value="kept"' in answer.text
    assert fresh(report).version == 1


def test_with_htmx_a_refusal_is_the_panel_alone(kim: FlaskClient, report: Report, town: Town) -> None:
    answer = kim.post(f"/reports/{report.reference}/status", data=step_to(town, "closed"), headers=HX)
    assert answer.status_code == 422
    assert answer.text.lstrip().startswith('<section class="panel" id="step"')
    assert "There is a problem" in answer.text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"to": "x"}, 422),
        ({"to": "999999999"}, 409),
        ({"to": ""}, 422),
        ({"outcome": "nonsense"}, 422),
        ({"version": ""}, 422),
        ({"version": "nan"}, 422),
        ({"seen_status": "1_0"}, 422),
        ({"note": "x" * 4_001}, 422),
        ({"note": "bell \x07"}, 422),
        ({"reason": "two\nlines"}, 422),
    ],
)
def test_a_wrong_value_never_passes(kim: FlaskClient, report: Report, town: Town, form: dict[str, str], status: int) -> None:
    assert act(kim, report, "status", **{**step_to(town, "accepted"), **form}).status_code == status
    assert fresh(report).version == 1


def test_control_characters_are_refused_by_the_fields_name(kim: FlaskClient, report: Report, town: Town) -> None:
    answer = act(kim, report, "status", **step_to(town, "accepted", note="\x07"))
    assert "Words the public will read must not contain control characters" in said(answer.text)
    answer = act(kim, report, "notes", text="\x1b[0m")
    assert "Note, staff only must not contain control characters" in said(answer.text)


def test_another_team_is_refused_and_keeps_its_words(house: Flask, report: Report, town: Town) -> None:
    other = signed_in(house, a_member(town, teams=["parks"]))
    answer = act(other, report, "status", **step_to(town, "accepted", note="Our long words."))
    assert answer.status_code == 403
    assert "Only the team that holds this report can change its status." in said(answer.text)
    assert "Our long words." in answer.text
    assert act(other, report, "assign", version=1, team="", assignee="").status_code == 403
    assert act(other, report, "notes", text="x").status_code == 403
    assert fresh(report).version == 1


def test_a_step_can_be_undone_until_it_is_public(
    house: Flask, report: Report, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    with undo_of(60, monkeypatch):
        kim = signed_in(house, a_member(town, teams=["streets"]))
        assert 'id="undo"' not in page(kim, report)
        act(kim, report, "status", **step_to(town, "closed", outcome="fixed", note="Done."))
        html = page(kim, report)
        assert 'id="undo"' in html
        assert "Closed is saved. It leaves in" in said(html)
        change = _last_change(report)
        assert 'id="undo"' not in page(signed_in(house, a_member(town, teams=["streets"])), report)

        answer = kim.post(f"/reports/{report.reference}/undo?change={change}")

        assert answer.status_code == 303
        assert fresh(report).status_id == town.statuses["received"]
        assert "Closed: Fixed, taken back" in said(page(kim, report))
        again = kim.post(f"/reports/{report.reference}/undo?change={change}")
        assert again.status_code == 409
        assert "Something else happened" in said(again.text)


def test_a_step_can_be_sent_at_once(house: Flask, report: Report, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    with undo_of(60, monkeypatch):
        kim = signed_in(house, a_member(town, teams=["streets"]))
        act(kim, report, "status", **step_to(town, "accepted", note="Soon."))
        change = _last_change(report)

        assert kim.post(f"/reports/{report.reference}/send-now?change={change}").status_code == 303

        row = db.session.get(StatusChange, change, populate_existing=True)
        assert row is not None
        told = db.session.scalars(select(OutboxEvent).where(OutboxEvent.subject == f"status_change:{change}")).one()
        assert told.due_at == row.public_at < row.changed_at.replace(year=row.changed_at.year + 1)
        assert 'id="undo"' not in page(kim, report)
        assert kim.post(f"/reports/{report.reference}/send-now?change={change}").status_code == 409
        assert kim.post(f"/reports/{report.reference}/undo?change={change}").status_code == 409


@pytest.mark.parametrize("change", ["", "x", "1_0", "-1", "9" * 30])
def test_undo_reads_its_step_strictly(kim: FlaskClient, report: Report, change: str) -> None:
    assert kim.post(f"/reports/{report.reference}/undo?change={change}").status_code == 400


def test_a_report_is_taken_given_and_given_back(house: Flask, report: Report, town: Town) -> None:
    me = a_member(town, teams=["streets"])
    kim, team = signed_in(house, me), town.teams["streets"]
    for version, assignee in ((1, str(me.id)), (2, "")):
        answer = act(kim, report, "assign", version=version, team=team, assignee=assignee, seen_team=team)
        assert answer.status_code == 303
        assert str(fresh(report).assignee_id or "") == assignee
    answer = act(kim, report, "assign", version=3, team=town.teams["parks"], assignee="", reason="theirs")
    assert (answer.status_code, fresh(report).team_id) == (303, town.teams["parks"])
    assert db.session.scalars(select(Assignment.reason).order_by(Assignment.id.desc())).first() == "theirs"


def test_an_assignment_names_its_wrong_field(kim: FlaskClient, report: Report) -> None:
    wrong_team = act(kim, report, "assign", version=1, team="999999", assignee="")
    assert (wrong_team.status_code, "Choose a team of this authority." in wrong_team.text) == (422, True)
    stranger = act(kim, report, "assign", version=1, team="", assignee="00000000-0000-4000-8000-000000000000")
    assert (stranger.status_code, "Choose somebody from the list." in stranger.text) == (422, True)
    assert act(kim, report, "assign", version=1, team="", assignee="nonsense").status_code == 422


def test_who_may_not_act_hears_that_before_anything_about_versions(house: Flask, report: Report, town: Town) -> None:
    parks = signed_in(house, a_member(town, teams=["parks"]))
    stale = step_to(town, "in_progress", version=7, note="x")

    assert act(parks, report, "status", **stale).status_code == 403
    assert act(parks, report, "assign", version=7, team="", assignee="").status_code == 403
    assert act(parks, report, "notes", text="x").status_code == 403


def test_a_note_stands_on_top_of_the_timeline_and_changes_no_version(kim: FlaskClient, report: Report) -> None:
    answer = act(kim, report, "notes", text="First line\r\nsecond line")
    assert (answer.status_code, answer.location) == (303, f"/reports/{report.reference}#timeline")
    assert db.session.scalars(select(Note.text)).all() == ["First line\nsecond line"]
    assert fresh(report).version == 1
    fragment = kim.post(f"/reports/{report.reference}/notes", data={"text": "Another"}, headers=HX)
    assert (fragment.status_code, "Another" in fragment.text) == (200, True)
    assert fragment.text.lstrip().startswith('<section class="panel" id="timeline"')


def test_the_same_note_sent_twice_is_written_once(kim: FlaskClient, report: Report) -> None:
    form_id = page(kim, report).split('id="timeline"')[1].split('name="form_id" value="')[1].split('"')[0]
    for text in ("Once", "Once", "Other words"):
        assert act(kim, report, "notes", text=text, form_id=form_id).status_code == 303
    assert list(db.session.scalars(select(Note.text).order_by(Note.id))) == ["Once", "Other words"]
    assert act(kim, report, "notes", text="Once").status_code == 303
    assert act(kim, report, "notes", text="Once", form_id="no id").status_code == 422


@pytest.mark.parametrize(("text", "status"), [("", 422), (" \n ", 422), ("x" * 10_000, 303), ("x" * 10_001, 422)])
def test_a_note_has_something_to_say_and_a_limit(kim: FlaskClient, report: Report, text: str, status: int) -> None:
    assert act(kim, report, "notes", text=text).status_code == status


def test_a_closed_report_can_be_reopened_with_words(kim: FlaskClient, town: Town) -> None:
    report = a_report(town, to="closed", outcome=Outcome.FIXED)
    assert "Reopen asks for words for the public." in said(page(kim, report))
    assert act(kim, report, "status", **step_to(town, "in_progress", version=2, note="Not fixed after all.")).status_code == 303
    assert "st-reopened" in page(kim, report)


def _last_change(report: Report) -> int:
    query = select(StatusChange.id).where(StatusChange.report_id == report.id).order_by(StatusChange.id.desc()).limit(1)
    found = db.session.scalar(query)
    assert found is not None
    return found
