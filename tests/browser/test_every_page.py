"""Every page in light and dark, wide and narrow: axe, the policy's reports, foreign requests, errors, reflow."""

from itertools import groupby
from pathlib import Path

import pytest
from flask import Flask, abort
from flask import request as asked
from playwright.sync_api import Browser, Page

from authority_portal.web.guard import public
from tests.browser.looks import LOOKS, NO_PAGES, Look
from tests.browser.stage import Stage, set_stage
from tests.builders.browsing import NARROW, Watch, axe, overflow, visit

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
COLOURS = ("color-contrast", "link-in-text-block")
GROUPS: dict[str, list[Look]] = {
    "outside": [look for look in LOOKS if look.who is None],
    "the queue": [look for look in LOOKS if look.who in ("kim", "noor") and look.endpoint.startswith(("queue.", "account."))],
    "a report": [look for look in LOOKS if look.who in ("kim", "noor") and look.endpoint.startswith("casework.")],
    "administration": [look for look in LOOKS if look.endpoint.startswith("admin.")],
    "other roles": [look for look in LOOKS if look.who not in (None, "kim", "noor") and not look.endpoint.startswith("admin.")],
}


@pytest.fixture
def stage(
    serving: str, committed: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Stage:
    @public
    def broken() -> None:
        abort(int(asked.args["status"]))

    monkeypatch.setitem(committed.view_functions, "ops.healthz", broken)
    # Drawing the ground takes long: the report page has it once for each of the other roles, and not in all of its states.
    basemap = "none" if "[a report]" in request.node.name else "pmtiles"
    return set_stage(serving, tmp_path / "mail", monkeypatch, basemap=basemap)


def judge(page: Page) -> list[str]:
    """What is wrong with a page as it stands now, in every light and width."""
    wrong = []
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        for scheme, rules in (("light", ()), ("dark", COLOURS)):  # the dark differs from the light by its colours alone
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            wrong += [f"{size['width']} {scheme}: {fault}" for fault in axe(page, only=rules)]
    page.set_viewport_size({"width": NARROW, "height": 640})
    if too_wide := overflow(page):
        wrong.append(f"{too_wide} px too wide at {NARROW}")
    return wrong


def test_every_page_stands_in_the_table(app: Flask):
    reached = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    looked_at = {look.endpoint for look in LOOKS} - {"errors"}
    assert reached == looked_at | NO_PAGES
    assert not looked_at & NO_PAGES
    assert sorted(LOOKS, key=id) == sorted((look for group in GROUPS.values() for look in group), key=id)


@pytest.mark.parametrize("group", GROUPS)
def test_every_page_is_accessible_fits_and_asks_nobody_else(stage: Stage, chromium: Browser, group: str):
    wrong: dict[str, list[str]] = {}
    for who, looks in groupby(sorted(GROUPS[group], key=lambda look: look.who or ""), key=lambda look: look.who):
        with visit(chromium, stage.base, stage.cast[who] if who else None, viewport=WIDE, reduced_motion="reduce") as page:
            for look in looks:
                page.set_viewport_size(WIDE)
                page.emulate_media(color_scheme="light")
                page.goto(look.address(stage))
                look.act(page)
                wrong[look.name] = judge(page)
    assert {name: faults for name, faults in wrong.items() if faults} == {}


def test_what_watches_the_pages_sees(stage: Stage, chromium: Browser):
    context = chromium.new_context()
    watch = Watch(stage.base)
    watch.over(context)
    page = context.new_page()
    page.goto(f"{stage.base}/sign-in")
    page.evaluate(
        """() => {
            document.body.insertAdjacentHTML("beforeend", "<p style='width: 3000px'>x</p><img src='/static/none.png'>");
            document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.x = 1'>");
            document.getElementById("email").previousElementSibling.remove();
            document.getElementById("main").style.minWidth = "3000px";
            setTimeout(() => { alert("asked"); throw new Error("thrown"); });
            fetch("http://other.example/").catch(() => {});
        }"""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.x") is None
    assert any(fault.startswith("label: ") for fault in axe(page))
    assert overflow(page) > 1000
    context.close()
    for part in (
        "style-src-attr refused inline",
        "script-src-attr refused",
        "none.png",
        "dialog: asked",
        "thrown",
        "other.example",
    ):
        assert any(part in fault for fault in watch.faults), (part, watch.faults)
