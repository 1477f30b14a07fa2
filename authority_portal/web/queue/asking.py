"""From the address to the question: the view a request asks for, its cursor, and what was wrong with either."""

from dataclasses import dataclass
from typing import Any

from flask import g, request
from flask_babel import gettext
from itsdangerous import BadSignature, URLSafeSerializer

from authority_portal.config import settings
from authority_portal.domain.reports import filters
from authority_portal.domain.reports.filters import Queue, View
from authority_portal.domain.reports.queries import filter_choices
from authority_portal.domain.reports.queries.matching import Question
from authority_portal.domain.reports.queries.queue import Cursor
from authority_portal.foundation import clock
from authority_portal.web.rendering import said

NOT_TYPED = frozenset({"queue", "sort", "after", "before"})
"""Parameters that only our own links write: a wrong one is a wrong request, not a wrong field."""


@dataclass(slots=True)
class Asked:
    """A request for the queue. With something `wrong` the rest of the view still stands, but no row is read."""

    question: Question
    cursor: Cursor | None
    wrong: dict[str, str]
    given: dict[str, str]

    @property
    def view(self) -> View:
        return self.question.view

    @property
    def status(self) -> int:
        """The answer's status."""
        if not self.wrong:
            return 200
        return 400 if any(name in NOT_TYPED or name not in filters.PARAMETERS for name in self.wrong) else 422


def asked(*, beside: frozenset[str] = frozenset()) -> Asked:
    """What this request asks for. `beside` are parameters that do not belong to the view."""
    choices = filter_choices.of(by=g.actor)
    args = {name: values for name, values in request.args.lists() if name not in beside}
    first = Queue.TEAM if g.actor.team_ids else Queue.ALL
    reading = filters.read(args, known=choices.known, first=first)
    question = Question(reading.view, choices, g.actor, g.authority.zone, clock.now())
    made = Asked(question, None, {name: said(sentence) for name, sentence in reading.wrong.items()}, reading.given)
    _read_cursor(made, args)
    return made


def address(view: View, cursor: Cursor | None = None) -> str:
    """The query string of a view, at the page that `cursor` begins."""
    if cursor is None:
        return filters.query_string(view)
    signed = _signer(view).dumps([cursor.at, cursor.id, cursor.start])
    return filters.query_string(view, ("before" if cursor.back else "after", str(signed)))


def _read_cursor(made: Asked, args: dict[str, list[str]]) -> None:
    given = [(name, value) for name in ("after", "before") for value in args.get(name, ()) if value]
    if not given:
        return
    name, value = given[0]
    try:
        at, number, start = _signer(made.view).loads(value[:400])
    except (BadSignature, ValueError, TypeError):
        made.wrong[name] = gettext("does not belong to this list; start again at its first page")
        return
    if len(given) > 1:
        made.wrong[name] = gettext("can be given only once")
    made.cursor = Cursor(at, number, start, back=name == "before")


def _signer(view: View) -> URLSafeSerializer:
    """A cursor of another authority or of another order does not fit."""
    parts: tuple[Any, ...] = (g.authority.id, view.sort)
    return URLSafeSerializer(settings().SECRET_KEY, salt="queue-cursor:{}:{}".format(*parts))
