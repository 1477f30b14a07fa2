"""Roles, teams and access of others: what administrators may change, and what nobody may."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select

from authority_portal.domain.access.roles import Role
from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.staff import management, sessions
from authority_portal.domain.staff.models import StaffRole
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.errors import Conflict
from tests.builders.staff import a_member, a_session, signed_in
from tests.web.admin.conftest import fresh, said


def form(colleague, **more):
    return {"seen": colleague.seen, "roles": [*colleague.roles], "teams": [*colleague.team_ids]} | more


def lines(action):
    db.session.expire_all()
    return list(db.session.scalars(select(AuditLine).where(AuditLine.action == action).order_by(AuditLine.id)))


def test_an_administrator_gives_roles_and_teams_and_the_colleague_begins_anew(admin, ada, noor, town):
    secret = a_session(noor)
    sent = form(fresh(noor.id, ada), roles=["caseworker", "supervisor"], teams=[town.teams["streets"]])

    assert admin.post(f"/admin/staff/{noor.id}", data=sent).status_code == 303
    now = fresh(noor.id, ada)
    assert (now.roles, now.teams) == ((Role.CASEWORKER, Role.SUPERVISOR), ("Streets",))
    assert sessions.recognise(secret) is None
    assert lines("staff:roles")[-1].details["roles"] == ["caseworker", "supervisor"]
    assert lines("staff:roles")[-1].actor_id == ada.id
    assert "Saved" in said(admin.get(f"/admin/staff/{noor.id}").text)


def test_other_teams_alone_end_no_session(admin, ada, noor, town):
    secret = a_session(noor)
    admin.post(f"/admin/staff/{noor.id}", data=form(fresh(noor.id, ada), teams=[]))

    assert fresh(noor.id, ada).teams == ()
    assert sessions.recognise(secret) is not None


def test_a_form_that_was_overtaken_changes_nothing_and_shows_what_is_true(admin, ada, noor, town):
    old = form(fresh(noor.id, ada), roles=["crew"])
    assert admin.post(f"/admin/staff/{noor.id}", data=form(fresh(noor.id, ada), roles=["analyst"])).status_code == 303
    answer = admin.post(f"/admin/staff/{noor.id}", data=old)

    assert answer.status_code == 409
    assert "Somebody changed this person after you opened the page" in said(answer.text)
    assert fresh(noor.id, ada).roles == (Role.ANALYST,)


@pytest.mark.parametrize("roles", [["privacy_officer"], ["platform_admin"], ["api_client"], ["administrator", "x"], ["CREW"]])
def test_a_role_that_is_not_theirs_to_give_is_refused(admin, ada, noor, roles):
    answer = admin.post(f"/admin/staff/{noor.id}", data=form(fresh(noor.id, ada), roles=roles))

    assert answer.status_code == 422
    assert fresh(noor.id, ada).roles == (Role.CASEWORKER,)


def test_a_role_that_is_not_theirs_to_take_stays(admin, ada, town):
    officer = a_member(town, Role.PRIVACY_OFFICER, Role.CASEWORKER)
    admin.post(f"/admin/staff/{officer.id}", data=form(fresh(officer.id, ada), roles=["crew"]))
    assert fresh(officer.id, ada).roles == (Role.CREW, Role.PRIVACY_OFFICER)

    answer = admin.post(f"/admin/staff/{officer.id}/suspend", data={"seen": fresh(officer.id, ada).seen})
    assert answer.status_code == 403
    assert fresh(officer.id, ada).suspended_at is None


def test_without_a_role_nothing_is_saved(admin, ada, noor):
    answer = admin.post(f"/admin/staff/{noor.id}", data=form(fresh(noor.id, ada), roles=[]))

    assert answer.status_code == 422
    assert "Choose at least one role" in answer.text
    assert 'href="#roles"' in answer.text


def test_nobody_changes_their_own_roles_or_access(admin, ada, town):
    me = fresh(ada.id, ada)
    for path, sent in (("", form(me, roles=["supervisor"])), ("/suspend", {"seen": me.seen}), ("/restore", {"seen": me.seen})):
        answer = admin.post(f"/admin/staff/{ada.id}{path}", data=sent)
        assert answer.status_code == 403
        assert "Nobody changes their own" in answer.text
    assert fresh(ada.id, ada).roles == (Role.ADMINISTRATOR,)
    assert "<form method" not in admin.get(f"/admin/staff/{ada.id}").text.partition("<main")[2]


def test_the_last_administrator_stays_also_when_two_remove_each_other(house, ada, town):
    """Both opened their forms while the other still was one; the second finds that nobody would be left."""
    bea = a_member(town, Role.ADMINISTRATOR)
    first, second = signed_in(house, ada), signed_in(house, bea)
    assert first.post(f"/admin/staff/{bea.id}", data=form(fresh(bea.id, ada), roles=["crew"])).status_code == 303
    bind(town.id)  # a request that was admitted a moment before goes on with the rights it came with
    with pytest.raises(Conflict, match="last administrator"), transaction():
        management.change(ada.id, roles=[Role.CREW], team_ids=[], seen=fresh(ada.id, ada).seen, by=bea)
    with pytest.raises(Conflict, match="last administrator"), transaction():
        management.suspend(ada.id, seen=fresh(ada.id, ada).seen, by=bea)
    assert fresh(ada.id, ada).roles == (Role.ADMINISTRATOR,)
    assert second.get("/admin").status_code == 303


def test_suspending_asks_first_and_ends_every_session_here_at_once(house, admin, ada, noor):
    at_work = signed_in(house, noor)
    page = admin.get(f"/admin/staff/{noor.id}/suspend")
    assert "out at once" in said(page.text)
    assert at_work.get("/account").status_code == 200

    assert admin.post(f"/admin/staff/{noor.id}/suspend", data={"seen": fresh(noor.id, ada).seen}).status_code == 303
    assert at_work.get("/account").status_code == 303
    assert sessions.recognise(a_session(noor)) is None
    assert fresh(noor.id, ada).suspended_at is not None
    assert lines("staff:suspended")[-1].details == {"sessions": 1}
    assert "suspended" in said(admin.get("/admin/staff").text)


def test_who_comes_back_has_the_roles_and_teams_of_before(admin, ada, noor):
    before = fresh(noor.id, ada)
    admin.post(f"/admin/staff/{noor.id}/suspend", data={"seen": before.seen})
    admin.post(f"/admin/staff/{noor.id}/restore", data={"seen": fresh(noor.id, ada).seen})

    assert fresh(noor.id, ada) == before
    assert sessions.recognise(a_session(noor)) is not None


def test_a_suspension_holds_in_one_authority_only(admin, ada, noor, other):
    bind(other.id)
    with transaction():
        db.session.add(StaffRole(staff_id=noor.id, authority_id=other.id, role="caseworker"))
    there = a_session(type(noor)(noor.id, other.id, frozenset()))
    admin.post(f"/admin/staff/{noor.id}/suspend", data={"seen": fresh(noor.id, ada).seen})

    assert sessions.recognise(there) is not None
    assert sessions.places(noor.id) == [other.id]


def test_people_of_another_authority_do_not_exist(admin, ada, other):
    stranger = a_member(other, teams=["parks"])
    bind(None)
    absent = admin.get(f"/admin/staff/{uuid4()}")
    for path in ("", "/suspend"):
        answer = admin.get(f"/admin/staff/{stranger.id}{path}")
        assert answer.status_code == 404
    for path in ("", "/suspend", "/restore", "/new-password"):
        assert admin.post(f"/admin/staff/{stranger.id}{path}", data={"seen": "x", "roles": ["crew"]}).status_code == 404
    number = r"[0-9a-f]{32}"
    assert re.sub(number, "", said(admin.get(f"/admin/staff/{stranger.id}").text)) == re.sub(number, "", said(absent.text))
    assert str(stranger.id) not in admin.get("/admin/staff").text


def test_teams_of_another_authority_cannot_be_given(admin, ada, noor, other):
    answer = admin.post(f"/admin/staff/{noor.id}", data=form(fresh(noor.id, ada), teams=[other.teams["parks"]]))

    assert answer.status_code == 422
    assert fresh(noor.id, ada).teams == ("Parks",)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.PRIVACY_OFFICER])
def test_who_may_only_read_sees_names_and_no_addresses_and_no_form(house, town, ada, noor, role):
    reader = signed_in(house, a_member(town, role))
    page = reader.get(f"/admin/staff/{noor.id}").text.partition("<main")[2]

    assert "Caseworker Example" in page
    assert "boston.example" not in page
    assert "<form" not in page
    assert reader.get("/admin/invitations").status_code == 403
    assert [label for label in ("Overview", "Staff", "Keys") if f">{label}<" in page] == ["Overview", "Staff"]


def test_a_form_needs_its_token(house, admin, ada, noor, monkeypatch):
    monkeypatch.setitem(house.config, "WTF_CSRF_ENABLED", True)
    for path in (f"staff/{noor.id}", f"staff/{noor.id}/suspend", "invitations"):
        assert admin.post(f"/admin/{path}", data=form(fresh(noor.id, ada))).status_code == 400
