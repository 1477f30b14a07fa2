"""The queue in Chromium: one living map beside the list, keyboard, news, no script at all, axe, reflow, foreign requests."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.reports.commands import assignment
from authority_portal.domain.staff.models import Staff
from authority_portal.foundation.db import db, transaction
from authority_portal.foundation.geo import Point
from tests.builders.authorities import Town, a_town
from tests.builders.browsing import axe, overflow, visit
from tests.builders.reports import a_report
from tests.builders.staff import a_member

EVIL = "${window.x=1}<img src=x onerror='window.x=1'>\\`);window.x=1//"
PAIR = Point(42.3100, -71.0500)


@dataclass
class Scene:
    """Six reports: three alone on the map, two on one spot, one without a place."""

    town: Town
    kim: Actor
    base: str
    browser: Browser
    references: list[str] = field(default_factory=list)

    @contextmanager
    def visit(self, path: str, **options: object) -> Iterator[Page]:
        """A page of somebody signed in; it must ask nobody but us and break no policy."""
        with visit(self.browser, self.base, self.kim, **options) as page:
            page.goto(self.base + path)
            yield page


@pytest.fixture
def scene(serving: str, chromium: Browser) -> Scene:
    town = a_town()
    made = Scene(town, a_member(town, teams=["streets"]), serving, chromium)
    places = (Point(42.3300, -71.1000), Point(42.3500, -71.0700), Point(42.2900, -71.1200), PAIR, PAIR, None)
    for place in places:
        category = "noise" if place is PAIR else "pothole"
        made.references.append(a_report(town, position=place, category=category, description=EVIL, address=EVIL).reference)
    return made


def drawn(page: Page, alone: int, together: int) -> None:
    expect(page.locator(".map .pin")).to_have_count(alone)
    expect(page.locator(".map .cluster")).to_have_count(together)


def test_the_map_lives_on_while_filters_change_list_and_marks(scene: Scene) -> None:
    with scene.visit("/reports?queue=all") as page:
        drawn(page, 3, 1)
        expect(page.locator("#map-says")).to_have_text("5 of 6 in view, 1 have no position")
        page.evaluate("map_reports.tag = 'the same'")

        page.locator("summary").click()
        page.get_by_label("Noise").check()
        expect(page.locator("[data-row]")).to_have_count(2)
        drawn(page, 0, 1)
        assert page.url.endswith("/reports?queue=all&category=noise")

        page.get_by_role("link", name="Remove filter Category").click()
        expect(page.get_by_label("Noise")).not_to_be_checked()
        page.locator("summary").click()
        drawn(page, 3, 1)
        page.get_by_role("link", name="Mine").click()
        expect(page.get_by_text("Nothing waits here")).to_be_visible()
        drawn(page, 0, 0)
        assert page.evaluate("map_reports.tag") == "the same"
        assert page.evaluate("window.x") is None


def test_row_and_mark_lead_to_each_other(scene: Scene) -> None:
    with scene.visit("/reports?queue=all", viewport={"width": 1440, "height": 900}) as page:
        drawn(page, 3, 1)
        first = page.locator("[data-row]").first
        page.keyboard.press("j")
        expect(page.locator("#look h2")).to_contain_text("${window.x=1}<img")
        expect(first).to_have_attribute("aria-current", "true")
        expect(page.locator(".mark--ring")).to_have_count(1)

        page.locator(".map .pin").last.click()
        expect(page.locator("[data-row][aria-current]")).to_have_count(1)
        expect(first).not_to_have_attribute("aria-current", "true")
        reference = page.locator("[data-row][aria-current]").get_attribute("data-reference")
        expect(page.locator("#look article")).to_have_attribute("data-reference", reference or "")

        page.keyboard.press("k")
        page.keyboard.press("Enter")
        page.wait_for_url("**/reports/BOS-*")
        assert page.evaluate("window.x") is None


def test_only_what_the_map_shows(scene: Scene) -> None:
    with scene.visit("/reports?queue=all") as page:
        drawn(page, 3, 1)
        page.locator(".map .cluster").click()
        page.wait_for_timeout(600)
        page.get_by_label("Only what the map shows").check()
        expect(page.locator("[data-row]")).to_have_count(2)
        assert "bbox=" in page.url

        page.get_by_role("button", name="Whole area").click()
        expect(page.locator("[data-row]")).to_have_count(5)
        page.get_by_label("Only what the map shows").uncheck()
        expect(page.locator("[data-row]")).to_have_count(6)
        assert "bbox=" not in page.url


def test_a_new_report_is_told_and_moves_nothing(scene: Scene) -> None:
    with scene.visit("/reports?queue=all") as page:
        drawn(page, 3, 1)
        a_report(scene.town, position=Point(42.3400, -71.1100))
        expect(page.locator("#news")).to_contain_text("1 new report since", timeout=8_000)
        expect(page.locator("[data-row]")).to_have_count(6)

        page.get_by_role("link", name="Show them").click()
        expect(page.locator("[data-row]")).to_have_count(7)
        expect(page.locator("#news")).to_be_empty()
        drawn(page, 4, 1)


def test_without_javascript_filters_links_and_pages_work(scene: Scene) -> None:
    with scene.visit("/reports", java_script_enabled=False) as page:
        page.locator("summary").click()
        page.get_by_role("link", name="Choose filters").click()
        page.get_by_label("Noise").check()
        page.get_by_role("button", name="Show these reports").click()
        expect(page.locator("[data-row]")).to_have_count(2)
        expect(page.get_by_text("The map needs JavaScript.")).to_be_visible()
        page.get_by_role("link", name="Clear").click()
        expect(page.locator("[data-row]")).to_have_count(6)
        page.locator("[data-row] a").first.click()
        page.wait_for_url("**/reports/BOS-*")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(scene: Scene, scheme: str) -> None:
    with scene.visit("/reports?queue=all&sla=on_time", color_scheme=scheme, viewport={"width": 1280, "height": 900}) as page:
        drawn(page, 3, 0)
        page.locator("[data-row] .rows__age").first.click()
        expect(page.locator("#look article")).to_be_visible()
        page.locator("summary").click()
        expect(page.get_by_label("Noise")).to_be_visible()
        assert axe(page) == []


@pytest.mark.parametrize("path", ["/reports?queue=all", "/reports?queue=all#map", "/reports?team=nowhere", "/reports/keys"])
def test_nothing_overflows_at_320_pixels(scene: Scene, path: str) -> None:
    with scene.visit(path, viewport={"width": 320, "height": 640}) as page:
        page.wait_for_timeout(300)
        assert overflow(page) == 0


PHONE = {"width": 390, "height": 740}
STOPS = """() => [...document.querySelectorAll("#filters a, #filters summary, #filters input:not([type=hidden])")]
  .filter((each) => each.checkVisibility()).map((each) => Math.round(each.getBoundingClientRect().left))"""


def test_on_a_phone_the_tab_key_follows_what_is_seen_and_the_way_to_all_filters_stays(scene: Scene) -> None:
    with scene.visit("/reports?queue=all&category=noise&status=open&sla=on_time&channel=web", viewport=PHONE) as page:
        way = page.locator("summary")
        for _ in range(7):
            expect(way).to_be_in_viewport(ratio=1)
            page.locator("#filters").evaluate("(row) => row.scrollBy(90, 0)")
        page.locator("#filters").evaluate("(row) => row.scrollTo(row.scrollWidth, 0)")
        lefts = page.evaluate(STOPS)
        assert len(lefts) >= 7
        assert lefts == sorted(lefts)

        page.locator("#filters").evaluate("(row) => row.scrollTo(0, 0)")
        page.locator("#filter-text").focus()
        for _ in range(5):
            page.keyboard.press("Tab")
            under = page.evaluate("""() => {
              const box = document.activeElement.getBoundingClientRect();
              const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
              return document.activeElement.contains(over) || over?.outerHTML;
            }""")
            assert under is True


def test_a_page_with_a_wrong_filter_begins_where_it_says_so(scene: Scene) -> None:
    with scene.visit("/reports?queue=all&team=nowhere", viewport=PHONE) as page:
        expect(page.locator("#list [data-focus]")).to_be_focused()
        expect(page.get_by_text("This filter cannot be used")).to_be_in_viewport()
        tops = page.evaluate("['filters', 'main'].map((id) => document.getElementById(id).getBoundingClientRect().top)")
        assert tops == sorted(tops)


def test_a_long_name_is_read_whole(scene: Scene) -> None:
    name = "Bartholomew Featherstonehaugh-Cholmondeley"
    report, who = a_report(scene.town), a_member(scene.town, teams=["streets"])
    with transaction():
        db.session.execute(update(Staff).where(Staff.id == who.id).values(name=name))
        assignment.give(report, team_id=scene.town.teams["streets"], staff_id=who.id, by=scene.town.house)
    with scene.visit("/reports?queue=all", viewport={"width": 1280, "height": 900}) as page:
        cell = page.locator(f"[data-reference='{report.reference}'] .rows__who")
        expect(cell).to_contain_text(name)
        assert cell.evaluate("(cell) => cell.scrollWidth <= cell.clientWidth && getComputedStyle(cell).textOverflow === 'clip'")


def test_a_session_that_ended_leads_to_the_sign_in(scene: Scene) -> None:
    with scene.visit("/reports?queue=all") as page:
        drawn(page, 3, 1)
        page.context.clear_cookies()
        page.get_by_role("button", name="Zoom in").click()
        page.wait_for_url(re.compile(r"/sign-in\?next=/reports"))
