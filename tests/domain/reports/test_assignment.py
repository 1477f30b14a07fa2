"""To whom a report may be given: those who can work on it, and whom the giver can see."""

import pytest

from authority_portal.domain.access.roles import Role
from authority_portal.domain.reports.commands import assignment
from authority_portal.foundation.clock import now
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.errors import Denied, Invalid
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member


@pytest.fixture
def town(house):
    return a_town()


@pytest.fixture
def report(town):
    return a_report(town)


def give(report, to, by, **more):
    bind(by.authority_id)
    with transaction():
        return assignment.give(report, **{"team_id": report.team_id, "staff_id": to.id, **more}, by=by)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR])
def test_nobody_who_cannot_move_reports_is_given_one(town, report, role):
    for by in (a_member(town, Role.SUPERVISOR), a_member(town, teams=["streets"])):
        with pytest.raises(Invalid, match="assignee"):
            give(report, a_member(town, role, teams=["streets"]), by)

    assert report.assignee_id is None


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.CREW, Role.SUPERVISOR])
def test_a_supervisor_gives_to_everybody_who_can(town, report, role):
    to = a_member(town, role, teams=["parks"])
    give(report, to, a_member(town, Role.SUPERVISOR))

    assert report.assignee_id == to.id


def test_a_caseworker_gives_to_the_own_team_and_to_themselves(town, report):
    by, beside = a_member(town, teams=["streets"]), a_member(town, teams=["streets", "parks"])

    for to in (beside, by):
        give(report, to, by)
        assert report.assignee_id == to.id


def test_a_caseworker_gives_to_nobody_beyond_the_own_teams(town, report):
    with pytest.raises(Invalid, match="assignee"):
        give(report, a_member(town, teams=["parks"]), a_member(town, teams=["streets"]))


def test_a_caseworker_may_hand_the_report_on_with_its_holder(town, report):
    holder, by = a_member(town, teams=["parks"]), a_member(town, teams=["streets"])
    give(report, holder, a_member(town, Role.SUPERVISOR))
    give(report, holder, by, team_id=town.teams["parks"])

    assert (report.team_id, report.assignee_id) == (town.teams["parks"], holder.id)


def test_who_left_and_who_works_elsewhere_is_given_nothing(house, town, report):
    from authority_portal.domain.staff.models import Staff

    gone, elsewhere = a_member(town, teams=["streets"]), a_member(a_town("quincy"))
    bind(town.id)
    with transaction():
        db.session.get(Staff, gone.id).disabled_at = now()
    for to in (gone, elsewhere):
        with pytest.raises(Invalid, match="assignee"):
            give(report, to, a_member(town, Role.SUPERVISOR))


def test_who_does_not_hold_it_gives_it_to_nobody(town, report):
    by = a_member(town, teams=["parks"])
    with pytest.raises(Denied):
        give(report, by, by)
