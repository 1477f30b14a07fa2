"""Putting a question about a view to the database: its statement is built once, and sent again with the present time."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from sqlalchemy import Result, Select, bindparam
from sqlalchemy.dialects.postgresql import TIMESTAMP

from authority_portal.domain.reports.queries.matching import Question
from authority_portal.foundation import statements
from authority_portal.foundation.db import db

Build = Callable[[Question], Select[Any]]
NOW: Any = bindparam("now", type_=TIMESTAMP(timezone=True))


def put(question: Question, build: Build, what: Hashable, **values: Any) -> Result[Any]:
    """The rows of the statement that `build` makes of the question.

    `what` tells it from other statements about the same view and holds all else that it depends on; `values` are those of its
    named parameters. Words that somebody typed rarely come twice: a statement with them is not kept.
    """
    if question.view.text:
        return db.session.execute(build(question), values)
    key = (what, question.view, question.by, question.zone, _numbers(question))
    return statements.execute(key, lambda: build(replace(question, now=NOW)), now=question.now, **values)


def _numbers(question: Question) -> tuple[int, ...]:
    """The ids behind the view's codes: a code may come to stand for something else."""
    view, choices = question.view, question.choices
    wanted = ((choices.categories, view.categories), (choices.teams, (view.team,)), (choices.areas, (view.area,)))
    return tuple(each.id for found, codes in wanted if any(codes) for each in found if each.code in codes)
