"""Two who saved at once: the page of the two versions, what it saves, and what it says when there is nothing to choose."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from authority_portal.domain.access.roles import Role
from authority_portal.domain.reports.commands import assignment
from authority_portal.domain.reports.models import Report
from authority_portal.foundation.db import transaction
from tests.builders.authorities import Town, a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in
from tests.web.casework.staging import act, fresh, said, step_to


@pytest.fixture
def town(house: Flask) -> Town:
    return a_town()


@pytest.fixture
def report(town: Town) -> Report:
    return a_report(town)


@pytest.fixture
def kim(house: Flask, town: Town) -> FlaskClient:
    return signed_in(house, a_member(town, teams=["streets"]))


def test_a_stale_step_meets_a_conflict_page_that_saves_what_was_chosen(
    kim: FlaskClient, house: Flask, report: Report, town: Town
) -> None:
    lee = signed_in(house, a_member(town, Role.SUPERVISOR))
    assert act(lee, report, "status", **step_to(town, "accepted", note="Lee's words")).status_code == 303

    answer = act(kim, report, "status", **step_to(town, "in_progress", note="Kim's words", reason="mine"))

    assert answer.status_code == 409
    words = said(answer.text)
    for expected in ("Somebody saved before you", "When you opened it", "Received", "Accepted", "In progress"):
        assert expected in words
    for value in ("Lee&#39;s words", "Kim&#39;s words", 'value="mine"', 'name="version" value="2"'):
        assert value in answer.text
    assert fresh(report).status_id == town.statuses["accepted"]

    again = step_to(town, "in_progress", note="Kim's words", version=2, seen_status=town.statuses["accepted"])
    assert act(kim, report, "status", **again).status_code == 303
    assert fresh(report).status_id == town.statuses["in_progress"]


def test_letting_the_other_status_stand_saves_nothing_and_keeps_the_words(kim: FlaskClient, report: Report, town: Town) -> None:
    answer = act(kim, report, "status", **step_to(town, "received", note="Kim's words"))
    assert answer.status_code == 200
    assert "the status stands as it is" in answer.text
    assert "Kim&#39;s words" in answer.text
    assert fresh(report).version == 1


def test_a_step_that_is_no_longer_possible_cannot_be_chosen_in_the_conflict(
    kim: FlaskClient, house: Flask, report: Report, town: Town
) -> None:
    lee = signed_in(house, a_member(town, Role.SUPERVISOR))
    act(lee, report, "status", **step_to(town, "in_progress"))
    answer = act(kim, report, "status", **step_to(town, "accepted", note="x"))
    assert answer.status_code == 409
    assert "not possible from the status it has now" in said(answer.text)


def test_a_conflict_after_the_report_went_to_another_team_shows_what_was_typed(
    kim: FlaskClient, report: Report, town: Town
) -> None:
    with transaction():
        assignment.give(fresh(report), team_id=town.teams["parks"], staff_id=None, by=town.house)
    answer = act(kim, report, "status", **step_to(town, "accepted", note="Kim's words"))
    assert answer.status_code == 403
    assert "You can no longer save it" in said(answer.text)
    assert "Kim&#39;s words" in answer.text
    assert "Save what I chose" not in answer.text


def test_a_stale_assignment_meets_the_conflict_page(kim: FlaskClient, report: Report, town: Town) -> None:
    streets, parks = town.teams["streets"], town.teams["parks"]
    lee = a_member(town, teams=["streets"])
    with transaction():
        assignment.give(fresh(report), team_id=streets, staff_id=lee.id, by=town.house)
    answer = act(kim, report, "assign", version=1, team=parks, assignee="", seen_team=streets, reason="typed")
    assert answer.status_code == 409
    words = said(answer.text)
    for expected in ("Somebody saved before you", "Parks", lee.name, "typed"):
        assert expected in words
    assert fresh(report).team_id == streets


def test_two_who_wrote_the_same_have_nothing_to_choose(kim: FlaskClient, house: Flask, report: Report, town: Town) -> None:
    lee = signed_in(house, a_member(town, Role.SUPERVISOR))
    same = step_to(town, "accepted", note="We look at it.")
    assert act(lee, report, "status", **same).status_code == 303

    answer = act(kim, report, "status", **same)
    assert answer.status_code == 409
    words = said(answer.text)
    assert "You both wrote the same" in words
    assert "Choose what stands" not in words
    assert "Save what I chose" not in words
    assert 'type="radio"' not in answer.text
    assert "Open the report as it is now" in words

    other = said(act(kim, report, "status", **{**same, "note": "Other words."}).text)
    assert "You both wrote the same" not in other
    assert "Choose what stands, line by line" in other
