"""A category's questions as parts of a form: read from what was sent, shown again with what is wrong."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, request
from flask_babel import gettext

from authority_portal.domain.authorities.models import Category, Question
from authority_portal.domain.reports import answering
from authority_portal.domain.reports.queries import public
from authority_portal.foundation.errors import NotFound
from authority_portal.web.rendering import said

MOST_RADIOS = 6
"""Up to so many options stand open side by side; more of them fold into a list."""
LIMITS = {"string": answering.LONGEST_STRING, "text": answering.LONGEST_TEXT}


@dataclass
class AskedQuestion:
    """One question with what was typed. `kind` is how it is shown."""

    question: Question
    given: list[str]
    wrong: str = ""

    @property
    def name(self) -> str:
        """Name of its form field; its id as well. The question's own code is the authority's and may hold anything."""
        return f"answer-{self.question.id}"

    @property
    def kind(self) -> str:
        """`shown`, `line`, `number`, `moment`, `area`, `radios`, `list` or `ticks`."""
        if not self.question.variable:
            return "shown"
        if self.question.datatype == "singlevaluelist":
            return "radios" if len(self.question.options) <= MOST_RADIOS else "list"
        kinds = {"string": "line", "number": "number", "datetime": "moment", "text": "area", "multivaluelist": "ticks"}
        return kinds[self.question.datatype]

    @property
    def several(self) -> bool:
        """Whether it is a group of boxes, whose error leads to the first of them."""
        return self.kind in ("radios", "ticks")

    @property
    def described(self) -> str:
        """Ids of what explains the field to those who hear the page."""
        parts = (("hint", self.question.hint), ("wrong", self.wrong))
        return " ".join(f"{self.name}-{part}" for part, words in parts if words)

    @property
    def limit(self) -> int | None:
        """Most characters, where there is such a limit."""
        return LIMITS.get(self.question.datatype)

    @property
    def text(self) -> str:
        """What was typed, for fields that hold one text."""
        return self.given[0] if self.given else ""


@dataclass
class Questions:
    """The questions of one category. `unasked`: it has some, and the form that was sent did not show them."""

    category: Category
    items: list[AskedQuestion] = field(default_factory=list)
    unasked: bool = False

    def answers(self) -> list[dict[str, Any]]:
        """The answers as a report keeps them. Raises Invalid by the codes of the questions."""
        given = {item.question.code: item.given for item in self.items}
        return answering.answered([item.question for item in self.items], given, zone=ZoneInfo(g.authority.zone))

    def refuse(self, wrong: dict[str, str]) -> None:
        """Put what is wrong beside the questions."""
        for item in self.items:
            sentence = said(wrong.get(item.question.code, ""))
            item.wrong = sentence and gettext("“%(question)s” %(problem)s.", question=item.question.prompt, problem=sentence)

    @property
    def faulty(self) -> list[AskedQuestion]:
        return [item for item in self.items if item.wrong]


def of(code: str) -> Questions | None:
    """The questions of an active category with what was sent for them; None if there is no such category."""
    try:
        category, questions = public.service(code, g.authority.id)
    except NotFound:
        return None
    items = [AskedQuestion(one, request.form.getlist(f"answer-{one.id}")) for one in questions]
    asks = any(one.variable for one in questions)
    unasked = asks and request.form.get("asked_of") != code
    return Questions(category, items, unasked)
