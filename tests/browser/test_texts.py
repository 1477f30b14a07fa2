"""Texts that try to be code: every field somebody can write into, on every page that shows it, stays a text."""

from itertools import groupby
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looks import LOOKS
from tests.browser.stage import Stage, set_stage
from tests.builders.browsing import overflow, visit

EVIL = (
    '${window.x=1} {{7*7}} {%x%} <img src=x onerror="window.x=1"> \\`)}];window.x=1// '
    "'\"><script>window.x=1</script> javascript:alert(1)"
)
RULES = ("City of Boston", "Pothole")
WHERE = ("822 Parker St", "Mission Hill", "Ward 4")
TOLD = ("A deep pothole in the lane", "How deep is it?", "A hand")
LINE = (
    "Knows the street",
    "A crew will fill it by Friday.",
    "Crew scheduled",
    "Same block as last week.",
    "Kim Example",
    "Streets",
)
SHOWN: dict[str, tuple[str, ...]] = {
    "sign in": ("City of Boston",),
    "mailbox of the demo": (),
    "a mail of the demo": ("Pothole", "A crew will fill it by Friday.", "Call 311."),
    "a resident follows": (*RULES, "822 Parker St", "Accepted", "A crew will fill it by Friday.", "Call 311."),
    "stop the messages?": ("City of Boston", "Call 311."),
    "queue": (*RULES, *WHERE, "Streets", "In progress", "Kim Example", "© OpenStreetMap"),
    "a row of the queue": (*RULES, *WHERE, "A hole.", "Kim Example"),
    "filters of the queue": (*RULES, "Noise", "Streets", "Parks", "Public Works", "Kim Example", "Ward 4"),
    "account": ("Kim Example",),
    "a report in work": (*RULES, *WHERE, *TOLD, *LINE, "Rosa Example", "Accepted", "In progress", "Closed"),
    "a step looked at": (*RULES, *TOLD, *LINE),
    "a conflict": (*RULES, "Kim Example", "Streets"),
    "a colleague's report": (*RULES, *WHERE, "A deep pothole in the lane", "A crew will fill it by Friday."),
    "questions of a new report": ("Pothole", "Streets", "How deep is it?", "Measure at the edge.", "Deeper than a hand", "More?"),
    "report of the supervisor": (*RULES, *WHERE, *TOLD, *LINE),
    "report of the privacy": (*RULES, *WHERE, *TOLD, "Rosa Example"),
    "report of the crew": (*RULES, "822 Parker St", "A deep pothole in the lane"),
}
SOMETHING_RAN = "window.x !== undefined || document.querySelector('img[src=x], script:not([src]), [onerror]') !== null"
READ = """() => [document.title, document.body.textContent,
  ...[...document.querySelectorAll("input, textarea")].map((field) => field.value),
  ...[...document.querySelectorAll("optgroup")].map((group) => group.label)].join(" | ").replace(/\\s+/g, " ")"""


def tainted(text: str) -> str:
    """The text, with everything behind its first line that could make it more than a text."""
    first, *rest = text.split("\n")
    return "\n".join([f"{first} {EVIL}", *rest])


@pytest.fixture
def stage(serving: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return set_stage(serving, tmp_path / "mail", monkeypatch, words=tainted)


def missing(page: Page, wanted: tuple[str, ...]) -> list[str]:
    """Which of the texts are not to be read in full; and whether anything of them was taken for code."""
    read = page.evaluate(READ)
    absent = [text for text in wanted if f"{text} {EVIL}" not in read and not ("\n" in text or _continues(text, read))]
    return [*absent, *(["something ran"] if page.evaluate(SOMETHING_RAN) else [])]


def _continues(beginning: str, read: str) -> bool:
    """Whether the text stands there, of which only the beginning is named here."""
    at = read.find(beginning)
    return at >= 0 and EVIL in read[at : at + len(beginning) + 80 + len(EVIL)]


def test_what_people_wrote_is_shown_as_text_on_every_page(stage: Stage, chromium: Browser):
    looks = sorted((look for look in LOOKS if look.name in SHOWN), key=lambda look: look.who or "")
    assert len(looks) == len(SHOWN)
    wrong: dict[str, list[str]] = {}
    for who, theirs in groupby(looks, key=lambda look: look.who):
        with visit(chromium, stage.base, stage.cast[who] if who else None) as page:
            for look in theirs:
                page.goto(look.address(stage))
                look.act(page)
                wrong[look.name] = missing(page, SHOWN[look.name])
                if too_wide := overflow(page):
                    wrong[look.name].append(f"{too_wide} px too wide")
    assert {name: texts for name, texts in wrong.items() if texts} == {}


def test_what_was_typed_comes_back_as_text(stage: Stage, chromium: Browser):
    with visit(chromium, stage.base, stage.cast["kim"]) as page:
        page.goto(f"{stage.base}/reports/new")
        page.get_by_label("Category", exact=True).select_option("pothole")
        expect(page.locator("#questions textarea")).to_be_visible()
        written = page.locator(
            "main textarea, main input:is([type=text], [type=email], [type=tel]):not([maxlength='40'], [maxlength='60'])"
        ).all()
        for field in written:
            field.fill(EVIL)
        page.get_by_role("button", name="Save the report").click()
        expect(page.locator("#error-summary")).to_be_visible()
        assert missing(page, ()) == []
        assert page.evaluate(READ).count(f"| {EVIL}") == len(written) == 6

        page.goto(f"{stage.base}/reports/{stage.reports['told']}")
        page.locator("#step input[name=to]").first.check()
        page.locator("#words").fill(EVIL)
        page.locator("#reason").fill(EVIL)
        expect(page.locator("#preview .words")).to_contain_text(EVIL)
        page.locator("#step button[data-save]").click()
        expect(page.locator("#undo")).to_be_visible()
        page.locator("#new-note").fill(EVIL)
        page.get_by_role("button", name="Save the note").click()
        expect(page.locator("#timeline .line__box").first).to_have_text(EVIL)
        page.get_by_role("link", name="Account of").click()
        assert missing(page, ()) == []


def test_what_stands_in_an_address_is_shown_as_text(stage: Stage, chromium: Browser):
    with visit(chromium, stage.base, stage.cast["kim"]) as page:
        for name in ("text", "team", "assignee", "area", "category", "received_from", "bbox", "queue", "sort", EVIL):
            page.goto(f"{stage.base}/reports?{urlencode({name: EVIL})}")
            expect(page.locator("#list")).to_be_visible()
            assert missing(page, ()) == []
    with visit(chromium, stage.base) as page:
        page.goto(f"{stage.base}/sign-in?next=javascript:window.x=1")
        page.get_by_label("Work e-mail").fill(EVIL)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("#error-summary")).to_be_visible()
        assert missing(page, ()) == []
        assert page.get_by_label("Work e-mail").input_value() == EVIL


def test_a_mail_holds_texts_only_even_where_nothing_protects_its_reader(stage: Stage, chromium: Browser):
    assert len(stage.html_parts) == 2
    with visit(chromium, stage.base) as page:
        for html in stage.html_parts:
            page.goto("about:blank")
            page.set_content(html)
            assert missing(page, ("Pothole", "City of Boston", "Call 311.")) == []
