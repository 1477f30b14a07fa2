"""The preview beside the list: its photo and its acts are those of its reader, and each act leads to something."""

import re

import pytest

from authority_portal.domain.access.roles import Role
from authority_portal.domain.reports.commands import assignment
from authority_portal.domain.reports.models import StatusStep
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import clock, storage
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in

HX = {"HX-Request": "true"}
ALL_ACTS = {"Assign": "team", "Status": "step", "Note": "new-note"}


def look(browser, report):
    answer = browser.get(f"/reports/{report.reference}/preview", headers=HX)
    assert answer.status_code == 200
    return answer.text


def acts(html):
    """The anchor of each act, by its words."""
    return {words: anchor for anchor, words in re.findall(r'href="/reports/[^"#]+#([a-z0-9-]+)" data-key="\w">(\w+) ', html)}


def a_photo(report, *, state="ready", cleared=False):
    bind(report.authority_id)
    name = storage.new_name() if state == "ready" else None
    size = {"width": 60, "height": 40} if state == "ready" else {}
    with transaction():
        db.session.add(
            Photo(
                authority_id=report.authority_id,
                report_id=report.id,
                state=state,
                name=name,
                cleared=cleared,
                added_at=clock.now(),
                **size,
            )
        )
    return name


def test_who_holds_the_report_sees_its_first_photo_that_can_be_seen_and_every_act(desk, town):
    report = a_report(town)
    a_photo(report, state="wanted")
    first, _second = a_photo(report), a_photo(report)
    html = look(desk, report)
    assert first in html
    assert html.count("<img") == 1
    assert acts(html) == ALL_ACTS


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.SUPERVISOR, Role.CREW])
@pytest.mark.parametrize("ended", [False, True], ids=["steps", "no steps"])
def test_every_act_leads_to_a_place_on_the_reports_page(house, town, role, ended):
    report, who = a_report(town), a_member(town, role, teams=["streets"])
    with transaction():
        if role is Role.CREW:
            assignment.give(report, team_id=town.teams["streets"], staff_id=who.id, by=town.house)
        if ended:
            db.session.query(StatusStep).delete()
    browser = signed_in(house, who)
    offered = acts(look(browser, report))
    page = browser.get(f"/reports/{report.reference}").text
    assert "Status" in offered
    assert [anchor for anchor in offered.values() if f'id="{anchor}"' not in page] == []


def test_the_crew_moves_and_notes_what_is_theirs_and_gives_it_to_nobody(house, town):
    report, crew = a_report(town), a_member(town, Role.CREW, teams=["streets"])
    with transaction():
        assignment.give(report, team_id=town.teams["streets"], staff_id=crew.id, by=town.house)
    name = a_photo(report)
    html = look(signed_in(house, crew), report)
    assert set(acts(html)) == {"Status", "Note"}
    assert name in html


@pytest.mark.parametrize(("role", "teams"), [(Role.CASEWORKER, ["parks"]), (Role.ADMINISTRATOR, [])])
def test_others_are_offered_no_act_and_only_photos_that_were_cleared(house, town, role, teams):
    report = a_report(town)
    a_photo(report)
    browser = signed_in(house, a_member(town, role, teams=teams))
    html = look(browser, report)
    assert (acts(html), "look__acts" in html, "<img" in html) == ({}, False, False)
    cleared = a_photo(report, cleared=True)
    assert cleared in look(browser, report)
