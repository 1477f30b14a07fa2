"""Two at once: an invitation is used once, an address is invited once, and somebody always administers."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text

from authority_portal.domain.access.roles import Role
from authority_portal.domain.staff import invitations, management, roster
from authority_portal.domain.staff.models import Invitation, Staff, StaffRole, StaffSuspension
from authority_portal.foundation.db import bind, bound, db, transaction
from authority_portal.foundation.errors import Conflict, Denied, Invalid, NotFound
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member

TOGETHER = 4


@pytest.fixture
def town(committed):
    return a_town()


def at_once(app, town, *acts):
    """Every act in a thread of its own, bound to the town, all begun together; what each returned or raised."""
    begin = threading.Barrier(len(acts))

    def run(act):
        with app.app_context():
            begin.wait()
            try:
                with bound(town.id), transaction():
                    return act()
            except (Conflict, Denied, Invalid, NotFound) as refused:
                return type(refused)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def count(*where):
    bind(None)
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(*where))


def test_a_link_that_is_used_several_times_at_once_works_once(committed, town):
    bind(town.id)
    with transaction():
        token = invitations.token_of(invitations.invite(email="new@boston.example", name="New", roles=[Role.CREW], by=town.house))
    bind(None)
    results = at_once(committed, town, *[lambda: invitations.accept(token, "hash")] * TOGETHER)

    assert results.count(NotFound) == TOGETHER - 1
    assert count(Staff.email == "new@boston.example") == 1


def test_an_address_that_two_administrators_invite_at_once_is_invited_once(committed, town):
    def act():
        return invitations.invite(email="new@boston.example", name="New", roles=[Role.CREW], by=town.house).id

    results = at_once(committed, town, *[act] * TOGETHER)

    assert results.count(Invalid) == TOGETHER - 1
    assert count(Invitation.email == "new@boston.example") == 1


@pytest.mark.parametrize("turn", range(5))
def test_administrators_who_remove_each_other_at_once_never_leave_nobody(committed, town, turn):
    ada, bea = a_member(town, Role.ADMINISTRATOR), a_member(town, Role.ADMINISTRATOR)
    seen = {one.id: one.seen for one in roster.everybody(by=ada)}
    db.session.rollback()
    results = at_once(
        committed,
        town,
        lambda: management.suspend(bea.id, seen=seen[bea.id], by=ada),
        lambda: management.change(ada.id, roles=[Role.CREW], team_ids=[], seen=seen[ada.id], by=bea),
    )

    assert results.count(Conflict) == 1
    left = count(StaffRole.role == Role.ADMINISTRATOR, ~StaffRole.staff_id.in_(select(StaffSuspension.staff_id)))
    assert left == 1


def test_reports_come_in_while_somebody_manages_who_works_here(committed, town):
    ada, noor = a_member(town, Role.ADMINISTRATOR), a_member(town)
    seen = roster.one(noor.id, by=ada).seen
    db.session.rollback()

    def report():
        db.session.execute(text("SET LOCAL lock_timeout = '3s'"))
        return a_report(town).reference

    with bound(town.id), transaction():
        invitations.invite(email="new@boston.example", name="New", roles=[Role.CREW], by=ada)
        management.suspend(noor.id, seen=seen, by=ada)
        (reference,) = at_once(committed, town, report)
    assert reference


def test_who_is_no_administrator_manages_nobody(committed, town):
    lee, noor = a_member(town, Role.SUPERVISOR), a_member(town)
    seen = roster.one(noor.id, by=lee).seen
    for act in (
        lambda: management.change(noor.id, roles=[Role.CREW], team_ids=[], seen=seen, by=lee),
        lambda: management.suspend(noor.id, seen=seen, by=lee),
        lambda: management.restore(noor.id, seen=seen, by=lee),
        lambda: invitations.invite(email="x@y.example", name="X", roles=[Role.CREW], by=lee),
        lambda: invitations.ask_for_password(noor.id, by=lee),
        lambda: invitations.waiting(by=lee),
        lambda: roster.everybody(by=noor),
    ):
        with pytest.raises(Denied):
            act()


def test_the_command_line_makes_privacy_officers_and_administrators_do_not(committed, town):
    ada = a_member(town, Role.ADMINISTRATOR)
    wanted = {"email": "p@boston.example", "name": "P", "roles": [Role.PRIVACY_OFFICER]}
    with pytest.raises(Denied), transaction():
        invitations.invite(**wanted, by=ada)
    with transaction():
        assert invitations.invite(**wanted, by=town.house).roles == ["privacy_officer"]
