"""Sessions begin, are recognised, and end by the clock, by hand and by losing what carried them."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from authority_portal.domain.access.roles import Role
from authority_portal.domain.staff import sessions
from authority_portal.domain.staff.models import Staff, StaffRole, StaffSession
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.staff import a_member


@pytest.fixture
def ama(house):
    actor = a_member(a_town(), Role.CASEWORKER, teams=("streets",))
    bind(None)
    return actor


@pytest.fixture
def secret(ama):
    with transaction():
        return sessions.begin(ama.id, ama.authority_id, browser="test")


def test_a_session_brings_back_who_it_is_with_roles_and_teams(ama, secret):
    entrance = sessions.recognise(secret)

    assert entrance.actor() == ama
    assert entrance.data["csrf_token"]


def test_a_secret_has_256_bits_and_is_never_the_same(ama):
    with transaction():
        made = {sessions.begin(ama.id, ama.authority_id) for _ in range(50)}

    assert len(made) == 50
    assert all(len(one) == 43 for one in made)


@pytest.mark.parametrize(("minutes", "there"), [(29, True), (31, False)])
def test_an_idle_session_ends(secret, minutes, there):
    with clock.frozen(clock.now() + timedelta(minutes=minutes)):
        assert (sessions.recognise(secret) is not None) is there


def test_a_busy_session_ends_after_twelve_hours_all_the_same(secret):
    at = clock.now()
    for step in range(1, 37):
        with clock.frozen(at + step * timedelta(minutes=20)):
            entrance = sessions.recognise(secret)
            assert (entrance is not None) is (step < 36)
            if entrance is not None:
                with transaction():
                    sessions.seen(entrance)


def test_being_seen_is_written_once_a_minute(secret):
    entrance = sessions.recognise(secret)

    assert not sessions.due(entrance)
    with clock.frozen(clock.now() + timedelta(seconds=61)):
        assert sessions.due(entrance)


@pytest.mark.parametrize("loss", [update(Staff).values(disabled_at=func.now()), delete(StaffRole)])
def test_disabling_and_taking_the_last_role_end_every_session_at_once(secret, loss):
    with transaction():
        db.session.execute(loss)

    assert sessions.recognise(secret) is None


def test_a_wrong_secret_is_nobodys(secret):
    assert sessions.recognise(secret[:-1] + ("A" if secret[-1] != "A" else "B")) is None
    assert sessions.recognise("") is None


def test_the_own_session_may_stay_when_the_others_end(ama, secret):
    with transaction():
        other = sessions.begin(ama.id, ama.authority_id)
        ended = sessions.end_all(ama.id, but=sessions.recognise(secret).digest)

    assert ended == 1
    assert sessions.recognise(other) is None
    assert sessions.recognise(secret) is not None


def test_sweeping_takes_what_is_over_and_leaves_what_is_open(ama, secret):
    with clock.frozen(clock.now() - timedelta(hours=13)), transaction():
        sessions.begin(ama.id, ama.authority_id)
    with clock.frozen(clock.now() - timedelta(minutes=40)), transaction():
        sessions.begin(ama.id, ama.authority_id)
    with transaction():
        assert sessions.sweep() == 2

    assert db.session.scalar(select(func.count()).select_from(StaffSession)) == 1
    assert [one.browser for one in sessions.open_ones(ama.id)] == ["test"]
