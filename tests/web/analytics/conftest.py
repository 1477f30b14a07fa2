"""A town whose figures can be read off by hand, and people who may look at them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from authority_portal.domain.access.roles import Role
from authority_portal.domain.analytics import keeping
from authority_portal.domain.authorities.models import Area
from authority_portal.domain.reports.commands import status
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in
from tests.web.queue.conftest import statements  # noqa: F401  # the same counter of statements

NOON = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)
"""A Wednesday, 12:00 in Boston: the last 28 days are 21 October to 17 November."""
SQUARE = "SRID=4326;MULTIPOLYGON(((-71.2 42.22, -70.98 42.22, -70.98 42.4, -71.2 42.4, -71.2 42.22)))"


@pytest.fixture
def town(house):
    with clock.frozen(NOON):
        made = a_town()
        with transaction():
            db.session.add(Area(authority_id=made.id, layer="area", code="ward 1 & 2", name="Ward 1 & 2", shape=SQUARE))
        yield made


@pytest.fixture
def happened(town):
    """Reports that came in `days` ago and were closed `hours` after that, or not."""

    def happen(days, hours=None, *, times=1, **more):
        made = []
        for _ in range(times):
            received = NOON - timedelta(days=days)
            report = a_report(town, received_at=received, **more)
            if hours is not None:
                with clock.frozen(received + timedelta(hours=hours)), transaction():
                    status.change(
                        report,
                        to=town.statuses["closed"],
                        outcome=Outcome.FIXED,
                        note="Done.",
                        authority=town.card,
                        by=town.house,
                    )
            made.append(report)
        return made

    return happen


@pytest.fixture
def counted(town):
    """Count everything anew."""

    def count():
        bind(town.id)
        with transaction():
            keeping.rebuild(town.card)

    return count


@pytest.fixture
def supervisor(house, town):
    return signed_in(house, a_member(town, Role.SUPERVISOR))


@pytest.fixture
def analyst(house, town):
    return signed_in(house, a_member(town, Role.ANALYST))


@pytest.fixture
def without_team(town):
    """Take a report out of every team and area."""

    def take(report):
        with transaction():
            db.session.execute(update(Report).where(Report.id == report.id).values(team_id=None, area_id=None))

    return take
