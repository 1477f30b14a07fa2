"""The report page in Chromium: keyboard, undo without a script, both versions side by side, axe, reflow, foreign requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from authority_portal.config import settings
from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.roles import Role
from authority_portal.domain.reports.commands import assignment, notes, status
from authority_portal.domain.reports.models import Report
from authority_portal.foundation.db import transaction
from tests.builders.authorities import Town, a_town
from tests.builders.browsing import axe, overflow, visit
from tests.builders.reports import a_report
from tests.builders.staff import a_member
from tests.web.casework.staging import fresh

WORDS = (
    "Deep pothole in the lane going down the hill, right in front of the house. Cars swerve into the oncoming lane to miss it, "
    "and it fills with water so cyclists do not see it.\n\nIt was filled in spring, but the patch has come out again."
)
ANSWERS = [
    {"code": "depth", "prompt": "How deep is it?", "values": [{"key": "hand", "name": "Deeper than a hand"}]},
    {"code": "where", "prompt": "Where in the street?", "values": [{"key": "lane", "name": "Driving lane"}]},
    {"code": "damage", "prompt": "Has it damaged a vehicle?", "values": [{"key": "no", "name": "No"}]},
]


@dataclass
class Scene:
    """A report worked on by two people, and the server that shows it."""

    town: Town
    report: Report
    reference: str
    kim: Actor
    lee: Actor
    base: str
    browser: Browser

    @property
    def address(self) -> str:
        return f"{self.base}/reports/{self.reference}"

    @contextmanager
    def visit(self, actor: Actor, **options: object) -> Iterator[Page]:
        """A page of somebody signed in; it must ask nobody but us and break no policy."""
        with visit(self.browser, self.base, actor, **options) as page:
            yield page


@pytest.fixture
def scene(serving: str, chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv("PORTAL_UNDO_SECONDS", "0")
    settings.cache_clear()
    town = a_town()
    kim, lee = a_member(town, teams=["streets"]), a_member(town, Role.SUPERVISOR)
    report = a_report(town, description=WORDS, answers=ANSWERS)
    reference = report.reference
    with transaction():
        assignment.give(fresh(report), team_id=report.team_id, staff_id=kim.id, by=lee)
    with transaction():
        words = "A crew will fill the pothole by Friday. We have found a second report about the same spot."
        status.change(
            fresh(report), to=town.statuses["accepted"], note=words, reason="Crew scheduled", authority=town.card, by=kim
        )
        notes.write(fresh(report), text="Same block as last week. Asked Luis whether the crew went there on Tuesday.", by=kim)
    yield Scene(town, report, reference, kim, lee, serving, chromium)
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def undoable(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv("PORTAL_UNDO_SECONDS", "60")
    settings.cache_clear()
    yield scene
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_its_errors_and_its_conflict(scene: Scene, scheme: str) -> None:
    with scene.visit(scene.kim, color_scheme=scheme) as page:
        page.goto(scene.address)
        assert axe(page) == []
        page.get_by_text("Closed", exact=True).click()
        page.get_by_role("button", name="Save: Closed").click()
        expect(page.get_by_role("alert")).to_contain_text("Choose how the report ended.")
        assert axe(page) == []


def test_the_page_fits_320_pixels(scene: Scene) -> None:
    with scene.visit(scene.kim, viewport={"width": 320, "height": 700}) as page:
        page.goto(scene.address)
        assert overflow(page) == 0


def test_a_step_by_keyboard_alone_and_back_again(undoable: Scene) -> None:
    with undoable.visit(undoable.kim) as page:
        page.goto(undoable.address)
        page.keyboard.press("s")
        page.keyboard.press("Space")
        expect(page.get_by_role("button", name="Save: In progress")).to_be_visible()
        page.locator("#words").focus()
        page.keyboard.type("A crew is on its way.")
        expect(page.locator("#preview")).to_contain_text("A crew is on its way.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#undo")).to_contain_text("In progress is saved. It leaves in")
        expect(page.locator("[data-clock]")).not_to_have_text("1:00")
        page.keyboard.press("u")
        expect(page.locator("#timeline")).to_contain_text("In progress, taken back")


def test_a_note_by_keyboard_stays_on_the_page(scene: Scene) -> None:
    with scene.visit(scene.kim) as page:
        page.goto(scene.address)
        page.keyboard.press("n")
        page.keyboard.type("Went there myself.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#timeline .line__box").first).to_have_text("Went there myself.")
        expect(page.locator("#new-note")).to_have_value("")


def test_who_saves_too_often_is_told_so_above_the_words_which_stay(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_LIMIT_STAFF", "1")
    settings.cache_clear()
    with scene.visit(scene.kim) as page:
        page.goto(scene.address)
        for words in ("Went there myself.", "And once more."):
            page.locator("#new-note").fill(words)
            page.keyboard.press("Control+Enter")
            expect(page.locator("#timeline .line__box").first).to_have_text("Went there myself.")
        expect(page.get_by_role("alert")).to_contain_text("Too many requests in a short time.")
        expect(page.locator("#new-note")).to_have_value("And once more.")
        assert axe(page) == []

        for place in ("#timeline", "#preview"):  # said once, and where the last attempt was made
            with page.expect_response(lambda answer: answer.status == 429):
                if place == "#preview":
                    page.locator("#words").fill("A crew is on its way.")
                else:
                    page.locator("#new-note").focus()
                    page.keyboard.press("Control+Enter")
            expect(page.locator(place).get_by_role("alert")).to_contain_text("Too many requests in a short time.")
            expect(page.get_by_role("alert")).to_have_count(1)
        expect(page.locator("#words")).to_have_value("A crew is on its way.")
        expect(page.locator("#preview-paper")).to_be_visible()


def test_a_reveal_asks_why_shows_and_names_the_end(scene: Scene) -> None:
    with scene.visit(scene.kim) as page:
        page.goto(scene.address)
        page.get_by_role("link", name="Reveal… E-mail").click()
        page.get_by_label("Why do you need it?").select_option("danger")
        page.get_by_role("button", name="Show: E-mail").click()
        expect(page.locator("#resident")).to_contain_text("rosa@example.org")
        expect(page.locator("#resident")).to_contain_text("hidden again at")


@pytest.mark.parametrize("script", [True, False])
def test_two_people_save_and_the_second_decides_line_by_line(scene: Scene, script: bool) -> None:
    with scene.visit(scene.kim, java_script_enabled=script) as mine, scene.visit(scene.lee) as theirs:
        for page in (mine, theirs):
            page.goto(scene.address)
        theirs.get_by_text("In progress", exact=True).first.click()
        theirs.locator("#words").fill("Lee's words.")
        theirs.locator("#step button[data-save]").click()
        expect(theirs.locator(".title__state")).to_contain_text("In progress")

        mine.get_by_text("Waiting for others", exact=True).click()
        mine.locator("#words").fill("Kim's words.")
        mine.locator("#step button[data-save]").click()

        expect(mine.get_by_role("heading", name="Somebody saved before you")).to_be_visible()
        expect(mine.get_by_text("Kim's words.")).to_be_visible()
        if script:
            assert axe(mine) == []
        mine.get_by_text("Lee's words.", exact=True).click()
        mine.get_by_role("button", name="Save what I chose").click()
        expect(mine.locator(".title__state")).to_contain_text("Waiting for others")
        expect(mine.locator("#timeline .line__box").first).to_have_text("Lee's words.")


def test_step_and_undo_work_without_javascript(undoable: Scene) -> None:
    with undoable.visit(undoable.kim, java_script_enabled=False) as page:
        page.goto(undoable.address)
        page.get_by_text("In progress", exact=True).first.click()
        page.get_by_role("button", name="Save this step").click()
        expect(page.locator(".title__state")).to_contain_text("In progress")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".title__state")).to_contain_text("Accepted")
