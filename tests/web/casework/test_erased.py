"""After the retention rule: who may know of the contact reads when it went, and nobody else sees any difference."""

import re
from datetime import timedelta

import pytest

from authority_portal.channels import wording
from authority_portal.domain.access.roles import Role
from authority_portal.domain.notifications import links
from authority_portal.domain.notifications.models import Message
from authority_portal.domain.rights import retention
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import RESIDENT, a_report
from tests.builders.staff import a_member, signed_in
from tests.builders.travel import plan_what_is_told
from tests.web.casework.staging import page, said
from tests.web.casework.test_two_worlds import _same


@pytest.fixture
def town(house):
    return a_town()


@pytest.fixture
def report(town):
    with clock.frozen(clock.now() - timedelta(days=400)):
        return a_report(town, category="noise")


def erase(town):
    bind(town.id)
    with transaction():
        done = retention.run_batch(authority=town.card, spoken=wording.spoken(), by=town.house)
    assert done.erased == 1


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.SUPERVISOR, Role.PRIVACY_OFFICER])
def test_who_may_know_of_the_contact_reads_that_and_why_it_is_gone(house, town, report, role):
    client = signed_in(house, a_member(town, role, teams=["streets"]))
    assert "The retention rule erased" not in said(page(client, report))
    erase(town)
    words = said(page(client, report))

    assert "The retention rule erased the resident's details:" in words
    assert RESIDENT.name not in words
    assert RESIDENT.email not in words


@pytest.mark.parametrize(("role", "teams"), [(Role.CASEWORKER, []), (Role.ADMINISTRATOR, []), (Role.CREW, ["streets"])])
def test_who_may_not_sees_the_same_bytes_before_and_after(house, town, report, role, teams):
    client = signed_in(house, a_member(town, role, teams=teams))
    views = [f"/reports?queue=all&text={word}" for word in ("", "rosa", "rosa@example.org")]

    def seen():
        # `data-version` rises with every commit (decision 0010 says what that tells), `data-live` is signed with the time.
        pages = [page(client, report), *(client.get(view).text for view in views)]
        return [re.sub(r'data-(version|live)="[^"]*"', "", _same(text, report)) for text in pages]

    with clock.frozen(clock.now()):
        before = seen()
        erase(town)
        assert seen() == before


def test_asking_for_the_contact_finds_nothing_any_more(house, town, report):
    client = signed_in(house, a_member(town, teams=["streets"]))
    erase(town)
    answer = client.post(f"/reports/{report.reference}/reveal", data={"field": "email", "reason": "call_back"})

    assert answer.status_code in (303, 404, 422)
    assert RESIDENT.email not in client.get(f"/reports/{report.reference}").text


def test_the_residents_own_link_still_follows_the_report_but_stops_nothing(house, town, report):
    plan_what_is_told()
    bind(town.id)
    message = db.session.query(Message.id).order_by(Message.id).limit(1).scalar()
    with transaction():
        follow, stop = (links.make(message, report.id, town.id, purpose) for purpose in ("follow", "unsubscribe"))
    erase(town)
    stranger = house.test_client()

    assert stranger.get(f"/r/{follow}").status_code == 200
    dead = stranger.get(f"/unsubscribe/{stop}")
    assert dead.status_code == 404
    assert dead.data == stranger.get("/unsubscribe/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").data
