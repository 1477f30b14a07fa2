"""What is masked stays masked in rows, search, filters, counts and map: two houses that differ only there answer alike."""

import json
import random
import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities.models import Area
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.routing import AREA_LAYER
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.geo import Point
from tests.builders.authorities import INSIDE, a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in

SQUARE = "SRID=4326;MULTIPOLYGON(((-71.2 42.3, -71.0 42.3, -71.0 42.4, -71.2 42.4, -71.2 42.3)))"
VIEW = "view=-71.2,42.2,-70.9,42.4&z=18"


def references(answer) -> set[str]:
    return set(re.findall(r'data-reference="([^"]+)"', answer.text))


def marks(browser, query: str = "queue=all", view: str = VIEW) -> dict:
    return json.loads(browser.get(f"/reports/map.geojson?{query}&{view}").text)


def change(report, **values):
    bind(report.authority_id)
    with transaction():
        db.session.execute(update(Report).where(Report.id == report.id).values(**values))


def a_ward(town) -> int:
    bind(town.id)
    with transaction():
        ward = Area(authority_id=town.id, layer=AREA_LAYER, code="w1", name="First ward", shape=SQUARE)
        db.session.add(ward)
        db.session.flush()
        return ward.id


def found(browser, **query: str) -> set[str]:
    return references(browser.get("/reports", query_string={"queue": "all", "status": "all", **query}))


@pytest.fixture
def elsewhere(town):
    """A report of the parks team, which the streets team may read only cleared."""
    report = a_report(town, description="Call 617-555-0142, the blue door.")
    change(report, team_id=town.teams["parks"])
    return report


def test_words_that_were_cleared_are_found_by_those_only_who_may_read_them(house, town, elsewhere):
    streets, parks = (signed_in(house, a_member(town, teams=[team])) for team in ("streets", "parks"))
    boss = signed_in(house, a_member(town, Role.SUPERVISOR))

    assert found(streets, text="0142") == set()
    assert found(streets, text="blue door") == {elsewhere.reference}
    assert found(parks, text="0142") == found(boss, text="0142") == {elsewhere.reference}
    for browser in (streets, parks, boss):
        assert marks(browser, "queue=all&text=0142")["shown"] == len(found(browser, text="0142"))


def test_redacted_words_are_found_by_nobody(house, town, elsewhere):
    change(elsewhere, redacted_at=clock.now(), cleared_description="The […] door.")
    parks = signed_in(house, a_member(town, teams=["parks"]))

    assert found(parks, text="blue") == set()
    assert found(parks, text="door") == {elsewhere.reference}


def test_who_holds_a_report_is_for_those_who_may_know(house, town, elsewhere):
    kim = a_member(town, teams=["parks"])
    change(elsewhere, assignee_id=kim.id)
    streets, parks = (signed_in(house, a_member(town, teams=[team])) for team in ("streets", "parks"))

    assert kim.name not in re.sub("bar__me.*?</a>", "", streets.get("/reports?queue=all").text.split("<tbody")[1])
    assert "Parks" in streets.get("/reports?queue=all").text.split("<tbody")[1]
    assert streets.get(f"/reports?queue=all&assignee={kim.id}").status_code == 422
    assert found(parks, assignee=str(kim.id)) == {elsewhere.reference}
    assert found(streets, assignee="nobody") == set()
    change(elsewhere, assignee_id=None)
    assert found(streets, assignee="nobody") == set()
    assert found(parks, assignee="nobody") == {elsewhere.reference}


def test_a_crew_sees_what_it_holds_and_its_place_only_while_there_is_work(house, town, elsewhere):
    crew = signed_in(house, a_member(town, Role.CREW, teams=["streets"]))
    ours = a_report(town)
    done = a_report(town, to="closed", outcome=Outcome.FIXED, address="9 Hidden Lane", description="Done here.")

    assert found(crew) == {ours.reference, done.reference}
    assert "9 Hidden Lane" not in crew.get("/reports?queue=all&status=all").text
    assert found(crew, text="hidden") == set()
    assert found(crew, text="done") == {done.reference}
    assert found(crew, text="parker") == {ours.reference}
    assert found(crew, bbox="-71.2,42.2,-70.9,42.4") == {ours.reference}
    ward = a_ward(town)
    change(ours, area_id=ward)
    change(done, area_id=ward)
    assert found(crew, area="w1") == {ours.reference}
    assert marks(crew, "queue=all&status=all&area=w1")["total"] == 1
    drawn = marks(crew, "queue=all&status=all")
    assert (drawn["shown"], drawn["total"], drawn["unplaced"]) == (1, 2, 1)
    assert crew.get("/reports?queue=unassigned").status_code == 400
    assert crew.get(f"/reports?text={elsewhere.reference}").status_code == 200


def test_an_administrator_sees_places_on_a_grid_of_100_metres(house, town):
    admin = signed_in(house, a_member(town, Role.ADMINISTRATOR))
    here = a_report(town, position=Point(42.32974, -71.09931), address="7 Exact Road")

    drawn = marks(admin)
    page = admin.get("/reports?queue=all").text
    assert drawn["features"][0]["geometry"]["coordinates"] == [-71.099, 42.33]
    assert 'data-lat="42.33000" data-lon="-71.09900"' in page
    assert "7 Exact Road" not in page
    assert found(admin, text="exact") == set()
    assert found(admin, text=here.reference[:8]) == {here.reference}
    assert found(admin, bbox="-71.09935,42.32970,-71.09925,42.32980") == set()
    assert found(admin, bbox="-71.09905,42.32995,-71.09895,42.33005") == {here.reference}


@pytest.mark.parametrize("roles", [[Role.CASEWORKER], [Role.CREW], [Role.ADMINISTRATOR]])
def test_houses_that_differ_only_in_masked_values_answer_alike(house, town, roles):
    at = clock.now() - timedelta(hours=3)
    with clock.frozen(at):
        report = a_report(town, description="Ring 617-555-0142.", address="1 First St", position=Point(42.32974, -71.09931))
    browser = signed_in(house, a_member(town, *roles, teams=["parks"]))
    other = a_member(town, teams=["streets"])
    masked = [{"description": "Ring 617-555-0143."}]
    if Role.ADMINISTRATOR not in roles:
        masked.append({"assignee_id": other.id})
    if Role.CASEWORKER not in roles:
        masked.append({"address": "2 Second St", "position": Point(42.32981, -71.09944).wkt()})
    ways = (
        "/reports?queue=all&status=all",
        "/reports?queue=all&text=0142",
        "/reports?queue=all&text=0143",
        "/reports?queue=all&text=first",
        "/reports?queue=all&assignee=nobody",
        "/reports?queue=all&bbox=-71.0995,42.3297,-71.0993,42.3298",
        f"/reports/map.geojson?queue=all&{VIEW}",
    )
    with clock.frozen(at + timedelta(hours=1)):
        before = [plain(browser.get(way)) for way in ways]
        for values in masked:
            change(report, **values)
            assert [plain(browser.get(way)) for way in ways] == before


def test_two_houses_whose_closed_work_lies_in_different_areas_answer_the_crew_alike(house, town):
    crew = signed_in(house, a_member(town, Role.CREW, teams=["streets"]))
    ward = a_ward(town)
    done = a_report(town, to="closed", outcome=Outcome.FIXED)
    assert done.area_id == ward
    ways = ("/reports?queue=all&status=all&area=w1", f"/reports/map.geojson?queue=all&status=all&area=w1&{VIEW}")
    with clock.frozen(clock.now()):
        before = [plain(crew.get(way)) for way in ways]
        bind(town.id)
        change(done, area_id=None)
        assert [plain(crew.get(way)) for way in ways] == before


def plain(answer) -> tuple[int, str]:
    """An answer without the tokens that every page makes anew."""
    return answer.status_code, re.sub(r'(csrf_token" value=|X-CSRFToken": |data-live=|data-version=)"[^"]*"', "", answer.text)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.CASEWORKER, Role.CREW])
def test_list_map_and_counts_agree_for_any_box(house, town, role):
    chance = random.Random(str(role))
    for each in range(30):
        place = Point(INSIDE.lat + chance.uniform(-0.02, 0.02), INSIDE.lon + chance.uniform(-0.02, 0.02)) if each % 6 else None
        report = a_report(town, position=place, category=chance.choice(("pothole", "noise")))
        if each % 4 == 0:
            change(report, team_id=town.teams["parks"])
    browser = signed_in(house, a_member(town, role, teams=["streets"]))
    for _ in range(8):
        west, east = sorted(round(INSIDE.lon + chance.uniform(-0.02, 0.02), 4) for _ in range(2))
        south, north = sorted(round(INSIDE.lat + chance.uniform(-0.02, 0.02), 4) for _ in range(2))
        query = chance.choice(
            ("queue=all", "queue=team", "queue=all&category=noise", "queue=unassigned", "queue=all&sla=on_time")
        )
        if role is Role.CREW:
            query = query.replace("unassigned", "team")
        page = browser.get(f"/reports?{query}&bbox={west},{south},{east},{north}")
        drawn = marks(
            browser, f"{query}&bbox={west},{south},{east},{north}", f"view={west},{south},{east},{north}&z={chance.randrange(21)}"
        )
        assert drawn["shown"] == len(references(page))
        whole = marks(browser, query, "view=-71.2,42.2,-70.9,42.4&z=14")
        assert whole["shown"] + whole["unplaced"] == whole["total"] == len(references(browser.get(f"/reports?{query}")))


def test_nobody_sees_another_authoritys_reports(house, town):
    theirs = a_report(a_town("otherton")).reference
    boss = signed_in(house, a_member(town, Role.SUPERVISOR))

    assert found(boss) == set()
    assert marks(boss)["features"] == []
    assert boss.get(f"/reports/{theirs}/preview", headers={"HX-Request": "true"}).status_code == 404
