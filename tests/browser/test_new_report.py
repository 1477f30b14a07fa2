"""Writing a report down in Chromium: place by a click, questions as needed, without a script; and the resident's pages."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from authority_portal.config import CHECKOUT
from authority_portal.domain.access.actor import Actor
from authority_portal.domain.notifications import commands, links
from authority_portal.domain.notifications.models import Message
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.models import Report, StatusChange
from authority_portal.domain.staff import sessions
from authority_portal.foundation.db import bind, bound_authority, db, transaction
from authority_portal.web.guard import cookie_name
from tests.builders.authorities import Town, a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member

AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"


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
        context = self.browser.new_context(**options)  # type: ignore[arg-type]
        if signed_in:
            context.add_cookies([{"name": cookie_name(), "value": _secret(self.actor), "url": self.base, "httpOnly": True}])
        page = context.new_page()
        wrong: list[str] = []
        page.on("request", lambda request: None if request.url.startswith((self.base, "data:")) else wrong.append(request.url))
        page.on("console", lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        try:
            yield page
            assert wrong == []
        finally:
            context.close()


def _secret(actor: Actor) -> str:
    before = bound_authority()
    bind(None)
    with transaction():
        secret = sessions.begin(actor.id, actor.authority_id, browser="test")
    bind(before)
    return secret


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=sandbox)
        yield browser
        browser.close()


@pytest.fixture
def scene(committed: Flask, chromium: Browser) -> Iterator[Scene]:
    server = make_server("127.0.0.1", 0, committed, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    town = a_town()
    yield Scene(town, a_member(town, teams=["streets"]), f"http://127.0.0.1:{server.server_port}", chromium)
    server.shutdown()
    thread.join()


def axe(page: Page) -> list[str]:
    """What axe finds, by rule and element. Its script comes as the test's own, past the page's policy."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [f"{rule['id']}: {[node['target'] for node in rule['nodes']]}" for rule in found["violations"]]


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
            assert page.evaluate("document.documentElement.scrollWidth") <= width


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
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
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
