"""Templates: nothing inline, nothing foreign, nothing that needs JavaScript, every word translatable, every sign drawn."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from authority_portal.config import CHECKOUT
from authority_portal.web import signs

TEMPLATES = CHECKOUT / "templates"
FILES = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"})
PAGES = [path for path in FILES if path.suffix == ".html" and "messages" not in path.parts]

# Attributes that people see or hear.
SPOKEN = {"alt", "aria-label", "aria-description", "aria-roledescription", "label", "placeholder", "title"}
TRANSLATES = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Started by the clock or by the page itself, not by a person: without JavaScript nothing is missing.
BY_ITSELF = re.compile(r"(every |load|revealed|portal:|[a-z]+:[a-z])")

ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


def name(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


def source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def without_jinja(text: str) -> str:
    """The markup alone: expressions become a sign that is no letter, statements vanish and both branches stay."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "§", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}(?!\})", "§", text, flags=re.DOTALL)
    return re.sub(r"\{%.*?%\}", " ", text, flags=re.DOTALL)


class Markup(HTMLParser):
    """Every element with its attributes and the forms around it, and every text with the element it stands in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.elements: list[tuple[str, dict[str, str], list[dict[str, str]]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(without_jinja(text))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {key: value or "" for key, value in attrs}
        self.elements.append((tag, attributes, [around for kind, around in self.open if kind == "form"]))
        if tag not in VOID:
            self.open.append((tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self.open) - 1, -1, -1):
            if self.open[index][0] == tag:
                del self.open[index:]
                return

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1][0] if self.open else "", data))


def words(text: str) -> bool:
    return re.search(r"[^\W\d_]{2,}", text) is not None


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=name)


@each(FILES)
def test_every_template_compiles(path):
    ENVIRONMENT.parse(source(path))


@each(PAGES)
def test_nothing_is_inline(path):
    for tag, attributes, _ in Markup(source(path)).elements:
        assert "style" not in attributes, f"{tag} has style="
        assert tag != "style"
        assert tag != "script" or attributes.get("src"), "a script without src"
        handlers = [key for key in attributes if key.startswith(("on", "hx-on", "data-hx-on"))]
        assert handlers == []
        assert not any(value.strip().lower().startswith("javascript:") for value in attributes.values())


@each(PAGES)
def test_htmx_evaluates_nothing(path):
    for _, attributes, _ in Markup(source(path)).elements:
        assert "[" not in attributes.get("hx-trigger", ""), "a trigger filter is code"
        assert not {"hx-vars", "hx-ext"} & attributes.keys()
        assert not attributes.get("hx-vals", "").startswith(("js:", "javascript:"))


@each(PAGES)
def test_every_action_works_without_javascript(path):
    for tag, attributes, forms in Markup(source(path)).elements:
        if "hx-get" in attributes and not BY_ITSELF.match(attributes.get("hx-trigger", "")):
            address = attributes.get("href") or attributes.get("action") or next((form.get("action") for form in forms), None)
            assert address, f"<{tag} hx-get={attributes['hx-get']}> leads nowhere without JavaScript"
        for method in {"hx-post", "hx-put", "hx-patch", "hx-delete"} & attributes.keys():
            assert method == "hx-post", f"a form cannot {method}"
            plain = attributes.get("action") or attributes.get("formaction") or next((form.get("action") for form in forms), None)
            assert plain == attributes[method], f"<{tag} hx-post> and its form differ"


@each(FILES)
def test_nothing_switches_escaping_off(path):
    text = source(path)
    assert not re.search(r"\|\s*safe\b", text)
    assert "autoescape" not in text


@each(FILES)
def test_no_address_of_another_host(path):
    assert not re.search(r"https?://|[\"'(]//", re.sub(r"\{#.*?#\}", "", source(path), flags=re.DOTALL))


@each(FILES)
def test_every_visible_word_can_be_translated(path):
    markup = Markup(source(path))
    assert [text.strip() for tag, text in markup.texts if tag != "script" and words(text)] == []
    spoken = [(tag, key, value) for tag, attributes, _ in markup.elements for key, value in attributes.items()]
    assert [(tag, key, value) for tag, key, value in spoken if key in SPOKEN and words(value)] == []
    assert sorted(untranslated(ENVIRONMENT.parse(source(path)))) == []


def untranslated(node: nodes.Node) -> set[str]:
    """Sentences in expressions that pass no gettext. A sentence begins with a capital and is not compared with anything."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in TRANSLATES:
        return set()
    if isinstance(node, nodes.Compare | nodes.Getitem | nodes.Pair):
        return set()
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and re.match(r"[A-Z][a-z]+(\W|$)", node.value):
        return {node.value}
    return set().union(*(untranslated(child) for child in node.iter_child_nodes()))


def test_every_staff_page_has_the_place_the_skip_link_leads_to():
    for path in PAGES:
        if re.search(r"extends\s+[\"']layout/desk", source(path)):
            parts = re.findall(r"include\s+[\"']([^\"']+)", source(path))
            whole = source(path) + "".join(source(TEMPLATES / part) for part in parts)
            assert len(re.findall(r'<main[^>]*\bid="main"', whole)) == whole.count("<main") == 1, name(path)


def test_every_sign_is_in_the_sprite():
    known = set(re.findall(r'<symbol id="([^"]+)"', (CHECKOUT / "static" / "icons.svg").read_text(encoding="utf-8")))
    called = {sign for path in FILES for sign in re.findall(r"\b(?:icon|timeline_item)\(\s*[\"']([a-z-]+)[\"']", source(path))}
    linked = {sign for path in FILES for sign in re.findall(r"icons\.svg'\) \}\}#([a-z-]+)[\"']", source(path))}
    tables = {*signs.STATUS_SIGNS.values(), *signs.OUTCOME_SIGNS.values(), signs.REOPENED_SIGN}
    tables |= {*signs.DEADLINE_SIGNS.values(), *signs.MESSAGE_SIGNS.values()}
    assert (called | linked | tables) - known == set()


def test_every_asset_named_in_a_template_exists():
    named = {found for path in FILES for found in re.findall(r"asset\(\s*[\"']([^\"']+)", source(path))}
    ours = {found for found in named if not found.startswith("vendor/")}
    assert {found for found in ours if not (CHECKOUT / "static" / found).is_file()} == set()
