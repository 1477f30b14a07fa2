"""Attacks that only a real browser can judge: what stays after signing out, frames, openers, letters that pile up."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from authority_portal.config import settings
from authority_portal.domain.access.actor import Actor
from authority_portal.domain.notifications import links
from authority_portal.domain.notifications.models import Message
from authority_portal.domain.reports.models import Report
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.browsing import a_browser, overflow, served, visit
from tests.builders.reports import a_report
from tests.builders.staff import a_member

CANARY = "CNRY-behind-the-door"
PILE = "Z" + "\u0301\u0311\u0303\u035c" * 900
"""A letter under 3,600 marks: drawn as it is, a tower over the whole page."""


@dataclass(frozen=True)
class Desk:
    """Somebody of the streets team, and the addresses of what they open."""

    kim: Actor
    told: str
    piled: str
    link: str


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@pytest.fixture
def serving(committed: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The application's address, with forms checked for their token."""
    monkeypatch.setitem(committed.config, "WTF_CSRF_ENABLED", True)
    with served(committed) as base:
        yield base
    monkeypatch.undo()
    settings.cache_clear()


def a_link(report: Report) -> str:
    """The address at which its reporter follows it."""
    bind(report.authority_id)
    with transaction():
        news = Message(
            authority_id=report.authority_id,
            report_id=report.id,
            person_id=report.person_id,
            channel="email",
            event="received",
            locale="en",
            dedupe_key="attack",
            made_at=clock.now(),
        )
        db.session.add(news)
        db.session.flush()
        return f"/r/{links.make(news.id, report.id, report.authority_id, 'follow')}"


@pytest.fixture
def desk(committed: Flask) -> Desk:
    """Kim, and the addresses of two reports: one with a canary, one with a pile of marks."""
    town = a_town()
    told = a_report(town, description=f"A hole. {CANARY}")
    piled = a_report(town, description=PILE, address=PILE[:400])
    addresses = f"/reports/{told.reference}", f"/reports/{piled.reference}"
    link = a_link(piled)
    return Desk(a_member(town, teams=["streets"]), *addresses, link)


def test_h12_after_signing_out_neither_back_nor_another_tab_shows_anything(serving: str, chromium: Browser, desk: Desk) -> None:
    kim, told = desk.kim, desk.told
    with visit(chromium, serving, kim) as page:
        page.goto(f"{serving}/reports?queue=all")
        page.goto(f"{serving}{told}")
        expect(page.get_by_text(CANARY)).to_be_visible()
        other_tab = page.context.new_page()
        other_tab.goto(f"{serving}{told}")
        page.get_by_role("button", name="Sign out", exact=True).click()
        expect(page.get_by_label("Work e-mail")).to_be_visible()
        for _ in range(2):
            page.go_back()
            expect(page.get_by_label("Work e-mail")).to_be_visible()
            assert CANARY not in page.content()
        # The other tab still shows what it showed; the first thing it asks for leads to a whole page to sign in.
        other_tab.locator("#new-note").fill("After the end.")
        other_tab.get_by_role("button", name="Save the note").click()
        expect(other_tab.get_by_label("Work e-mail")).to_be_visible()
        assert CANARY not in other_tab.content()
        assert other_tab.locator("main").count() == 1


class _Elsewhere(BaseHTTPRequestHandler):
    """Somebody else's page on the same site: a browser sends our cookie along."""

    def do_GET(self) -> None:
        page = f'<!doctype html><title>x</title><iframe name="held" src="{self.path[2:]}"></iframe>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of that page; what it frames follows the `?`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_h11_another_page_can_neither_frame_nor_hold_ours(serving: str, elsewhere: str, chromium: Browser, desk: Desk) -> None:
    kim, told = desk.kim, desk.told
    with visit(chromium, serving, kim, tolerated=("foreign: http://127.0.0.1", "frame", "ERR_BLOCKED_BY_RESPONSE")) as page:
        for path in (told, "/sign-in", "/reports"):
            page.goto(f"{elsewhere}?{serving}{path}", wait_until="networkidle")
            held = page.frame("held")
            assert held is not None
            assert held.url.startswith("chrome-error"), held.url
        with page.expect_popup() as opened:
            page.evaluate("address => { window.held = window.open(address) }", f"{serving}{told}")
        popup = opened.value
        expect(popup.get_by_text(CANARY)).to_be_visible()
        assert popup.evaluate("window.opener === null")
        assert page.evaluate("window.held.closed"), "whoever opened it holds nothing"


def test_o15_letters_that_pile_up_stay_in_their_box(serving: str, chromium: Browser, desk: Desk) -> None:
    with visit(chromium, serving, desk.kim) as page:
        for path in (desk.piled, desk.link, "/reports?queue=all"):
            page.goto(f"{serving}{path}")
            assert overflow(page) == 0
            assert page.evaluate("document.documentElement.scrollHeight") < 6_000
            spilled = page.evaluate(SPILLED)
            assert spilled == [], "marks are drawn over what stands above and below"


SPILLED = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!/\\u0301\\u0311\\u0303/.test(node.data) || node.parentElement.closest("option, select, textarea")) continue;
    let box = node.parentElement;
    while (box && getComputedStyle(box).overflowY === "visible" && !/paint|content|strict/.test(getComputedStyle(box).contain)) {
      box = box.parentElement;
    }
    if (!box || box === document.body || box === document.documentElement) {
      const at = node.parentElement;
      found.push(`${at.parentElement.tagName}.${at.parentElement.className} > ${at.tagName}.${at.className}`);
    }
  }
  return found;
}"""
"""Which elements with piled marks no box cuts off."""
