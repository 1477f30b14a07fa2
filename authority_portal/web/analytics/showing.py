"""What the template of the figures is given: every number in words, with the address of its rows where there is one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext

from authority_portal.domain.analytics import periods
from authority_portal.domain.analytics.counting import BROKEN_DOWN, Dimension
from authority_portal.domain.analytics.overview import Named, Overview, Side
from authority_portal.domain.analytics.question import OWN, Question
from authority_portal.domain.analytics.suppression import Shown
from authority_portal.web.analytics import charts, wording
from authority_portal.web.analytics.asking import Asked
from authority_portal.web.analytics.cells import Cell, Writer
from authority_portal.web.analytics.links import Links, of_key

ROWS = 25
"""Rows of the breakdown before somebody asks for all of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One key of the breakdown, both periods beside each other."""

    name: str
    received: Cell
    received_before: Cell
    closed: Cell
    closed_before: Cell
    open: Cell
    close_half: str
    close_nine: str
    response_half: str
    response_nine: str
    responded: Cell
    kept: Cell
    due: Cell
    half_at: float | None
    nine_at: float | None
    before_at: float | None


def page(asked: Asked, found: Overview | None) -> dict[str, Any]:
    """Everything on the page. Without figures: the form alone, with what is wrong or that counting has begun."""
    return {
        "asked": asked,
        "question": asked.question,
        "period": wording.period(asked.question.period),
        "fields": wording.FIELDS,
        "choices": list(_choices(asked)),
        "own": OWN,
        "figures": None if found is None else _figures(found),
        "counting_first": counting_first(),
    }


def counting_first() -> str:
    """What is said before there are figures."""
    return gettext("The figures are being counted for the first time. Look again in a minute.")


def _choices(asked: Asked) -> Iterator[tuple[str, str]]:
    if not asked.coarse:
        yield from ((code, str(wording.PRESETS[code])) for code in periods.PRESETS)
        yield OWN, gettext("From day to day, below")
    yield from ((f"{month.first:%Y-%m}", wording.month(month)) for month in asked.months)


def _figures(found: Overview) -> dict[str, Any]:
    write = Writer(found)
    telling = [named for named in found.names if not found.coarse or _tells(named, found)]
    rows = telling if found.question.every_row or found.coarse else telling[:ROWS]
    return {
        "coarse": found.coarse,
        "counted_at": found.counted_at,
        "before": wording.period(found.before.period),
        "last_day": wording.day(found.question.period.last),
        "lead": list(_lead(found, write)),
        "by": found.question.by,
        "dimension": str(wording.DIMENSIONS[found.question.by]),
        "heading": str(wording.HEADINGS[found.question.by]),
        "tabs": [_tab(found.question, dimension) for dimension in BROKEN_DOWN],
        "rows": [_row(named, found, write) for named in rows],
        "more": len(telling) - len(rows),
        "unseen": [
            wording.name_of(named, found.question.by) for named in found.names if found.coarse and not _tells(named, found)
        ],
        "every_row": _address(Question(found.question.name, found.question.period, found.question.by, every_row=True)),
        "file": f"{url_for('.table')}?{found.question.query_string}",
        "marks": [(charts.place(seconds), label) for seconds, label in charts.MARKS],
        "ages": list(_ages(found, write)),
        "flow": _flow(found, write),
        "months": found.question.period.is_month,
    }


def _address(question: Question) -> str:
    return f"{url_for('.overview')}?{question.query_string}"


def _tab(question: Question, dimension: Dimension) -> dict[str, Any]:
    return {
        "label": str(wording.DIMENSIONS[dimension]),
        "href": f"{_address(Question(question.name, question.period, dimension))}#by",
        "current": dimension is question.by,
        "count": None,
    }


def _lead(found: Overview, write: Writer) -> Iterator[dict[str, Any]]:
    """The six figures on top: name, number, what it was."""
    now, was = found.now.together, found.before.together
    here, there = write.now, write.before
    for name, value, before, link, link_before in (
        (gettext("Received"), now.received, was.received, here.received, there.received),
        (gettext("Closed"), now.closed, was.closed, here.closed, there.closed),
        (gettext("Open at the end"), now.open, was.open, here.open, there.open),
    ):
        yield {
            "name": name,
            "cell": write.count(value, link),
            "was": write.count(before, link_before),
            "by": write.change(value, before),
        }
    for name, half, nine, n, half_before, link in (
        (gettext("Half answered within"), now.response_half, now.response_nine, now.responded, was.response_half, here.responded),
        (gettext("Half closed within"), now.close_half, now.close_nine, now.closed, was.close_half, here.closed),
    ):
        more = gettext("9 of 10 within %(time)s", time=write.time(nine))
        yield {
            "name": name,
            "cell": Cell(write.time(half)),
            "was": Cell(write.time(half_before)),
            "more": more,
            "n": write.count(n, link),
        }
    yield {
        "name": gettext("Deadline kept"),
        "cell": write.share(now.kept, here.kept),
        "was": write.share(was.kept, there.kept),
        "n": write.count(now.due, here.due),
    }


def _row(named: Named, found: Overview, write: Writer) -> Row:
    which = "" if write.coarse else of_key(found.question.by, named)
    now, was = _of(found.now, named), _of(found.before, named)
    return Row(
        name=wording.name_of(named, found.question.by),
        received=write.count(now.received, write.now.received, which),
        received_before=write.count(was.received, write.before.received, which),
        closed=write.count(now.closed, write.now.closed, which),
        closed_before=write.count(was.closed, write.before.closed, which),
        open=write.count(now.open, write.now.open, which),
        close_half=write.time(now.close_half),
        close_nine=write.time(now.close_nine),
        response_half=write.time(now.response_half),
        response_nine=write.time(now.response_nine),
        responded=write.count(now.responded, write.now.responded, which),
        kept=write.share(now.kept, write.now.kept, which),
        due=write.count(now.due, write.now.due, which),
        half_at=_at(now.close_half),
        nine_at=_at(now.close_nine),
        before_at=_at(was.close_half),
    )


def _of(side: Side, named: Named) -> Shown:
    return side.by_key.get(named.key) or Shown(named.key, 0, 0, 0, 0, due=0)


def _tells(named: Named, found: Overview) -> bool:
    """Whether any number of it is not hidden."""
    sides = (_of(found.now, named), _of(found.before, named))
    return any((each.received, each.closed, each.responded) != (None, None, None) for each in sides)


def _at(seconds: int | None) -> float | None:
    return None if seconds is None else charts.place(seconds)


def _ages(found: Overview, write: Writer) -> Iterator[dict[str, Any]]:
    most = max((shown.open or 0 for shown in found.ages), default=0)
    for shown in found.ages:
        width = charts.share(shown.open, most)
        yield {"name": str(wording.AGES[shown.key or "0"]), "cell": write.aged(shown, found), "width": width}


def _flow(found: Overview, write: Writer) -> dict[str, Any]:
    steps = found.question.period.steps
    inside = sum(step.first >= found.question.period.first for step in steps) or 1
    shown = found.steps
    drawn = charts.flow(
        [each.received for each in shown], [each.closed for each in shown], [each.open for each in shown], inside=inside
    )
    label: Callable[[periods.Period], str] = (
        wording.short_month if found.question.period.is_month else lambda step: wording.short_day(step.first)
    )
    rows = []
    for step, each in zip(steps, shown, strict=True):
        here = Links(write.queue, step)
        cells = (
            write.count(each.received, here.received),
            write.count(each.closed, here.closed),
            write.count(each.open, here.open),
        )
        rows.append((wording.period(step), cells))
    return {
        "drawn": drawn,
        "rows": rows[::-1],
        "ticks": [(x, label(steps[at])) for x, at in drawn.ticks],
        "title": _finding(found.now.together),
        "last": rows[-1][1],
        "grid": [(y, write.number(value)) for y, value in drawn.grid],
    }


def _finding(together: Shown) -> str:
    """What the chart shows, as its title."""
    if together.received is None or together.closed is None or together.received == together.closed:
        return gettext("What came in and what went out")
    if together.received > together.closed:
        return gettext("More came in than went out")
    return gettext("More went out than came in")
