"""The map object stays the same whatever happens to the list, counts what the list counts, and may be away."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from authority_portal.domain.access.actor import Actor
from authority_portal.foundation.geo import Point
from tests.builders.authorities import a_town
from tests.builders.browsing import visit
from tests.builders.reports import a_report
from tests.builders.staff import a_member

MANY = 54
"""More than one page of the list."""
OF_THEM_NOISE = 18


@pytest.fixture
def kim(serving: str) -> Actor:
    town = a_town()
    for number in range(MANY):
        at = Point(42.26 + 0.0017 * number, -71.15 + 0.0025 * (number % 40))
        a_report(town, category="noise" if number % 3 == 0 else "pothole", position=at)
    return a_member(town, teams=["streets"])


def drawn(page: Page) -> int:
    """How many reports the marks on the map stand for."""
    clusters = page.locator(".map .cluster text:not(.cluster__n)").all_text_contents()
    return page.locator(".map .pin").count() + sum(map(int, clusters))


def test_the_map_outlives_filters_pages_and_choices(kim: Actor, serving: str, chromium: Browser):
    with visit(chromium, serving, kim, viewport={"width": 1440, "height": 900}, reduced_motion="reduce") as page:
        page.goto(f"{serving}/reports?queue=all")
        expect(page.locator("#map-says")).to_have_text(f"{MANY} of {MANY} in view")
        page.evaluate("map_reports.tag = 'the same'; document.getElementById('map_reports').tag = 'the same'")
        assert drawn(page) == MANY

        page.get_by_role("link", name=re.compile("Next")).click()
        expect(page.locator("[data-row]")).to_have_count(MANY - 50)
        page.keyboard.press("j")
        expect(page.locator("#look article")).to_be_visible()

        page.locator("summary").first.click()
        page.get_by_label("Noise").check()
        expect(page.locator("[data-row]")).to_have_count(OF_THEM_NOISE)
        page.get_by_role("button", name="Whole area").click()  # the chosen row had moved the map
        expect(page.locator("#map-says")).to_have_text(f"{OF_THEM_NOISE} of {OF_THEM_NOISE} in view")
        assert drawn(page) == OF_THEM_NOISE
        assert page.evaluate("[map_reports.tag, document.getElementById('map_reports').tag]") == ["the same", "the same"]


def test_a_map_that_is_away_leaves_the_list_at_work(kim: Actor, serving: str, chromium: Browser):
    def away(route: Route) -> None:
        route.abort()

    with visit(chromium, serving, kim, tolerated=("net::ERR_FAILED",)) as page:
        page.route("**/reports/map.geojson*", away)
        page.goto(f"{serving}/reports?queue=all")
        expect(page.locator("#map-says")).to_have_text("The map could not be loaded; the list still works.")
        expect(page.locator("[data-row]")).to_have_count(50)
        page.locator("summary").first.click()
        page.get_by_label("Noise").check()
        expect(page.locator("[data-row]")).to_have_count(OF_THEM_NOISE)

        page.unroute("**/reports/map.geojson*", away)
        page.get_by_role("button", name="Whole area").click()
        expect(page.locator("#map-says")).to_have_text(f"{OF_THEM_NOISE} of {OF_THEM_NOISE} in view")
