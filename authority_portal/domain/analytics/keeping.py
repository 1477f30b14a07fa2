"""Keeping the figures true: taking in the reports that changed, and counting the usual periods again. The caller commits."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, func, insert, select, text, tuple_

from authority_portal.domain.analytics import counting, periods
from authority_portal.domain.analytics.counting import Dimension, Line
from authority_portal.domain.analytics.models import Figure, FigureDirt, FigurePeriod
from authority_portal.domain.analytics.periods import Period
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.reports.models import Report
from authority_portal.foundation import clock
from authority_portal.foundation.db import db

AT_ONCE = 10_000
"""Reports taken in by one statement: about half a second."""
MEMORY = "64MB"
"""For sorting what a period holds without writing it to disk; at most one connection per authority needs it at a time."""
PATIENCE = "2min"
"""Longest statement: nobody waits for a page here, and a year of a large city is counted on a busy machine as well."""
MOST_WRONG = 1_000
"""Reports a check looks for; more need not be named one by one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a check found: reports whose figure is wrong or missing, MOST_WRONG at most, and kept periods that say something else
    than counting."""

    reports: tuple[int, ...]
    periods: tuple[tuple[Period, Dimension], ...]

    def __bool__(self) -> bool:
        return bool(self.reports or self.periods)


@dataclass(frozen=True, slots=True)
class State:
    """How far an authority's figures are: never counted, reports waiting, kept periods that are missing or stale."""

    begun: bool
    marked: bool
    missing: tuple[Period, ...]
    stale: tuple[Period, ...]


def state(authority: Card) -> State:
    """What there is to do. Needs no turn."""
    here = FigurePeriod.authority_id == authority.id, FigurePeriod.dimension == Dimension.ALL
    rows = db.session.execute(select(FigurePeriod.first_day, FigurePeriod.last_day, FigurePeriod.stale).where(*here)).all()
    mark = select(FigureDirt.id).where(FigureDirt.authority_id == authority.id).limit(1)
    known = {Period(first, last): stale for first, last, stale in rows}
    usual = periods.kept(today(authority))
    return State(
        begun=bool(known),
        marked=db.session.scalar(mark) is not None,
        missing=tuple(period for period in usual if period not in known),
        stale=tuple(period for period in usual if known.get(period)),
    )


def take_in(authority: Card, *, most: int = AT_ONCE) -> int:
    """Bring the figures of marked reports up to date; returns how many marks there were, `most` at a time.

    Periods in which something changed are marked as stale. A change that commits meanwhile keeps its own mark.
    """
    _take_turn(authority)
    oldest = select(FigureDirt.id).where(FigureDirt.authority_id == authority.id).order_by(FigureDirt.id).limit(most)
    marks = delete(FigureDirt).where(FigureDirt.authority_id == authority.id, FigureDirt.id.in_(oldest))
    marked = db.session.scalars(marks.returning(FigureDirt.report_id)).all()
    if marked:
        _write(authority, sorted(set(marked)))
    return len(marked)


def mark_missing(authority: Card) -> int:
    """Mark the reports that have no figure: those from before there were figures. Returns how many."""
    _take_turn(authority)
    known = select(Figure.report_id).where(Figure.authority_id == authority.id, Figure.report_id == Report.id)
    missing = select(Report.authority_id, Report.id).where(Report.authority_id == authority.id, ~known.exists())
    marks = insert(FigureDirt).from_select(["authority_id", "report_id"], missing)
    return len(db.session.execute(marks.returning(FigureDirt.id)).all())


def rebuild(authority: Card) -> int:
    """Make every figure again from its report, and count every kept period; returns how many reports there are.

    The figures of reports that are gone stay.
    """
    _take_turn(authority)
    db.session.execute(delete(FigureDirt).where(FigureDirt.authority_id == authority.id))
    reports = 0
    for ids in _pages(authority):
        _write(authority, ids)
        reports += len(ids)
    db.session.execute(delete(FigurePeriod).where(FigurePeriod.authority_id == authority.id))
    for period in periods.kept(today(authority)):
        count(authority, period)
    return reports


def count(authority: Card, period: Period) -> None:
    """Count one period by every dimension, and keep it."""
    _take_turn(authority)
    at = clock.now()
    found = _by_all(authority, period)
    db.session.execute(delete(FigurePeriod).where(FigurePeriod.authority_id == authority.id, _is_one_of([period])))
    rows = [
        {
            "authority_id": authority.id,
            "first_day": period.first,
            "last_day": period.last,
            "dimension": dimension,
            "lines": [list(line) for line in lines],
            "counted_at": at,
            "stale": False,
        }
        for dimension, lines in found.items()
    ]
    db.session.execute(insert(FigurePeriod), rows)


def forget_old(authority: Card) -> None:
    """Let go of the periods that are usual no more: yesterday's last seven days."""
    usual = periods.kept(today(authority))
    db.session.execute(delete(FigurePeriod).where(FigurePeriod.authority_id == authority.id, ~_is_one_of(usual)))


def check(authority: Card) -> Difference:
    """Compare every figure and every kept period with what the reports say now. Changes nothing."""
    _take_turn(authority)
    wrong = set(db.session.scalars(_WRONG, {"authority": authority.id, "zone": authority.zone, "most": MOST_WRONG}))
    kept = select(FigurePeriod).where(FigurePeriod.authority_id == authority.id, ~FigurePeriod.stale)
    by_period: dict[Period, list[FigurePeriod]] = {}
    for row in db.session.scalars(kept):
        by_period.setdefault(Period(row.first_day, row.last_day), []).append(row)
    other = []
    for period, rows in sorted(by_period.items()):
        found = _by_all(authority, period)
        other += [
            (period, Dimension(row.dimension))
            for row in rows
            if row.lines != [list(line) for line in found[Dimension(row.dimension)]]
        ]
    return Difference(tuple(sorted(wrong)), tuple(other))


def today(authority: Card) -> date:
    """The day it is in the authority's zone."""
    return clock.now().astimezone(ZoneInfo(authority.zone)).date()


def _by_all(authority: Card, period: Period) -> dict[Dimension, list[Line]]:
    """By every dimension, one statement after the other: nobody waits for them, and none takes long."""
    found = counting.count(authority.id, period, (Dimension.ALL, Dimension.STEPS))
    for dimension in (*counting.BROKEN_DOWN, Dimension.AGE):
        found |= counting.count(authority.id, period, (dimension,))
    return found


def _take_turn(authority: Card) -> None:
    """One at a time: of two who read a report, the one who read it first could be the last to write."""
    db.session.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'; SET LOCAL work_mem = '{MEMORY}'"))
    key = func.hashtextextended(f"figures|{authority.id}", 0)
    db.session.execute(select(func.pg_advisory_xact_lock(key)))


def _pages(authority: Card) -> Iterator[list[int]]:
    last = 0
    while True:
        page = select(Report.id).where(Report.authority_id == authority.id, Report.id > last).order_by(Report.id).limit(AT_ONCE)
        ids = list(db.session.scalars(page))
        if not ids:
            return
        yield ids
        last = ids[-1]


def _write(authority: Card, report_ids: list[int]) -> None:
    db.session.execute(_TAKE_IN, {"authority": authority.id, "zone": authority.zone, "ids": report_ids})


def _is_one_of(wanted: Collection[Period]) -> ColumnElement[bool]:
    return tuple_(FigurePeriod.first_day, FigurePeriod.last_day).in_([(period.first, period.last) for period in wanted])


# An import may bring a date of 1900: what took longer than the column can say took as long as it can say, 68 years.
_FRESH = """
SELECT authority_id, id AS report_id,
       (received_at AT TIME ZONE :zone)::date AS received_on,
       (first_response_at AT TIME ZONE :zone)::date AS responded_on,
       (closed_at AT TIME ZONE :zone)::date AS closed_on,
       CASE WHEN first_response_at IS NOT NULL
            THEN least(2147483647, greatest(0, floor(extract(epoch FROM first_response_at - received_at))))::int
            END AS response_seconds,
       CASE WHEN closed_at IS NOT NULL
            THEN least(2147483647, floor(extract(epoch FROM closed_at - received_at)))::int END AS close_seconds,
       CASE WHEN due_at IS NOT NULL AND closed_at IS NOT NULL THEN closed_at <= due_at END AS due_met,
       category_id, area_id, team_id, channel
FROM report WHERE authority_id = :authority
"""
_DIFFERENT = """
(fresh.received_on, fresh.responded_on, fresh.closed_on, fresh.response_seconds, fresh.close_seconds, fresh.due_met,
 fresh.category_id, fresh.area_id, fresh.team_id, fresh.channel) IS DISTINCT FROM
(known.received_on, known.responded_on, known.closed_on, known.response_seconds, known.close_seconds, known.due_met,
 known.category_id, known.area_id, known.team_id, known.channel)
"""
_JOINED = "fresh LEFT JOIN figure AS known ON known.authority_id = fresh.authority_id AND known.report_id = fresh.report_id"
# `since` is the first day whose figures change: no period that ended before it is touched.
_TAKE_IN = text(
    f"""
WITH fresh AS ({_FRESH} AND id = ANY(:ids)),
changed AS (
    SELECT fresh.*,
        CASE
            WHEN (fresh.received_on, fresh.category_id, fresh.area_id, fresh.team_id, fresh.channel) IS DISTINCT FROM
                 (known.received_on, known.category_id, known.area_id, known.team_id, known.channel)
                THEN least(fresh.received_on, known.received_on, fresh.responded_on, known.responded_on,
                           fresh.closed_on, known.closed_on)
            ELSE least(
                CASE WHEN (fresh.closed_on, fresh.close_seconds, fresh.due_met) IS DISTINCT FROM
                          (known.closed_on, known.close_seconds, known.due_met)
                    THEN least(fresh.closed_on, known.closed_on) END,
                CASE WHEN (fresh.responded_on, fresh.response_seconds) IS DISTINCT FROM
                          (known.responded_on, known.response_seconds)
                    THEN least(fresh.responded_on, known.responded_on) END)
        END AS since
    FROM {_JOINED} WHERE {_DIFFERENT}
),
written AS (
    INSERT INTO figure (authority_id, report_id, received_on, responded_on, closed_on, response_seconds, close_seconds, due_met,
                        category_id, area_id, team_id, channel)
    SELECT authority_id, report_id, received_on, responded_on, closed_on, response_seconds, close_seconds, due_met,
           category_id, area_id, team_id, channel FROM changed
    ON CONFLICT (authority_id, report_id) DO UPDATE SET
        received_on = excluded.received_on, responded_on = excluded.responded_on, closed_on = excluded.closed_on,
        response_seconds = excluded.response_seconds, close_seconds = excluded.close_seconds, due_met = excluded.due_met,
        category_id = excluded.category_id, area_id = excluded.area_id, team_id = excluded.team_id, channel = excluded.channel
)
UPDATE figure_period SET stale = true
WHERE authority_id = :authority AND NOT stale AND last_day >= (SELECT min(since) FROM changed)
"""  # noqa: S608  # pieces of this module; values are bound
)
# A mark is made with the change itself, so one statement sees either both or none: what is marked waits, and is not wrong.
_WRONG = text(
    f"""
WITH fresh AS ({_FRESH}) SELECT fresh.report_id FROM {_JOINED} WHERE {_DIFFERENT}
AND NOT EXISTS (SELECT FROM figure_dirt AS mark WHERE mark.authority_id = fresh.authority_id AND mark.report_id = fresh.report_id)
LIMIT :most
"""  # noqa: S608  # pieces of this module; values are bound
)
