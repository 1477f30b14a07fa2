"""A language nobody speaks, made of the extracted catalogue: whatever stays readable on a page never passed gettext.

Every text of ours becomes full-width letters in ⟦ ⟧, everything typed becomes Greek letters: Latin words are what was forgotten.
"""

import re
import shlex
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo

from authority_portal.config import CHECKOUT

LOCALE = "eo"
"""Known to Babel, so that dates and plurals work; the catalogue is ours alone."""
SPOKEN = {"alt", "aria-label", "aria-description", "label", "placeholder", "title"}
SILENT = {"script", "style", "code"}

_FILLED_IN = re.compile(r"(%\(\w+\)[0-9.]*[sd]|%%|\{\w+\})")
_DATE = re.compile(r"[EdMyHm ,:]+")
_NAMES = re.compile(r"\b[A-Z]{3}(?:-[0-9A-Z]+)+\b|\b[0-9a-f]{32}\b|https?://\S+|\{\w+\}")
"""References of reports, numbers of requests, addresses, and what a script fills in."""
_WIDE = {ord(a): ord(a) + 0xFEE0 for a in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_GREEK = str.maketrans("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "αβγδεζηθικλμνξοπρστυφχψωςϑ" * 2)


def disguised(text: str) -> str:
    """The text in the language nobody speaks, its places to fill in untouched. Date patterns keep their letters, in ⟪ ⟫."""
    if _DATE.fullmatch(text):
        return f"⟪{text}⟫"
    parts = _FILLED_IN.split(text)
    return "⟦" + "".join(part if index % 2 else part.translate(_WIDE) for index, part in enumerate(parts)) + "⟧"


def typed(text: str) -> str:
    """What somebody typed, in letters that are neither ours nor forgotten."""
    return text.translate(_GREEK)


@cache
def texts() -> frozenset[str | tuple[str, ...]]:
    """Every text that `pybabel extract` finds, by the settings and the keywords of babel.cfg."""
    file = CHECKOUT / "babel.cfg"
    command = shlex.split(file.read_text(encoding="utf-8").partition("&&")[0].removeprefix("#"))
    wanted = [word for option, word in zip(command, command[1:], strict=False) if option == "-k"]
    with file.open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = extract_from_dir(
        CHECKOUT,
        methods,
        options,
        keywords={**DEFAULT_KEYWORDS, **parse_keywords(wanted)},
        directory_filter=lambda folder: Path(folder).name not in {".local", "node_modules", "static", "tests", "migrations"},
    )
    return frozenset(text for _, _, text, _, _ in found)


def write(folder: Path) -> None:
    """The catalogue of the language nobody speaks."""
    catalogue = Catalog(LOCALE)
    for text in texts():
        catalogue.add(text, disguised(text) if isinstance(text, str) else tuple(disguised(form) for form in text))
    file = folder / LOCALE / "LC_MESSAGES" / "messages.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as output:
        write_mo(output, catalogue)


def readable(text: str, *, data: Iterable[str] = ()) -> list[str]:
    """The Latin words that are left of a text; `data` are codes that stand for themselves."""
    text = _NAMES.sub(" ", re.sub(r"⟪[^⟫]*⟫", " ", text))
    for each in sorted(data, key=len, reverse=True):
        text = text.replace(each, " ")
    return re.findall(r"[A-Za-z]{2,}", text)


class Seen(HTMLParser):
    """What a page says: its texts, spoken attributes, values of buttons, and sentences that its scripts will say."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inside = ""
        self.said: list[str] = []
        self.language = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given.get("lang", "")
        self.said += [value for name, value in given.items() if name in SPOKEN or (name.startswith("data-") and " " in value)]
        if tag == "input" and given.get("type") in {"submit", "button"}:
            self.said.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside not in SILENT:
            self.said.append(data)


def forgotten(html: str, *, data: Iterable[str] = ()) -> Iterator[str]:
    """The texts of a page that hold readable words."""
    return (" ".join(text.split()) for text in Seen(html).said if readable(text, data=data))
