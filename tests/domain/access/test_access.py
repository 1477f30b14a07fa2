"""The access table and what follows from it."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.domain.access.actor import client, member, system
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.roles import GRANTS, STAFF_ROLES, Role
from authority_portal.domain.access.scope import Reach

ME, OTHER = uuid4(), uuid4()


@dataclass(frozen=True)
class Thing:
    authority_id: int = 1
    team_id: int | None = None
    assignee_id: UUID | None = None
    owner_id: UUID | None = None


things = st.builds(
    Thing,
    authority_id=st.sampled_from([1, 2]),
    team_id=st.sampled_from([None, 1, 2]),
    assignee_id=st.sampled_from([None, ME, OTHER]),
    owner_id=st.sampled_from([None, ME, OTHER]),
)
actors = st.builds(
    lambda roles, teams: member(ME, 1, roles, team_ids=teams),
    st.frozensets(st.sampled_from(STAFF_ROLES)),
    st.frozensets(st.sampled_from([1, 2])),
)


def test_every_role_has_its_row_and_every_permission_somebody():
    assert set(GRANTS) == set(Role)
    assert {permission for grants in GRANTS.values() for permission in grants} == set(Permission)


@given(actors, st.sampled_from(Permission), things)
def test_nobody_reaches_another_authority(actor, permission, thing):
    assert thing.authority_id == 1 or not actor.may(permission, thing)


@given(actors, st.sampled_from(Permission), things)
def test_what_is_allowed_is_held_and_what_is_not_held_is_refused(actor, permission, thing):
    if actor.may(permission, thing):
        assert actor.holds(permission)
        assert actor.reach(permission) is not None
    if not actor.roles:
        assert not actor.holds(permission)


@given(actors, st.sampled_from(Permission))
def test_a_thing_that_nobody_holds_is_reached_by_the_whole_authority_only(actor, permission):
    assert actor.may(permission, Thing()) is (actor.reach(permission) is Reach.AUTHORITY)


@given(st.frozensets(st.sampled_from(STAFF_ROLES)), st.sampled_from(STAFF_ROLES), st.sampled_from(Permission), things)
def test_a_further_role_never_takes_anything_away(roles, more, permission, thing):
    if member(ME, 1, roles, team_ids=[1]).may(permission, thing):
        assert member(ME, 1, roles | {more}, team_ids=[1]).may(permission, thing)


@given(st.sampled_from(Permission), things)
def test_who_is_in_no_team_holds_nothing_through_a_team(permission, thing):
    lonely = member(ME, 1, [Role.CREW])
    if lonely.may(permission, thing):
        assert thing.assignee_id == ME or GRANTS[Role.CREW][permission] is not Reach.HELD


@given(st.sampled_from(Permission), things)
def test_a_client_does_nothing_that_staff_do(permission, thing):
    if client(ME, 1).may(permission, thing):
        assert permission in (Permission.CLIENT_SUBMIT, Permission.CLIENT_READ_OWN, Permission.CLIENT_READ_PUBLIC)


def test_the_house_itself_stays_in_its_authority_too():
    assert not system(1).may(Permission.REPORT_READ, Thing(authority_id=2))


MASKED = [
    (Role.CREW, Permission.REPORTER_READ_NAME),
    (Role.CREW, Permission.REPORTER_REVEAL),
    (Role.CREW, Permission.REPORT_READ_TEXT),
    (Role.ANALYST, Permission.REPORT_READ),
    (Role.ANALYST, Permission.REPORT_READ_TEXT_CLEARED),
    (Role.ADMINISTRATOR, Permission.REPORTER_READ_NAME),
    (Role.ADMINISTRATOR, Permission.REPORTER_READ_PRESENCE),
    (Role.ADMINISTRATOR, Permission.REPORT_READ_TEXT),
    (Role.ADMINISTRATOR, Permission.REPORT_READ_PLACE),
    (Role.SUPERVISOR, Permission.REPORTER_READ_NAME),
    (Role.SUPERVISOR, Permission.REPORTER_READ_CONTACT),
    (Role.CASEWORKER, Permission.REPORTER_READ_CONTACT),
    (Role.PRIVACY_OFFICER, Permission.REPORT_PROGRESS),
    (Role.ADMINISTRATOR, Permission.REPORT_PROGRESS),
]


@pytest.mark.parametrize(("role", "permission"), MASKED)
def test_what_the_product_masks_is_not_granted(role, permission):
    assert permission not in GRANTS[role]


@pytest.mark.parametrize(
    "permission",
    [Permission.REPORT_READ_TEXT, Permission.REPORTER_READ_NAME, Permission.REPORTER_REVEAL, Permission.REPORT_PROGRESS],
)
def test_a_caseworker_has_it_for_held_reports_only(permission):
    assert GRANTS[Role.CASEWORKER][permission] is Reach.HELD
