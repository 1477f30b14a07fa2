"""Catalogues: a translation fills in what its text fills in, and a language that pages speak has all of their texts."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from authority_portal.config import CHECKOUT
from authority_portal.web import rendering
from tests.house import foreign

FILES = sorted((CHECKOUT / "translations").glob("*/LC_MESSAGES/*.po"))
_FILLED_IN = re.compile(r"%\(\w+\)[-+ #0-9.]*[a-zA-Z]|\{\w+\}")


def _read(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened, locale=file.parts[-3])


def _forms(text: str | Collection[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _filled_in(text: str) -> frozenset[str]:
    return frozenset(_FILLED_IN.findall(text))


def _wrong(catalogue: Catalog) -> Iterator[str]:
    """Translations that fill in anything else than their text; of a plural each form is as the singular or as the plural."""
    for message in catalogue:
        allowed = {_filled_in(text) for text in _forms(message.id)}
        yield from (form for form in _forms(message.string) if message.id and form and _filled_in(form) not in allowed)


def _missing(catalogue: Catalog, texts: Collection[str | tuple[str, ...]]) -> set[str | tuple[str, ...]]:
    """The texts that have no translation, or not in every form of a plural."""
    known = {_key(message) for message in catalogue if all(_forms(message.string)) and not message.fuzzy}
    return set(texts) - known


def _key(message: Message) -> str | tuple[str, ...]:
    return message.id if isinstance(message.id, str) else tuple(message.id)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parts[-3])
def test_a_translation_fills_in_what_its_text_fills_in(file: Path) -> None:
    catalogue = _read(file)
    assert len(catalogue) > 0
    assert list(_wrong(catalogue)) == []


def test_every_language_of_the_pages_is_complete() -> None:
    for language in set(rendering.LANGUAGES) - {"en"}:
        catalogue = _read(CHECKOUT / "translations" / language / "LC_MESSAGES" / "messages.po")
        assert _missing(catalogue, foreign.texts()) == set(), language


def test_a_placeholder_that_was_lost_changed_or_invented_is_found() -> None:
    wrong = ("%(nombre)s", "nada", "%(name)d", "%(name)s y %(more)s", "{name}")
    right = "¡%(name)s!"
    for form in wrong:
        assert list(_wrong(_catalogue(("Hello, %(name)s", form)))) == [form]
    assert list(_wrong(_catalogue(("Hello, %(name)s", right), ("Save: {step}", "Guardar: {step}"), ("Not yet", "")))) == []
    assert list(_wrong(_catalogue((("One day", "%(num)s days"), ("Un día", "%(num)s días"))))) == []
    assert list(_wrong(_catalogue((("One day", "%(num)s days"), ("Un día", "%(n)s días"))))) == ["%(n)s días"]


def test_a_text_without_all_of_its_words_is_missing() -> None:
    plural = ("%(num)s day", "%(num)s days")
    whole = _catalogue(("Yes", "Sí"), (plural, ("%(num)s día", "%(num)s días")))
    assert _missing(whole, ["Yes", plural]) == set()
    assert _missing(whole, ["Yes", "No"]) == {"No"}
    assert _missing(_catalogue(("Yes", "")), ["Yes"]) == {"Yes"}
    assert _missing(_catalogue((plural, ("", ""))), [plural]) == {plural}
    assert _missing(_catalogue((plural, ("%(num)s día", ""))), [plural]) == {plural}
    unsure = _catalogue(("Yes", "Sí"))
    unsure["Yes"].flags.add("fuzzy")
    assert _missing(unsure, ["Yes"]) == {"Yes"}


def _catalogue(*entries: tuple[str | tuple[str, ...], str | tuple[str, ...]]) -> Catalog:
    made = Catalog("es")
    for text, translation in entries:
        made.add(text, translation)
    return made
