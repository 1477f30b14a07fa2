"""Somebody who visits the seeded portal inside this process: signs in like a browser, asks, and counts what it cost."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import asdict, dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from authority_portal.config import settings
from authority_portal.domain.staff.passwords import DEMO_PASSWORD
from authority_portal.web.guard import cookie_name

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_PART = re.compile(r'(?:href|src)="(/(?:static|accent|reports/map\.js)[^"#]*)')
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, as the load generator repeats it."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one answer was: its status, where it sends, SQL statements, and bytes compressed."""

    status: int
    location: str
    sql: int
    bytes: int


class Visitor:
    """A browser, signed in as one of the demo's people. Its cookie goes with every `Ask` it makes."""

    def __init__(self, app: Flask, account: str = "") -> None:
        """With an `account` signed in; else a stranger."""
        self._client = app.test_client(use_cookies=False)
        self.cookie = ""
        self.token = ""
        if account:
            self._sign_in(account)

    @property
    def headers(self) -> dict[str, str]:
        """What a browser sends with a page of ours."""
        return {"Cookie": self.cookie} if self.cookie else {}

    def get(self, path: str) -> TestResponse:
        """A page."""
        return self.ask(Ask(path, headers=self.headers))

    def ask(self, ask: Ask) -> TestResponse:
        """Send a request as it stands."""
        return self._open(ask.path, method=ask.method, headers=ask.headers, data=ask.body or None)

    def cost(self, ask: Ask) -> Cost:
        """Send a request and count."""
        with _counted() as statements:
            answer = self.ask(ask)
            body = answer.get_data()
        return Cost(answer.status_code, answer.headers.get("Location", ""), len(statements), len(gzip.compress(body, 6)))

    def first_page_bytes(self, path: str) -> int:
        """What a first visit to a page weighs, compressed, without the tiles of the base map."""
        page = self.get(path)
        parts = (self.get(address).get_data() for address in set(_PART.findall(page.text)))
        return sum(len(gzip.compress(body, 9)) for body in (page.get_data(), *parts))

    def _open(self, path: str, **request: Any) -> TestResponse:
        # Of its own context, as when served: the command's application context must not lend it what it keeps in `g`.
        return Context().run(self._client.open, path, base_url=settings().BASE_URL, **request)

    def _sign_in(self, account: str) -> None:
        form = self._open("/sign-in")
        self.cookie = form.headers["Set-Cookie"].partition(";")[0]
        answer = self._open(
            "/sign-in",
            method="POST",
            headers=self.headers,
            data={"email": account, "password": DEMO_PASSWORD, "csrf_token": _token(form.text)},
        )
        given = [text.partition(";")[0] for text in answer.headers.getlist("Set-Cookie")]
        self.cookie = next((text for text in given if text.startswith(f"{cookie_name()}=")), "")
        if not self.cookie:
            raise RuntimeError(f"{account} could not sign in: {answer.status_code}")
        self.token = _token(self.get("/account").text)


def _token(page: str) -> str:
    found = _TOKEN.search(page)
    if found is None:
        raise RuntimeError("the page has no form")
    return found[1]


@contextmanager
def _counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)
