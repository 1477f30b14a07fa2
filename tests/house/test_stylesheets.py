"""Stylesheets are small, name only tokens that exist, and fetch nothing."""

import gzip
import re

import pytest

from authority_portal.config import CHECKOUT

SHEETS = sorted((CHECKOUT / "static" / "css").glob("*.css"))
# Bytes, gzipped one by one, as browsers fetch them.
LARGEST_TOGETHER = 15_000
# Set on single elements by the pages' own rules, with a fallback where they are used.
LOCAL = {"--glyph-cut", "--pin-fill", "--pin-edge"}


def text(path):
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_all_stylesheets_together_stay_small():
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in SHEETS) <= LARGEST_TOGETHER


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_every_token_used_is_defined(path):
    tokens = set(re.findall(r"(--[a-z0-9-]+):", text(path.parent / "tokens.css"))) | LOCAL
    assert set(re.findall(r"var\((--[a-z0-9-]+)", text(path))) - tokens == set()


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_nothing_is_fetched(path):
    assert not re.search(r"@import|url\(", text(path))


@pytest.mark.parametrize("path", [path for path in SHEETS if path.name != "tokens.css"], ids=lambda path: path.name)
def test_red_and_the_authoritys_colour_come_from_tokens_only(path):
    """Except on the map, whose marks keep their colours in both themes."""
    if path.name != "map.css":
        assert "#b0231b" not in text(path)
    assert "#0b5a68" not in text(path)


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_braces_are_balanced(path):
    assert text(path).count("{") == text(path).count("}")
