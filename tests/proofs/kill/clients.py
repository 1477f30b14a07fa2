"""A citizen app and a caseworker who do not give up: each repeats what it asked until it gets a real answer."""

import re
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import requests

T = TypeVar("T")

PATIENCE = 60.0
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
VERSION = re.compile(r'name="version"[^>]*value="(\d+)"')


class GaveUp(AssertionError):
    """Nobody answered for a whole minute."""


def send_report(base: str, key: str, number: int, email: str) -> str:
    """Report a pothole, with the same name at every attempt. Gives the reference."""
    form = {
        "service_code": "pothole",
        "lat": f"{42.30 + number % 50 / 1000:.4f}",
        "long": "-71.0993",
        "description": f"Hole number {number}.",
        "email": email,
        "external_id": f"app-{number}",
    }

    def attempt() -> str | None:
        answer = requests.post(f"{base}/open311/v2/requests.json", data=form, headers={"X-Api-Key": key}, timeout=20)
        if answer.status_code >= 500:
            return None
        assert answer.status_code in (200, 201), answer.text
        return str(answer.json()[0]["service_request_id"])

    return _until(attempt)


def take_step(base: str, cookie: Mapping[str, str], reference: str, *, seen: int, to: int) -> None:
    """Move the report on from the status `seen`, as a person would: read the page, save, and look again when it broke."""
    browser = requests.Session()
    browser.cookies.update(cookie)
    address = f"{base}/reports/{reference}"

    def attempt() -> bool | None:
        page = browser.get(address, timeout=20)
        if page.status_code >= 500:
            return None
        assert page.status_code == 200, page.status_code
        version, token = VERSION.search(page.text), TOKEN.search(page.text)
        assert version, "the page has no form for a step"
        assert token, "the page has no token"
        if int(version[1]) > 1:
            return True  # an earlier attempt was saved, and its answer was lost on the way
        form = {"to": to, "version": version[1], "seen_status": seen, "note": "A crew is sent.", "csrf_token": token[1]}
        answer = browser.post(f"{address}/status", data=form, timeout=20, allow_redirects=False)
        return True if answer.status_code == 303 else None

    _until(attempt)


def _until(attempt: Callable[[], T | None]) -> T:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        try:
            answer = attempt()
        except requests.RequestException:  # cut off before, within or after the answer
            answer = None
        if answer is not None:
            return answer
        time.sleep(0.1)
    raise GaveUp
