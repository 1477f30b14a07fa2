"""A town with reports of some days ago, and the whole retention run."""

from datetime import timedelta

import pytest

from authority_portal.channels import wording
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.commands import status
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.domain.rights import retention
from authority_portal.domain.rights.subjects import FIRST
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report


@pytest.fixture
def town(house):
    return a_town()


def ago(days, town, *, closed=None, **more):
    """A report of so many days ago; closed so many days ago if given."""
    with clock.frozen(clock.now() - timedelta(days=days)):
        report = a_report(town, **more)
    if closed is not None:
        with clock.frozen(clock.now() - timedelta(days=closed)), transaction():
            fresh = db.session.get(Report, report.id, populate_existing=True)
            done = {"to": town.statuses["closed"], "outcome": Outcome.FIXED, "note": "Done."}
            status.change(fresh, **done, authority=town.card, by=town.house)
    return report


def run(town, *, limit=200):
    """The whole run as the entrances do it; returns how many were told and erased."""
    bind(town.id)
    told = erased = 0
    after = FIRST
    while after is not None:
        with transaction():
            done = retention.run_batch(authority=town.card, spoken=wording.spoken(), by=town.house, after=after, limit=limit)
        told, erased, after = told + done.told, erased + done.erased, done.next_after
    return told, erased


def the_person(report):
    db.session.expire_all()
    return db.session.get(Person, report.person_id)
