"""Writing a report down in Chromium: place by a click, questions as needed, without a script; and the resident's pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.notifications import commands, links
from authority_portal.domain.notifications.models import Message
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.models import Report, StatusChange
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import Town, a_town
from tests.builders.browsing import axe, overflow, visit
from tests.builders.reports import a_report
from tests.builders.staff import a_member


@dataclass
class Scene:
    """A caseworker, and the server they work on."""

    town: Town
    actor: Actor
    base: str
    browser: Browser

    @contextmanager
    def visit(self, *, signed_in: bool = True, **options: object) -> Iterator[Page]:
        """A page that must ask nobody but us, break no policy, and raise no error."""
        with visit(self.browser, self.base, self.actor if signed_in else None, **options) as page:
            yield page


@pytest.fixture
def scene(serving: str, chromium: Browser) -> Scene:
    town = a_town()
    return Scene(town, a_member(town, teams=["streets"]), serving, chromium)


def the_report(town: Town) -> Report:
    bind(town.id)
    db.session.rollback()
    return db.session.scalars(select(Report).execution_options(populate_existing=True)).one()


def test_a_click_on_the_map_places_the_report(scene: Scene):
    with scene.visit() as page:
        page.goto(f"{scene.base}/reports/new")
        page.get_by_label("Category").select_option("noise")
        expect(page.get_by_text("Click where it is.")).to_be_visible()
        page.locator("#map_place").click()
        expect(page.get_by_text("The position is marked")).to_be_visible()
        position = page.get_by_label("Position").input_value()
        page.get_by_text("Phone", exact=True).first.click()
        page.get_by_role("button", name="Save the report").click()
        expect(page.get_by_text("The report is saved.")).to_be_visible()
    report = the_report(scene.town)
    assert position == f"{report.lat:.5f}, {report.lon:.5f}"


def test_a_typed_position_moves_the_mark(scene: Scene):
    with scene.visit() as page:
        page.goto(f"{scene.base}/reports/new")
        for typed, words in (
            ("42.3297, -71.0993", "The position is marked"),
            ("48.85, 2.35", "That is outside the area of this authority."),
            ("x", "Click where it is."),
        ):
            page.get_by_label("Position").fill(typed)
            page.get_by_label("Position").press("Tab")
            expect(page.locator("#place-says")).to_contain_text(words)
        assert page.locator("#map_place .mark").count() == 0


def test_questions_come_with_the_category_and_errors_take_the_focus(scene: Scene):
    with scene.visit() as page:
        page.goto(f"{scene.base}/reports/new")
        assert not page.get_by_role("button", name="Show the questions").is_visible()
        page.get_by_label("Category").select_option("pothole")
        page.get_by_label("Deeper than a hand").check()
        page.get_by_role("button", name="Save the report").click()
        expect(page.locator("#error-summary")).to_be_focused()
        assert page.get_by_label("Deeper than a hand").is_checked()
        page.get_by_role("link", name="Choose how the report came in.").click()
        assert page.evaluate("document.activeElement.id") == "channel-0"


def test_without_a_script_everything_works(scene: Scene):
    with scene.visit(java_script_enabled=False) as page:
        page.goto(f"{scene.base}/reports/new")
        page.get_by_label("Address or description").fill("By the east gate")
        page.get_by_label("Category").select_option("pothole")
        page.get_by_role("button", name="Show the questions").click()
        page.get_by_label("Deeper than a hand").check()
        page.get_by_text("Letter", exact=True).first.click()
        page.get_by_role("button", name="Save the report").click()
        expect(page.get_by_text("The report is saved.")).to_be_visible()
    report = the_report(scene.town)
    assert (report.channel, report.address) == ("letter", "By the east gate")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_is_accessible_and_fits_320_pixels(scene: Scene, scheme: str):
    for width in (320, 1280):
        with scene.visit(viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
            page.goto(f"{scene.base}/reports/new")
            page.get_by_label("Category").select_option("pothole")
            expect(page.get_by_label("Deeper than a hand")).to_be_visible()
            assert axe(page) == []
            page.get_by_role("button", name="Save the report").click()
            expect(page.locator("#error-summary")).to_be_visible()
            assert axe(page) == []
            assert overflow(page) == 0


def _told(scene: Scene) -> tuple[Report, str, str]:
    """A report with its two links, as the first message carries them."""
    report = a_report(scene.town, to="in_progress")
    with transaction():
        change = db.session.scalars(select(StatusChange.id).where(StatusChange.report_id == report.id)).first()
        assert change is not None
        commands.announce(report.id, change, authority=scene.town.card, spoken=frozenset({"en"}))
        message = db.session.scalars(select(Message.id)).one()
        follow = links.make(message, report.id, scene.town.id, "follow")
        stop = links.make(message, report.id, scene.town.id, "unsubscribe")
    return report, follow, stop


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_residents_pages_are_accessible_and_fit_320_pixels(scene: Scene, scheme: str):
    _, follow, stop = _told(scene)
    for path in (f"/r/{follow}", f"/unsubscribe/{stop}", "/r/nothing"):
        with scene.visit(signed_in=False, viewport={"width": 320, "height": 800}, color_scheme=scheme) as page:
            page.goto(scene.base + path)
            assert axe(page) == []
            assert overflow(page) == 0
            assert page.context.cookies() == []


def test_a_resident_stops_the_messages_in_a_browser(scene: Scene):
    report, _, stop = _told(scene)
    with scene.visit(signed_in=False) as page:
        page.goto(f"{scene.base}/unsubscribe/{stop}")
        page.get_by_role("button", name="Stop these messages").click()
        expect(page.get_by_role("heading", name="The messages are stopped")).to_be_visible()
        assert axe(page) == []
    bind(scene.town.id)
    db.session.rollback()
    assert db.session.scalar(select(Person.stopped_at).where(Person.id == report.person_id)) is not None
