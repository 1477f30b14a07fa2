"""The sweeper applies the retention rules once a day in each authority, also when it begins anew in the middle."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from authority_portal.domain.authorities.models import Authority
from authority_portal.domain.people.models import Person
from authority_portal.domain.rights import retention as rules
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db
from authority_portal.jobs import retention
from tests.builders.authorities import a_town
from tests.builders.reports import a_report

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def towns(house):
    """Two authorities, eleven hours apart, each with seven residents who are to be erased."""
    made = a_town("boston"), a_town("otherton", zone="Australia/Sydney")
    for town in made:
        for _ in range(7):
            with clock.frozen(NOW - timedelta(days=400)):
                a_report(town)
    return made


def erased(town):
    bind(town.id)
    count = db.session.scalar(select(func.count()).where(Person.authority_id == town.id, Person.erased_at.is_not(None)))
    bind(None)
    return count


def test_once_a_day_in_each_authority_by_its_own_clock(towns):
    boston, sydney = towns
    with clock.frozen(NOW):
        assert retention.go_on(boston.id) == 7
        assert retention.go_on(boston.id) == 0
        assert erased(sydney) == 0
        assert retention.go_on(sydney.id) == 7
    swept = dict(db.session.execute(select(Authority.id, Authority.retention_swept_on)).all())
    assert [str(swept[town.id]) for town in towns] == ["2026-11-20", "2026-11-20"]

    with clock.frozen(NOW + timedelta(hours=3)):
        for town, due in ((boston, False), (sydney, True)):
            bind(town.id)
            assert rules.is_due_today(town.card) is due
            bind(None)


def test_small_steps_end_like_a_long_one(towns, monkeypatch):
    monkeypatch.setattr(retention, "STEP", 2)
    monkeypatch.setattr(retention, "LONGEST_STEP", 0.000001)
    boston, _ = towns
    steps = []
    with clock.frozen(NOW):
        while len(steps) < 20 and (not steps or steps[-1]):
            steps.append(retention.go_on(boston.id))
            if len(steps) == 2:
                retention._reached.clear()  # another process takes over and begins anew

    assert sum(steps) == 7
    assert erased(boston) == 7
