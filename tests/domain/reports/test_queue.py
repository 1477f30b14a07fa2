"""The queue names what is newer than the names it was given."""

import pytest

from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities.models import Category
from authority_portal.domain.reports.filters import Queue, View
from authority_portal.domain.reports.queries import filter_choices, queue
from authority_portal.domain.reports.queries.matching import Question
from authority_portal.foundation import clock
from authority_portal.foundation.db import db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member

pytestmark = pytest.mark.usefixtures("house")


def test_a_category_that_is_newer_than_the_kept_names_is_named():
    town = a_town()
    boss = a_member(town, Role.SUPERVISOR)
    choices = filter_choices.of(by=boss)
    with transaction():
        newer = Category(
            authority_id=town.id,
            code="sinkhole",
            name="Sinkhole",
            group="Streets",
            team_id=town.teams["streets"],
            visibility="public",
            response_hours=48,
        )
        db.session.add(newer)
        db.session.flush()
        town.categories["sinkhole"] = newer.id
    a_report(town, category="sinkhole")

    question = Question(View(queue=Queue.ALL), choices, boss, town.card.zone, clock.now())
    assert [line.category for line in queue.page(question).lines] == ["Sinkhole"]
