"""`/live`: 304 before session and database, news when something changed, and no session kept alive by it."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from authority_portal.domain.access.roles import Role
from authority_portal.domain.reports.commands import assignment, notes, photos
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.domain.staff.models import StaffSession
from authority_portal.foundation import bell, clock, storage
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.pictures import Picture
from authority_portal.web import live
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in


def opened(desk, query: str = "queue=all") -> tuple[str, str]:
    """The address a page asks, and the version it knows."""
    page = desk.get(f"/reports?{query}").text
    key, since, version = (re.search(rf'data-{name}="([^"]+)"', page)[1] for name in ("live", "since", "version"))
    return f"/live?{query}&{urlencode({'k': key, 'since': since})}", f'"{version}"'


def test_nothing_new_is_said_without_session_and_without_database(house, desk, town, statements):
    address, version = opened(desk)

    with statements() as seen:
        answer = house.test_client().get(address, headers={"If-None-Match": version})

    assert (answer.status_code, seen) == (304, [])


def test_a_new_report_of_the_view_is_told(desk, town):
    address, version = opened(desk, "queue=all&category=pothole")
    a_report(town)
    a_report(town, category="noise")

    answer = desk.get(address, headers={"If-None-Match": version})

    assert answer.status_code == 200
    assert "1 new report" in answer.text
    assert answer.headers["ETag"] != version
    assert desk.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_report_that_changed_is_told_and_one_of_another_view_is_not(desk, town):
    with clock.frozen(clock.now() - timedelta(hours=1)):
        a_report(town)
    address, version = opened(desk, "queue=all&status=all")
    elsewhere, _ = opened(desk, "queue=mine")
    a_report(town, to="closed", outcome=Outcome.FIXED)

    assert "1 new report" in desk.get(address, headers={"If-None-Match": version}).text
    assert desk.get(elsewhere, headers={"If-None-Match": version}).text.strip() == ""


def test_what_is_masked_is_no_news_to_those_it_is_masked_for(house, desk, town):
    """A note, a photo, a person who takes over: told to nobody who may not see it, and the answer is empty either way."""
    with clock.frozen(clock.now() - timedelta(hours=1)):
        report = a_report(town)
    kim = a_member(town, teams=["streets"])
    parks, boss = signed_in(house, a_member(town, teams=["parks"])), signed_in(house, a_member(town, Role.SUPERVISOR))
    asked = {browser: opened(browser, "queue=all") for browser in (desk, parks, boss)}

    def told(browser) -> str:
        address, version = asked[browser]
        answer = browser.get(address, headers={"If-None-Match": version})
        assert (answer.status_code, answer.headers["ETag"] == version) == (200, False)
        return answer.text.strip()

    bind(town.id)
    with transaction():
        report = db.session.merge(report)
        notes.write(report, text="Ring first.", by=kim)
        name = storage.new_name()
        photos.add(report, Picture(b"large", b"small", 9, 6), name, by=kim)
        photos.clear(report, name, by=kim)
    assert (told(desk), told(parks), told(boss)) == ("", "", "")

    bind(town.id)
    with transaction():
        report = db.session.merge(report)
        assignment.give(report, team_id=town.teams["streets"], staff_id=kim.id, by=town.house)
    assert told(parks) == ""
    assert "1 report changed" in told(desk)
    assert "1 report changed" in told(boss)

    bind(town.id)
    with transaction():
        report = db.session.merge(report)
        assignment.give(report, team_id=town.teams["parks"], staff_id=None, by=town.house)
    assert "1 report changed" in told(parks)


@pytest.mark.parametrize("key", ["", "abc", "MQ.x.y"])
def test_a_key_that_is_not_ours_leads_to_the_session_check(house, desk, town, key):
    _, version = opened(desk)

    assert house.test_client().get(f"/live?k={key}", headers={"If-None-Match": version}).status_code == 401


@pytest.mark.parametrize("query", ["&".join(["a"] * 70), "&".join(["a"] * 3_000), "k=%C3%A9"])
def test_whatever_is_asked_is_answered_by_the_door_behind(house, desk, town, query):
    _, version = opened(desk)

    assert house.test_client().get(f"/live?{query}", headers={"If-None-Match": version}).status_code == 401


def test_a_view_of_many_categories_is_answered_by_the_doorman(house, desk, town, statements):
    address, version = opened(desk, "queue=all&" + "&".join(["category=pothole"] * 80))
    with statements() as seen:
        answer = house.test_client().get(address, headers={"If-None-Match": version})

    assert (answer.status_code, seen) == (304, [])


def test_a_key_ends_with_the_longest_session(house, desk, town, monkeypatch):
    address, version = opened(desk)
    monkeypatch.setattr(live, "KEY_SECONDS", -1)

    assert house.test_client().get(address, headers={"If-None-Match": version}).status_code == 401


def test_while_redis_is_away_the_database_says_the_version(desk, town, monkeypatch):
    monkeypatch.setattr(bell, "version", lambda _: None)
    address, version = opened(desk)
    assert version.startswith('"d')
    assert desk.get(address, headers={"If-None-Match": version}).status_code == 304

    a_report(town)

    assert "1 new report" in desk.get(address, headers={"If-None-Match": version}).text


def test_asking_does_not_keep_a_session_alive(desk, town):
    address, _ = opened(desk)
    before = db.session.scalar(select(StaffSession.seen_at))
    with clock.frozen(clock.now() + timedelta(minutes=10)):
        assert desk.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
    db.session.expire_all()

    assert db.session.scalar(select(StaffSession.seen_at)) == before


@pytest.mark.parametrize("since", ["", "yesterday", "2026-01-01T00:00:00"])
def test_since_must_be_a_moment(desk, town, since):
    assert desk.get(f"/live?queue=all&since={since}").status_code == 422
