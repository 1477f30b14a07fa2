"""What the tests of pages share: one Chromium, and the application with real commits on a port of its own."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from authority_portal.config import settings
from tests.builders.browsing import a_browser, served


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all of them; every visit has a profile of its own."""
    with a_browser() as browser:
        yield browser


@pytest.fixture
def serving(committed: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The application's address. Forms are checked for their token here, as they are outside of tests."""
    monkeypatch.setitem(committed.config, "WTF_CSRF_ENABLED", True)
    with served(committed) as base:
        yield base
    monkeypatch.undo()
    settings.cache_clear()  # what a test set for its server holds for no other
