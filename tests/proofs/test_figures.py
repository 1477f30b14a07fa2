"""The figures' page equals a recomputation from the history, whatever happened in which order: random histories.

The recomputation is written another way: plain Python over the rows of the history, by the definitions the page prints.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from authority_portal.config import settings
from authority_portal.domain.access.roles import Role
from authority_portal.domain.analytics import keeping, overview, periods
from authority_portal.domain.analytics.counting import BROKEN_DOWN, Dimension
from authority_portal.domain.analytics.periods import Period
from authority_portal.domain.analytics.question import Question
from authority_portal.domain.authorities.models import Area
from authority_portal.domain.reports.commands import assignment, publication, status
from authority_portal.domain.reports.models import Assignment, Report, Status, StatusChange
from authority_portal.domain.reports.workflow import Channel, Outcome, StepRefused
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.errors import Conflict
from authority_portal.jobs import figures
from tests.builders.authorities import INSIDE, Town, a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member
from tests.proofs.sizes import sized

HISTORIES = sized(small=20, full=300)
ACTS = 30
BEGINNINGS = (
    datetime(2026, 8, 3, 9, 30, tzinfo=UTC),
    datetime(2026, 10, 30, 3, 50, tzinfo=UTC),
    datetime(2026, 3, 6, 4, 50, tzinfo=UTC),
    datetime(2026, 12, 29, 4, 50, tzinfo=UTC),
)
"""In summer; shortly before the clocks go back, or forward; at the end of the year. Near midnight in New York."""
HOURS = {"pothole": 48, "noise": None}
EVERYWHERE = "SRID=4326;MULTIPOLYGON(((-71.2 42.22, -70.98 42.22, -70.98 42.4, -71.2 42.4, -71.2 42.22)))"
ZONE = ZoneInfo("America/New_York")


@dataclass
class Fact:
    """What the history says about one report."""

    received: datetime
    keys: dict[Dimension, str | None]
    answered: datetime | None = None
    closed: datetime | None = None
    due: datetime | None = None


@dataclass
class History:
    """One run of random acts on one town, at a clock of its own. Remembers the deadline each report began with."""

    town: Town
    chance: random.Random
    now: datetime
    reports: list[int] = field(default_factory=list)
    due: dict[int, datetime | None] = field(default_factory=dict)

    def act(self) -> None:
        """Let some time pass, then let something happen."""
        self.now += timedelta(seconds=self.chance.choice([1, 20, 3_000, 40_000, 300_000]) * self.chance.random())
        acts = (self.receive, self.step, self.step, self.step, self.undo, self.send_now, self.give, self.recategorise, self.sweep)
        with clock.frozen(self.now):
            self.chance.choice(acts if self.reports else (self.receive,))()

    def receive(self) -> None:
        category = self.chance.choice(list(HOURS))
        received = self.now - timedelta(seconds=self.chance.choice([0, 0, 900, 200_000]))
        report = a_report(
            self.town,
            category=category,
            received_at=received,
            channel=self.chance.choice([Channel.WEB, Channel.PHONE, Channel.APP]),
            position=self.chance.choice([INSIDE, None]),
        )
        hours = HOURS[category]
        self.reports.append(report.id)
        self.due[report.id] = received + timedelta(hours=hours) if hours else None

    def step(self) -> None:
        report, to = self.one(), self.chance.choice(list(self.town.statuses))
        outcome = self.chance.choice(list(Outcome)) if to == "closed" else None
        self.attempt(
            lambda: status.change(
                report, to=self.town.statuses[to], outcome=outcome, note="So.", authority=self.town.card, by=self.town.house
            )
        )

    def undo(self) -> None:
        report = self.one()
        self.attempt(lambda: status.undo(report, self.last_step(report.id), by=self.town.house))

    def send_now(self) -> None:
        report = self.one()
        self.attempt(lambda: publication.send_now(report, self.last_step(report.id), by=self.town.house))

    def give(self) -> None:
        team = self.chance.choice([*self.town.teams.values(), None])
        assignment.give(self.one(), team_id=team, staff_id=None, by=self.town.house)
        db.session.commit()

    def recategorise(self) -> None:
        self.one().category_id = self.chance.choice(list(self.town.categories.values()))
        db.session.commit()

    def sweep(self) -> None:
        figures.refresh(self.town.id)
        bind(self.town.id)

    def one(self) -> Report:
        return db.session.scalars(select(Report).where(Report.id == self.chance.choice(self.reports))).one()

    def last_step(self, report_id: int) -> int:
        return db.session.scalars(select(StatusChange.id).where(StatusChange.report_id == report_id)).all()[-1]

    def attempt(self, act: Any) -> None:
        """Many acts are not possible just now; then nothing happened."""
        try:
            act()
            db.session.commit()
        except (StepRefused, Conflict):
            db.session.rollback()


@pytest.fixture(scope="module")
def town(stage: Any) -> Town:
    with clock.frozen(BEGINNINGS[0]):
        town = a_town()
        with transaction():
            db.session.add(Area(authority_id=town.id, layer="area", code="w1", name="Ward 1", shape=EVERYWHERE))
    return town


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_the_page_equals_the_recomputation(stage, town, monkeypatch, seed):
    monkeypatch.setenv("PORTAL_UNDO_SECONDS", "600")
    monkeypatch.setattr(figures, "_rests", {})
    settings.cache_clear()
    db.session.remove()
    savepoint = db.engine.begin_nested()
    bind(town.id)
    try:
        history = History(town, random.Random(seed), BEGINNINGS[seed % len(BEGINNINGS)])
        for _ in range(ACTS):
            history.act()
        with clock.frozen(history.now):
            figures.catch_up(town.id)
            bind(town.id)
            compare(history)
            assert not keeping.check(town.card)
            before = kept_lines(town)
            figures.rebuild(town.id)
            bind(town.id)
            assert kept_lines(town) == before
    finally:
        db.session.remove()
        savepoint.rollback()
        settings.cache_clear()


def compare(history):
    """The page for usual and for unusual periods, by every dimension."""
    facts = recomputed(history)
    today = history.now.astimezone(ZONE).date()
    first = today - timedelta(days=history.chance.randrange(60))
    own = Period(first, first + timedelta(days=history.chance.randrange((today - first).days + 1)))
    supervisor = a_member(history.town, Role.SUPERVISOR)
    for name, period in [("28d", None), ("month", None), (history.now.astimezone(ZONE).strftime("%Y-%m"), None), ("own", own)]:
        chosen = period or (periods.PRESETS[name](today) if name in periods.PRESETS else periods.named_month(name))
        for by in BROKEN_DOWN:
            found = overview.of(Question(name, chosen, by, every_row=True), by=supervisor)
            for side in (found.now, found.before):
                assert shown(side.together) == expected(facts, side.period)
                by_key = {key: shown(each) for key, each in side.by_key.items()}
                keys = {fact.keys[by] for fact in facts}
                wanted = {key: expected([fact for fact in facts if fact.keys[by] == key], side.period) for key in keys}
                assert by_key == {key: value for key, value in wanted.items() if any(value)}
            assert [each.open for each in found.ages] == ages(facts, chosen.last)
            assert [(each.received, each.closed, each.open) for each in found.steps] == [
                expected(facts, step)[:3] for step in chosen.steps
            ]


def shown(each):
    kept = None if each.kept is None else round(each.kept * each.due)
    times = (each.response_half, each.response_nine, each.close_half, each.close_nine)
    return (each.received, each.closed, each.open, each.responded, each.due, kept or 0, *(time or 0 for time in times))


def recomputed(history):
    """Every report's facts, from the rows of its history alone."""
    groups = dict(db.session.execute(select(Status.id, Status.group)).all())
    steps, teams = defaultdict(list), {}
    for change in db.session.scalars(select(StatusChange).order_by(StatusChange.id)):
        if change.undone_at is None:
            steps[change.report_id].append((groups[change.to_status_id], change.changed_at))
    for row in db.session.scalars(select(Assignment).order_by(Assignment.id)):
        teams[row.report_id] = row.team_id
    facts = []
    for report_id in history.reports:
        report = db.session.execute(
            select(Report.received_at, Report.category_id, Report.area_id, Report.channel).where(Report.id == report_id)
        ).one()
        fact = Fact(
            report.received_at,
            {
                Dimension.CATEGORY: str(report.category_id),
                Dimension.AREA: report.area_id and str(report.area_id),
                Dimension.TEAM: teams.get(report_id) and str(teams[report_id]),
                Dimension.CHANNEL: report.channel,
            },
            due=history.due[report_id],
        )
        waits_since = None
        for group, at in steps[report_id][1:]:
            fact.answered = fact.answered or at
            if waits_since is not None and group != "waiting":
                fact.due, waits_since = fact.due and fact.due + (at - waits_since), None
            elif waits_since is None and group == "waiting":
                waits_since = at
            fact.closed = at if group == "done" else None
        facts.append(fact)
    return facts


def day(at: datetime | None) -> date | None:
    return at and at.astimezone(ZONE).date()


def within(at, period):
    return at is not None and period.first <= day(at) <= period.last


def still_open(fact, last):
    return day(fact.received) <= last and (fact.closed is None or day(fact.closed) > last)


def expected(facts, period):
    closed = [fact for fact in facts if within(fact.closed, period)]
    answered = [fact for fact in facts if within(fact.answered, period)]
    with_deadline = [fact for fact in closed if fact.due is not None]
    response = sorted(seconds(fact.answered - fact.received) for fact in answered)
    close = sorted(seconds(fact.closed - fact.received) for fact in closed)
    return (
        sum(within(fact.received, period) for fact in facts),
        len(closed),
        sum(still_open(fact, period.last) for fact in facts),
        len(answered),
        len(with_deadline),
        sum(fact.closed <= fact.due for fact in with_deadline),
        *(rank(response, tenths) for tenths in (5, 9)),
        *(rank(close, tenths) for tenths in (5, 9)),
    )


def ages(facts, last):
    counts = [0] * 8
    for fact in facts:
        if still_open(fact, last):
            age = (last - day(fact.received)).days
            counts[sum(age >= least for least in (1, 3, 7, 14, 28, 60, 90))] += 1
    return counts


def rank(ordered, tenths):
    """The smallest time within which so many tenths of them were done."""
    return ordered[-(-len(ordered) * tenths // 10) - 1] if ordered else 0


def seconds(time):
    return int(time.total_seconds())


def kept_lines(town):
    rows = select(keeping.FigurePeriod).where(keeping.FigurePeriod.authority_id == town.id)
    return sorted((row.first_day, row.last_day, row.dimension, str(row.lines)) for row in db.session.scalars(rows))
