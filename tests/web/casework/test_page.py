"""The report page: who sees what, what it says, and how much it asks the database."""

import pytest
from flask import Flask
from sqlalchemy import select

from authority_portal.domain.access.roles import Role
from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.reports.commands import assignment, notes
from authority_portal.domain.reports.models import Report
from authority_portal.foundation.db import db, transaction
from tests.builders.authorities import Town, a_town
from tests.builders.reports import RESIDENT, a_report
from tests.builders.staff import a_member, signed_in
from tests.web.casework.staging import fresh, page, said, statements

DOTS = "••••••••"
ANSWERS = [{"code": "depth", "prompt": "How deep is it?", "values": [{"key": "hand", "name": "Deeper than a hand"}]}]


@pytest.fixture
def town(house: Flask) -> Town:
    return a_town()


def _log(report: Report, action: str) -> list[AuditLine]:
    query = select(AuditLine).where(AuditLine.action == action, AuditLine.subject == f"person:{report.person_id}")
    return list(db.session.scalars(query))


def test_the_page_shows_what_the_resident_told_and_what_happened(town: Town, house: Flask) -> None:
    report = a_report(town, to="in_progress", answers=ANSWERS)
    words = said(page(signed_in(house, a_member(town, teams=["streets"])), report))

    for expected in ("Pothole", "822 Parker St", "A deep hole in the lane.", "How deep is it?", "Deeper than a hand"):
        assert expected in words
    assert "In progress" in words
    assert "What the public reads." in words
    assert "Given to Streets" in words
    assert "48 h from receipt" in words
    assert "42.32970, −71.09930" in words


@pytest.mark.parametrize("typed", ["nonsense", "BOS-2222-22", "BOS-7K3P-QQ", "OTH-2222-222", "BOS"])
def test_what_cannot_be_found_looks_the_same_as_what_is_not_there(town: Town, house: Flask, typed: str) -> None:
    client = signed_in(house, a_member(town))
    neutral = client.get("/reports/BOS-2222-2222")
    answer = client.get(f"/reports/{typed}")
    assert (answer.status_code, neutral.status_code) == (404, 404)
    assert said(answer.text).partition("name this number")[0] == said(neutral.text).partition("name this number")[0]


def test_another_authoritys_report_is_not_there(town: Town, house: Flask) -> None:
    reference = a_report(town).reference
    stranger = signed_in(house, a_member(a_town("otherton"), Role.SUPERVISOR))
    for path in ("", "/status", "/assign", "/notes"):
        assert stranger.get(f"/reports/{reference}{path}").status_code == 404
    assert stranger.post(f"/reports/{reference}/notes", data={"text": "x"}).status_code == 404


def test_a_crew_meets_only_its_own_reports_and_no_resident(town: Town, house: Flask) -> None:
    report = a_report(town)
    assert signed_in(house, a_member(town, Role.CREW, teams=["parks"])).get(f"/reports/{report.reference}").status_code == 404
    html = page(signed_in(house, a_member(town, Role.CREW, teams=["streets"])), report)
    assert 'id="resident"' not in html
    assert RESIDENT.name not in html


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.ADMINISTRATOR])
def test_who_may_not_know_sees_the_same_mask_with_and_without_a_resident(town: Town, house: Flask, role: Role) -> None:
    from authority_portal.domain.people.contact import Contact

    client = signed_in(house, a_member(town, role, teams=["parks"]))
    panels = []
    for report in (a_report(town), a_report(town, contact=Contact())):
        html = page(client, report)
        panel = html[html.index('id="resident"') : html.index("</section>", html.index('id="resident"'))]
        panels.append(said(panel))
    assert panels[0] == panels[1]
    assert panels[0].count(DOTS) == 3


def test_a_name_is_shown_to_who_holds_the_report_and_logged_once_an_hour(town: Town, house: Flask) -> None:
    report, kim = a_report(town), a_member(town, teams=["streets"])
    client = signed_in(house, kim)

    assert RESIDENT.name in page(client, report)
    assert RESIDENT.name in page(client, report)

    assert [(line.actor_id, line.details) for line in _log(report, "person:read")] == [(kim.id, {"fields": ["name"]})]
    assert RESIDENT.email not in page(client, report)


def test_a_privacy_officer_reads_the_contact_and_leaves_a_line(town: Town, house: Flask) -> None:
    report = a_report(town)
    html = page(signed_in(house, a_member(town, Role.PRIVACY_OFFICER)), report)
    assert RESIDENT.name in html
    assert RESIDENT.email in html
    assert [line.details for line in _log(report, "person:read")] == [{"fields": ["name", "email"]}]


def test_no_name_and_no_place_are_in_the_title(town: Town, house: Flask) -> None:
    report = a_report(town)
    html = page(signed_in(house, a_member(town, teams=["streets"])), report)
    title = html[html.index("<title>") : html.index("</title>")]
    assert report.reference in title
    assert RESIDENT.name not in title
    assert "Parker" not in title


def test_words_from_outside_are_shown_as_words(town: Town, house: Flask) -> None:
    evil = "<img src=x onerror=alert(1)> ${7*7} {{ 7*7 }}"
    report = a_report(town, description=evil, address=evil)
    kim = a_member(town, teams=["streets"])
    with transaction():
        notes.write(fresh(report), text=evil, by=kim)
    html = page(signed_in(house, kim), report)
    assert "<img src=x" not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt; ${7*7} {{ 7*7 }}") >= 4


def test_the_timeline_keeps_public_and_staff_apart(town: Town, house: Flask) -> None:
    report, kim = a_report(town, to="in_progress"), a_member(town, teams=["streets"])
    with transaction():
        notes.write(fresh(report), text="Only for us.", by=kim)
    client = signed_in(house, kim)

    public, staff = page(client, report, line="public"), page(client, report, line="staff")
    assert ("Only for us." in public, "What the public reads." in public) == (False, True)
    assert ("Only for us." in staff, "What the public reads." in staff) == (True, False)
    assert "Only for us." in page(client, report, line="nonsense")


def test_a_panel_is_a_fragment_for_htmx_and_the_page_for_everybody_else(town: Town, house: Flask) -> None:
    report, client = a_report(town), signed_in(house, a_member(town, teams=["streets"]))
    for path, root in (("status", "step"), ("assign", "assignment"), ("notes", "timeline")):
        answer = client.get(f"/reports/{report.reference}/{path}", headers={"HX-Request": "true"})
        assert answer.text.lstrip().startswith(f'<section class="panel" id="{root}"')
        assert "<!doctype html>" in page(client, report, at=f"/{path}")


def test_the_page_asks_the_database_ten_times_at_most(town: Town, house: Flask) -> None:
    first, kim = a_report(town, to="in_progress"), a_member(town, teams=["streets"])
    with transaction():
        assignment.give(fresh(first), team_id=first.team_id, staff_id=kim.id, by=town.house)
        notes.write(fresh(first), text="x", by=kim)
    client = signed_in(house, kim)
    page(client, a_report(town))  # the session's token is written once
    path = f"/reports/{first.reference}"
    for _ in ("the reading is logged", "the reading is logged already"):
        with statements() as sent:
            assert client.get(path).status_code == 200
        assert len([one for one in sent if "set_config('app.authority_id', ''" not in one]) <= 10, sent
