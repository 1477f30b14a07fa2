"""Counting the figures of a period from the figure rows, by any dimension: one statement, a few index ranges."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import text

from authority_portal.domain.analytics.periods import Period
from authority_portal.foundation.db import db

AGES = (0, 1, 3, 7, 14, 28, 60, 90)
"""From how many days on an open report belongs to the next group of ages."""


class Dimension(StrEnum):
    """What the figures can be broken down by. ALL: not at all; AGE: open ones by age; STEPS: along the chart's steps."""

    ALL = "all"
    CATEGORY = "category"
    AREA = "area"
    TEAM = "team"
    CHANNEL = "channel"
    AGE = "age"
    STEPS = "steps"


BROKEN_DOWN = (Dimension.CATEGORY, Dimension.AREA, Dimension.TEAM, Dimension.CHANNEL)


class Line(NamedTuple):
    """The figures of one key. Half and nine of ten are seconds: the shortest time within which so many were done; 0 without any.

    `key` is the id of a category, area or team, a channel, the lowest age in days, or the last day of a step; None where a
    report has no area or no team, and for all together.
    """

    key: str | None
    received: int = 0
    closed: int = 0
    open: int = 0
    responded: int = 0
    response_half: int = 0
    response_nine: int = 0
    close_half: int = 0
    close_nine: int = 0
    due: int = 0
    met: int = 0


Lines = Mapping[Dimension, Sequence[Line]]


def count(authority_id: int, period: Period, dimensions: Collection[Dimension] = tuple(Dimension)) -> dict[Dimension, list[Line]]:
    """The figures of `period` by each of the dimensions, each in the order of its keys."""
    parts = [_KEYED.format(name=name, key=_KEYS[name]) for name in dimensions if name in _KEYS]
    parts += [_BY_AGE] if Dimension.AGE in dimensions else []
    parts += [_BY_STEPS] if Dimension.STEPS in dimensions else []
    given: dict[str, Any] = {"authority": authority_id, "first": period.first, "last": period.last}
    if Dimension.AGE in dimensions:
        given["ages"] = list(AGES)
    if Dimension.STEPS in dimensions:
        steps = period.steps
        given |= {"firsts": [step.first for step in steps], "lasts": [step.last for step in steps], "steps_from": steps[0].first}
    found: dict[Dimension, list[Line]] = defaultdict(list)
    for row in db.session.execute(text(" UNION ALL ".join(parts)), given):
        name, key, *numbers, response, close, due, met = row
        numbers = [*numbers, *(response or (0, 0)), *(close or (0, 0)), due, met]
        found[Dimension(name)].append(Line(key, *numbers))
    made = {name: sorted(found[name], key=_in_order) for name in dimensions}
    if Dimension.STEPS in made:
        known = {line.key: line for line in found[Dimension.STEPS]}
        every = [known.get(step.last.isoformat(), Line(step.last.isoformat())) for step in period.steps]
        made[Dimension.STEPS] = _with_stock(every, found[Dimension.ALL])
    return made


def _in_order(line: Line) -> tuple[bool, int, str]:
    key = line.key or ""
    return line.key is None, int(key) if key.isdecimal() else 0, key


def _with_stock(steps: list[Line], whole: list[Line]) -> list[Line]:
    """How many were open at the end of each step, counted back from the end of the period."""
    open_then = whole[0].open if whole else 0
    made = []
    for step in reversed(steps):
        made.append(Line(step.key, received=step.received, closed=step.closed, open=open_then))
        open_then += step.closed - step.received
    return made[::-1]


_KEYS = {
    Dimension.ALL: "NULL::bigint",
    Dimension.CATEGORY: "category_id",
    Dimension.AREA: "area_id",
    Dimension.TEAM: "team_id",
    # Sorting by the rules of a language would take many times as long.
    Dimension.CHANNEL: 'channel COLLATE "C"',
}
# The open ones at the end are those without a closing and those closed later: two ranges of one index.
_KEYED = """
SELECT '{name}', key::text, sum(received)::int, sum(closed)::int, sum(open)::int, sum(responded)::int, max(response), max(close),
       sum(due)::int, sum(met)::int
FROM (
    SELECT {key} AS key, count(*) AS received, 0 AS closed, 0 AS open, 0 AS responded, NULL::int[] AS response,
           NULL::int[] AS close, 0 AS due, 0 AS met
    FROM figure WHERE authority_id = :authority AND received_on BETWEEN :first AND :last GROUP BY 1
    UNION ALL
    SELECT {key}, 0, count(*), 0, 0, NULL, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY close_seconds),
           count(due_met), count(*) FILTER (WHERE due_met)
    FROM figure WHERE authority_id = :authority AND closed_on BETWEEN :first AND :last GROUP BY 1
    UNION ALL
    SELECT {key}, 0, 0, count(*), 0, NULL, NULL, 0, 0
    FROM figure WHERE authority_id = :authority AND closed_on IS NULL AND received_on <= :last GROUP BY 1
    UNION ALL
    SELECT {key}, 0, 0, count(*), 0, NULL, NULL, 0, 0
    FROM figure WHERE authority_id = :authority AND closed_on > :last AND received_on <= :last GROUP BY 1
    UNION ALL
    SELECT {key}, 0, 0, 0, count(*), percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY response_seconds), NULL, 0, 0
    FROM figure WHERE authority_id = :authority AND responded_on BETWEEN :first AND :last GROUP BY 1
) AS parts GROUP BY key
"""
_BY_AGE = """
SELECT 'age', (CAST(:ages AS int[]))[width_bucket(CAST(:last AS date) - received_on, CAST(:ages AS int[]))]::text,
       0, 0, count(*)::int, 0, NULL, NULL, 0, 0
FROM figure
WHERE authority_id = :authority AND received_on <= :last AND (closed_on IS NULL OR closed_on > :last)
GROUP BY 2
"""
_BY_STEPS = """
SELECT 'steps', (CAST(:lasts AS date[]))[at]::text, sum(received)::int, sum(closed)::int, 0, 0, NULL, NULL, 0, 0
FROM (
    SELECT width_bucket(received_on, CAST(:firsts AS date[])) AS at, count(*) AS received, 0 AS closed
    FROM figure WHERE authority_id = :authority AND received_on BETWEEN :steps_from AND :last GROUP BY 1
    UNION ALL
    SELECT width_bucket(closed_on, CAST(:firsts AS date[])), 0, count(*)
    FROM figure WHERE authority_id = :authority AND closed_on BETWEEN :steps_from AND :last GROUP BY 1
) AS parts GROUP BY at
"""
