"""The figures of a period and of the one before, as one actor may see them: from what the jobs keep, else counted now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, Text, cast, select, tuple_

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.analytics import counting, suppression
from authority_portal.domain.analytics.counting import Dimension, Line
from authority_portal.domain.analytics.models import FigurePeriod
from authority_portal.domain.analytics.periods import Period
from authority_portal.domain.analytics.question import Question
from authority_portal.domain.analytics.suppression import Shown
from authority_portal.domain.authorities.models import Area, Category, Team
from authority_portal.domain.reports.routing import AREA_LAYER
from authority_portal.domain.reports.workflow import Channel
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Denied
from authority_portal.foundation.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Side:
    """One period: everything together, and by key of the chosen dimension."""

    period: Period
    together: Shown
    by_key: Mapping[str | None, Shown]


@dataclass(frozen=True, slots=True)
class Named:
    """What a key stands for; without code and name where a report has no area or no team. A channel's name is its code."""

    key: str | None
    code: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """The page's figures. `names` are the keys of the dimension, the busiest first (for coarse readers: by name)."""

    question: Question
    coarse: bool
    now: Side
    before: Side
    names: tuple[Named, ...]
    ages: tuple[Shown, ...]
    steps: tuple[Shown, ...]
    counted_at: datetime


Lines = dict[Dimension, list[Line]]


def of(question: Question, *, by: Actor) -> Overview | None:
    """The figures as `by` may see them; None while they are being counted for the first time. Raises Denied."""
    if not by.holds(Permission.FIGURES_READ):
        raise Denied(Sentence("Your role sees no figures."))
    coarse = is_coarse(by)
    lines, counted_at = _lines(question, by.authority_id)
    if lines is None:
        return None
    now, before = lines[question.period], lines[question.period.before]
    names = _with_others(_names(question.by, by.authority_id), now[question.by], before[question.by])
    ages = _with_every_age(now[Dimension.AGE])
    if coarse:
        together = suppression.whole(_first(now))
        return Overview(
            question,
            coarse,
            _coarse_side(question.period, now, names, question.by),
            _coarse_side(question.period.before, before, names, question.by),
            tuple(names),
            tuple(suppression.ages(ages, together)),
            tuple(suppression.steps(now[Dimension.STEPS])),
            counted_at,
        )
    busy = {line.key: line for line in now[question.by]} | {
        line.key: line for line in before[question.by] if line.key not in {each.key for each in now[question.by]}
    }
    there = [named for named in names if named.key in busy]
    there.sort(key=lambda named: (-busy[named.key].received - busy[named.key].closed, -busy[named.key].open, named.name))
    return Overview(
        question,
        coarse,
        _exact_side(question.period, now, question.by),
        _exact_side(question.period.before, before, question.by),
        tuple(there),
        tuple(suppression.exact(line) for line in ages),
        tuple(suppression.exact(line) for line in now[Dimension.STEPS]),
        counted_at,
    )


def is_coarse(by: Actor) -> bool:
    """Whether small counts are hidden from `by`, and no rows stand behind the others."""
    return not by.holds(Permission.FIGURES_READ_EXACT)


def _lines(question: Question, authority_id: int) -> tuple[dict[Period, Lines] | None, datetime]:
    """Both periods' lines from what is kept, and when they were counted; a period that is not kept is counted now."""
    sides = (question.period, question.period.before)
    wanted = (Dimension.ALL, question.by, Dimension.AGE, Dimension.STEPS)
    kept = select(
        FigurePeriod.first_day, FigurePeriod.last_day, FigurePeriod.dimension, FigurePeriod.lines, FigurePeriod.counted_at
    ).where(
        FigurePeriod.authority_id == authority_id,
        tuple_(FigurePeriod.first_day, FigurePeriod.last_day).in_([(side.first, side.last) for side in sides]),
        FigurePeriod.dimension.in_(wanted),
    )
    found: dict[Period, Lines] = {}
    counted_at = now = clock.now()
    for row in db.session.execute(kept):
        lines = [Line(*numbers) for numbers in row.lines]
        found.setdefault(Period(row.first_day, row.last_day), {})[Dimension(row.dimension)] = lines
        counted_at = min(counted_at, row.counted_at)
    if len(found) < len(sides) and not found and not _is_begun(authority_id):
        return None, now
    for side, dimensions in zip(sides, (wanted, wanted[:2]), strict=True):
        if side not in found:
            found[side] = counting.count(authority_id, side, dimensions)
    return found, counted_at


def _is_begun(authority_id: int) -> bool:
    return bool(
        db.session.scalar(select(select(FigurePeriod.authority_id).where(FigurePeriod.authority_id == authority_id).exists()))
    )


def _names(dimension: Dimension, authority_id: int) -> list[Named]:
    """Every key there can be, by name; the one for none at the end."""
    if dimension is Dimension.CHANNEL:
        return [Named(channel, channel, channel) for channel in Channel]
    named: dict[Dimension, Select[str, str, str]] = {
        Dimension.CATEGORY: _named(Category).where(Category.authority_id == authority_id).order_by(Category.name),
        Dimension.AREA: _named(Area)
        .where(Area.authority_id == authority_id, Area.layer == AREA_LAYER)
        .order_by(Area.position, Area.name),
        Dimension.TEAM: _named(Team).where(Team.authority_id == authority_id).order_by(Team.name),
    }
    made = [Named(*row) for row in db.session.execute(named[dimension])]
    return made if dimension is Dimension.CATEGORY else [*made, Named(None)]


def _with_others(names: list[Named], *lines: Sequence[Line]) -> list[Named]:
    """Nothing is left out: what was counted under a key that has no name any more goes by the key."""
    known = {named.key for named in names}
    others = {line.key: None for side in lines for line in side if line.key not in known}
    return [*names, *(Named(key, key or "", key or "") for key in others)]


def _named(model: type[Category] | type[Area] | type[Team]) -> Select[str, str, str]:
    return select(cast(model.id, Text), model.code, model.name)


def _first(lines: Lines) -> Line:
    return lines[Dimension.ALL][0] if lines[Dimension.ALL] else Line(None)


def _with_every_age(lines: Sequence[Line]) -> list[Line]:
    known = {line.key: line for line in lines}
    return [known.get(str(age), Line(str(age))) for age in counting.AGES]


def _exact_side(period: Period, lines: Lines, by: Dimension) -> Side:
    return Side(period, suppression.exact(_first(lines)), {line.key: suppression.exact(line) for line in lines[by]})


def _coarse_side(period: Period, lines: Lines, names: Sequence[Named], by: Dimension) -> Side:
    """Of every key there can be: a key that is left out would tell that it has nothing."""
    known = {line.key: line for line in lines[by]}
    together = suppression.whole(_first(lines))
    seen = suppression.parts([known.get(named.key, Line(named.key)) for named in names], together)
    return Side(period, together, {each.key: each for each in seen})
