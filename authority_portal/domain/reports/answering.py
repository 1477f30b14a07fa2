"""Answers to a category's typed questions: checked, and brought into the form in which a report keeps them. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol

from authority_portal.foundation import parsing, sentences
from authority_portal.foundation.errors import Invalid
from authority_portal.foundation.sentences import Sentence

LONGEST_STRING = 500
LONGEST_TEXT = 4_000
LARGEST_NUMBER = 999_999_999.0
_OFFSET = re.compile(r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})\Z")


class Asked(Protocol):
    """A question as its row holds it (`authorities.models.Question`)."""

    @property
    def code(self) -> str: ...
    @property
    def datatype(self) -> str: ...
    @property
    def prompt(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def variable(self) -> bool: ...
    @property
    def options(self) -> list[dict[str, Any]]: ...


def answered(
    questions: Iterable[Asked], given: Mapping[str, Sequence[str]], *, zone: tzinfo | None = None
) -> list[dict[str, Any]]:
    """What was `given` (texts by the question's code), in the order of the questions, as `Report.answers` documents it.

    A question without an answer is left out. A chosen option keeps its key; anything typed has an empty key, so that clearing
    the name clears all of it. `zone` reads times without an offset, as a form sends them; without it they are refused.
    Raises Invalid naming the code of every wrong, missing or unknown answer at once.
    """
    asked = list(questions)
    wrong: dict[str, str] = {}
    answers = []
    for question in asked:
        texts = [text for text in given.get(question.code, ()) if text.strip()]
        try:
            values = _values(question, texts, zone)
        except ValueError as error:
            wrong[question.code] = sentences.of(error)
            continue
        if values:
            answers.append({"code": question.code, "prompt": question.prompt, "values": values})
    known = {question.code for question in asked}
    wrong.update({code: Sentence("is not a question of this category") for code in given if code not in known})
    if wrong:
        raise Invalid(wrong)
    return answers


def _values(question: Asked, texts: list[str], zone: tzinfo | None) -> list[dict[str, str]]:
    if not question.variable:
        if texts:
            raise ValueError(Sentence("is a text to show, it takes no answer"))
        return []
    if not texts:
        if question.required:
            raise ValueError(Sentence("is required"))
        return []
    if question.datatype == "multivaluelist":
        return [_option(question, text) for text in dict.fromkeys(texts)]
    if len(texts) > 1:
        raise ValueError(Sentence("takes one answer only"))
    if question.datatype == "singlevaluelist":
        return [_option(question, texts[0])]
    return [{"key": "", "name": _TYPED[question.datatype](texts[0], zone)}]


def _option(question: Asked, text: str) -> dict[str, str]:
    for option in question.options:
        if str(option["key"]) == text:
            return {"key": text, "name": str(option["name"])}
    shown = ", ".join(str(option["key"]) for option in question.options[:10])
    more = ", …" if len(question.options) > 10 else ""
    raise ValueError(Sentence("must be one of the keys %(choices)s", choices=shown + more))


def _number(text: str, _zone: tzinfo | None) -> str:
    return f"{parsing.decimal(text, least=-LARGEST_NUMBER, most=LARGEST_NUMBER):.15g}"


def _moment(text: str, zone: tzinfo | None) -> str:
    if zone is not None and not _OFFSET.search(text):
        return _shown(parsing.wall_time(text, zone))
    return _shown(parsing.instant(text))


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


_TYPED: dict[str, Callable[[str, tzinfo | None], str]] = {
    "string": lambda text, _zone: parsing.words(text, most=LONGEST_STRING),
    "text": lambda text, _zone: parsing.words(text, most=LONGEST_TEXT, lines=True),
    "number": _number,
    "datetime": _moment,
}
