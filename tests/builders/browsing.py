"""A real Chromium on a real server, and a watch over everything a page must not do."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Response, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from authority_portal.config import CHECKOUT
from authority_portal.domain.access.actor import Actor
from authority_portal.web.guard import cookie_name
from tests.builders.staff import a_session

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
REFUSALS = frozenset({400, 401, 403, 409, 422, 429})
"""What a page's own requests may be answered without anything being broken."""
JUDGED = ("the server responded with a status of", "Failed to fetch", "ERR_ABORTED", "htmx:sendAbort", "htmx:afterRequest")
"""What the console says of requests as well: their answers and failures are judged by what was asked."""
NARROW = 320
"""CSS pixels: where WCAG 2.2, 1.4.10 asks for one column."""

# Told from inside each page before its first own script runs: what the policy refused, and what foreign text did.
_INSIDE = """document.addEventListener("securitypolicyviolation", (event) =>
  portalSays(`policy: ${event.effectiveDirective} refused ${event.blockedURI} ${event.sample} on ${location.pathname}`));"""

# Only the lines are sent over: everything axe knows about a page would take longer than the judging itself.
_FOUND = """async (wanted) => (await axe.run(document, { runOnly: wanted, resultTypes: ["violations"] })).violations.flatMap(
  (rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)}`))"""


@contextmanager
def a_browser() -> Iterator[Browser]:
    """The machine's Chromium. It resolves no name, so that even a page that tried could ask nobody but this machine."""
    program = next(filter(None, map(shutil.which, NAMES)))
    options = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=options)
        try:
            yield browser
        finally:
            browser.close()


class _Silent(WSGIRequestHandler):
    """Requests are logged by the application already."""

    def log_request(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a port of its own, several requests at a time; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


@dataclass
class Watch:
    """Everything wrong that happened in a browser's pages. `tolerated`: parts of messages that the test itself provokes."""

    base: str
    tolerated: tuple[str, ...] = ()
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page that is opened from now on."""
        context.expose_function("portalSays", self._note)
        context.add_init_script(_INSIDE)
        context.on("request", lambda request: self._asked(request.url))
        context.on("response", self._answered)
        context.on("requestfailed", lambda request: self._failed(request.url, request.failure or ""))
        context.on("console", self._spoke)
        context.on("weberror", lambda error: self._note(f"script: {error.error}"))
        context.on("dialog", self._asked_back)

    def _note(self, fault: str) -> None:
        if not any(part in fault for part in self.tolerated):
            self.faults.append(fault)

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and f"{parts.scheme}://{parts.netloc}" != self.base:
            self._note(f"foreign: {url}")

    def _answered(self, answer: Response) -> None:
        """A page may be an error page, and what it asks later may be refused; a part of it that is missing is a fault."""
        kind = answer.request.resource_type
        if answer.status < 400 or kind == "document" or (kind in ("xhr", "fetch") and answer.status in REFUSALS):
            return
        self._note(f"answer: {answer.status} for {answer.url}")

    def _failed(self, url: str, why: str) -> None:
        """A page that is left takes its open requests back; every other failure is a fault."""
        if why != "net::ERR_ABORTED":
            self._note(f"failed: {why} for {url}")

    def _spoke(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in JUDGED):
            self._note(f"console: {message.text}")

    def _asked_back(self, dialog: Dialog) -> None:
        if dialog.type != "beforeunload":
            self._note(f"dialog: {dialog.message}")
        dialog.dismiss()


@contextmanager
def visit(
    browser: Browser, base: str, actor: Actor | None = None, *, tolerated: tuple[str, ...] = (), **options: Any
) -> Iterator[Page]:
    """An empty page of `actor`, or of somebody unknown. Fails if anything in it asked a foreign host, broke the policy, or erred.

    `options` are Playwright's for a browser context: viewport, color_scheme, java_script_enabled …
    """
    context = browser.new_context(**options)
    watch = Watch(base, tolerated)
    watch.over(context)
    if actor is not None:
        context.add_cookies(
            [{"name": cookie_name(), "value": a_session(actor), "url": base, "httpOnly": True, "sameSite": "Lax"}]
        )
    page = context.new_page()
    page.set_default_timeout(10_000)
    try:
        yield page
        if watch.faults:
            raise AssertionError("\n".join(watch.faults))
    finally:
        context.close()


def axe(page: Page, *, only: tuple[str, ...] = ()) -> list[str]:
    """What axe finds by all of TAGS, or only by the rules named. Its script comes as the test's own, past the page's policy."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    wanted = {"type": "rule", "values": only} if only else {"type": "tag", "values": TAGS}
    return page.evaluate(_FOUND, wanted)  # type: ignore[no-any-return]  # what the script gives


def overflow(page: Page) -> int:
    """By how many CSS pixels the page is wider than its window."""
    return max(0, page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth"))
