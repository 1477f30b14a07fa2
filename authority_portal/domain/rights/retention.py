"""Applying the retention rules: a dry run that counts, and a run that tells and erases, batch by batch."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.authorities.models import Authority
from authority_portal.domain.notifications import notices
from authority_portal.domain.notifications.notices import Notice
from authority_portal.domain.notifications.planning import Follower
from authority_portal.domain.people.models import Person
from authority_portal.domain.rights import ledger, subjects
from authority_portal.domain.rights.planning import Act, Judgement, judge
from authority_portal.domain.rights.rules import CONTACT, Keeps, Mode, Rule
from authority_portal.domain.rights.subjects import FIRST, Subject
from authority_portal.foundation import clock
from authority_portal.foundation.db import db

BATCH = 200
"""Residents who are looked at, told or erased in one transaction."""
AHEAD = timedelta(days=30)


@dataclass(slots=True)
class Forecast:
    """What a run would do now, in counts. `soon`: who goes within 30 days if nothing changes; `oldest`: first engagement."""

    rule: str
    mode: Mode
    looked_at: int = 0
    erased: int = 0
    told: int = 0
    soon: int = 0
    oldest: datetime | None = None
    kept: Counter[Keeps] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Done:
    """One batch: how many were looked at, told and erased, and after whom the next one begins; None when it was the last."""

    looked_at: int
    told: int
    erased: int
    next_after: UUID | None


def mode_of(authority: Card) -> Mode:
    """The authority's mode, never from a cache."""
    return Mode(db.session.execute(select(Authority.retention_mode).where(Authority.id == authority.id)).scalar_one())


def set_mode(mode: Mode, *, authority: Card, by: Actor) -> None:
    """Change how long the contact of a reporter with an open report is kept. The caller commits.

    Who was told an end already is looked at again by the next run: where it moved, they are told the new one.
    """
    before = mode_of(authority)
    if before is not mode:
        db.session.execute(update(Authority).where(Authority.id == authority.id).values(retention_mode=mode))
        db.session.execute(
            update(Person)
            .where(Person.authority_id == authority.id, Person.erased_at.is_(None), Person.retention_told_at.is_not(None))
            .values(retention_told_at=None)
            .execution_options(synchronize_session=False)
        )
        trail.append("retention:mode", subject=f"authority:{authority.slug}", by=by, before=before, after=mode)


def plan(*, authority: Card, at: datetime | None = None) -> Forecast:
    """What a run at `at` (default: now) would do. Reads only, and no value of anybody."""
    now, mode = at or clock.now(), mode_of(authority)
    rule = CONTACT[mode]
    forecast = Forecast(rule.name, mode)
    for subject in _everybody(authority, now):
        judged = judge(rule, subject.facts, now=now, zone=authority.zone)
        forecast.looked_at += 1
        forecast.erased += judged.act is Act.ERASE
        forecast.told += judged.act is Act.TELL
        forecast.soon += judged.act is not Act.ERASE and judged.ends_at is not None and judged.ends_at <= now + AHEAD
        if judged.kept_by is not None:
            forecast.kept[judged.kept_by] += 1
        forecast.oldest = min(filter(None, (forecast.oldest, subject.facts.engaged_at)))
    return forecast


def run_batch(*, authority: Card, spoken: frozenset[str], by: Actor, after: UUID = FIRST, limit: int = BATCH) -> Done:
    """Apply the rules to the next residents after `after`. The caller commits, and goes on until `next_after` is None.

    May run twice, at the same time, or die at any point: who was erased or told is not looked at or told again.
    """
    now, rule = clock.now(), CONTACT[mode_of(authority)]
    page = subjects.page(authority.id, engaged_before=_horizon(rule, now), after=after, limit=limit, locked=True)
    judged = [(subject, judge(rule, subject.facts, now=now, zone=authority.zone)) for subject in page]
    due = [subject.person_id for subject, judgement in judged if judgement.act is Act.ERASE]
    told = _tell([one for one in judged if one[1].act is Act.TELL], rule, authority=authority, spoken=spoken, at=now)
    if due:
        ledger.announce(due, rule, authority=authority, at=now)
    erased = ledger.erase(due, rule, authority=authority, reason="rule", by=by)
    return Done(len(page), told, len(erased), page[-1].person_id if len(page) == limit else None)


def is_due_today(authority: Card) -> bool:
    """Whether the rules were not yet applied to the end on the day it is in the authority's zone."""
    swept_on = db.session.execute(select(Authority.retention_swept_on).where(Authority.id == authority.id)).scalar_one()
    return swept_on is None or swept_on < clock.now().astimezone(ZoneInfo(authority.zone)).date()


def done_for_today(authority: Card) -> None:
    """The rules were applied to the end. The caller commits."""
    today = clock.now().astimezone(ZoneInfo(authority.zone)).date()
    db.session.execute(update(Authority).where(Authority.id == authority.id).values(retention_swept_on=today))


def _tell(judged: list[tuple[Subject, Judgement]], rule: Rule, *, authority: Card, spoken: frozenset[str], at: datetime) -> int:
    wanted = [
        Notice(
            Follower(subject.person_id, subject.channel, subject.locale),
            subject.report_id,
            judgement.ends_at,
            kept=subject.facts.open and Keeps.OPEN in rule.kept_by,
        )
        for subject, judgement in judged
        if subject.report_id is not None and judgement.ends_at is not None
    ]
    told = notices.tell(wanted, authority=authority, spoken=spoken) if wanted else []
    if told:
        db.session.execute(
            update(Person)
            .where(Person.authority_id == authority.id, Person.id.in_(told))
            .values(retention_told_at=at)
            .execution_options(synchronize_session=False)
        )
    return len(told)


def _everybody(authority: Card, now: datetime) -> Iterator[Subject]:
    after, rule = FIRST, CONTACT[mode_of(authority)]
    while page := subjects.page(authority.id, engaged_before=_horizon(rule, now), after=after, limit=5 * BATCH):
        yield from page
        after = page[-1].person_id


def _horizon(rule: Rule, now: datetime) -> datetime:
    """Nobody who engaged later can have anything to expect yet."""
    return now - subjects.margin((rule.notice or rule.period).days)
