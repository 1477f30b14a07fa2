"""A caseworker without a mouse: from the sign-in to a step that was taken back, and never lost on the way."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.stage import PASSWORD, Stage, set_stage
from tests.builders.browsing import visit

FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body || at === document.documentElement) return "lost";
  // Rows and large buttons carry the frame for the link or the radio inside them.
  const framed = [at, at.closest("tr"), at.closest("label")].some((each) => {
    const style = each && getComputedStyle(each);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  const box = at.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const over = inside && document.elementFromPoint(Math.max(0, Math.min(innerWidth - 1, box.left + box.width / 2)),
    Math.max(0, Math.min(innerHeight - 1, box.top + box.height / 2)));
  const seen = over && (over === at || at.contains(over) || over.contains(at) || over.closest("label")?.contains(at));
  return framed && seen ? "" : `unseen: ${at.outerHTML.slice(0, 120)}`;
}"""


@pytest.fixture
def stage(serving: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return set_stage(serving, tmp_path / "mail", monkeypatch)


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Walk with the tab key; at every stop the focus has to be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS) == ""
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} is not reached with {most} tabs")


def test_from_the_sign_in_to_a_step_taken_back(stage: Stage, chromium: Browser):
    with visit(chromium, stage.base, viewport={"width": 1440, "height": 900}, reduced_motion="reduce") as page:
        page.goto(f"{stage.base}/reports?queue=all&category=pothole")
        tab_to(page, "#email")
        page.keyboard.type("kim@boston.example")
        tab_to(page, "#password")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/reports?queue=all&category=pothole")

        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        assert page.evaluate(FOCUS) == ""
        wanted = page.evaluate("document.activeElement.closest('[data-row]').dataset.reference")
        expect(page.locator(f"#look article[data-reference='{wanted}']")).to_be_visible()
        assert page.evaluate(FOCUS) == ""
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/reports/{wanted}")

        page.keyboard.press("s")
        assert page.evaluate(FOCUS) == ""
        page.keyboard.press("Space")
        tab_to(page, "#words", 8)
        page.keyboard.type("A crew is on its way.")
        expect(page.locator("#preview")).to_contain_text("A crew is on its way.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#undo")).to_be_visible()

        page.keyboard.press("n")
        page.keyboard.type("Went there myself.")
        tab_to(page, "#timeline [data-save]", 2)
        page.keyboard.press("Enter")
        expect(page.locator("#timeline .line__box").first).to_have_text("Went there myself.")
        assert page.evaluate(FOCUS) == ""

        tab_to(page, "a, button, select, input", 1)
        page.keyboard.press("u")
        expect(page.locator("#timeline")).to_contain_text("taken back")
        expect(page.locator("#undo")).to_have_count(0)


def test_the_focus_survives_what_is_swapped(stage: Stage, chromium: Browser):
    with visit(chromium, stage.base, stage.cast["kim"], viewport={"width": 1440, "height": 900}) as page:
        page.goto(f"{stage.base}/reports/{stage.reports['told']}")
        page.locator("#step input[name=to]").last.focus()
        page.keyboard.press("Space")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#step #error-summary")).to_be_focused()
        page.locator("#new-note").focus()
        page.keyboard.press("Control+Enter")
        expect(page.locator("#timeline #error-summary")).to_be_focused()

        page.goto(f"{stage.base}/reports?queue=all&category=pothole")
        page.get_by_role("link", name="Remove filter Category").focus()
        page.keyboard.press("Enter")
        expect(page.locator("[data-row]")).to_have_count(5)
        assert page.evaluate("document.activeElement !== document.body")
        page.locator("th a[data-view]").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**sort=*")
        page.wait_for_timeout(200)
        assert page.evaluate("document.activeElement !== document.body")


@pytest.mark.parametrize("path", ["/reports?queue=all", "/reports/{told}", "/reports/new", "/account", "/r/{follow}", "/sign-in"])
def test_the_first_tab_leads_past_the_bar(stage: Stage, chromium: Browser, path: str):
    who = None if path in ("/r/{follow}", "/sign-in") else stage.cast["kim"]
    with visit(chromium, stage.base, who) as page:
        page.goto(stage.base + path.format(follow=stage.follow, **stage.reports))
        tab_to(page, ".skip", 1)
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null || !document.querySelector('main a, main button')")
