"""What a key carries, until when, and what is written down about its use."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.authorities import commands
from authority_portal.domain.authorities.models import ApiKey
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.reports import a_report
from tests.web.open311.conftest import GOOD, Door, said

SUBMIT, OWN, PUBLIC = Permission.CLIENT_SUBMIT, Permission.CLIENT_READ_OWN, Permission.CLIENT_READ_PUBLIC
SECRET = "another-key-of-the-app"


@pytest.fixture
def sent(door: Door) -> str:
    """The reference of a private report that the client sent; beside it the town has a public one of somebody else's."""
    a_report(door.town)
    return str(door.post({**GOOD, "service_code": "noise"}).json[0]["service_request_id"])


def carrying(door: Door, *scopes: Permission) -> Door:
    """The same client with a key that carries only these."""
    bind(door.town.id)
    with transaction():
        commands.new_key(name="City app", by=door.town.house, secret=SECRET, scopes=scopes)
    return Door(door.browser, door.town, SECRET, door.client_id)


def seen(door: Door) -> list[str]:
    return [shown["service_code"] for shown in door.get("requests.json", as_client=True).json]


@pytest.mark.parametrize(
    ("scopes", "codes"),
    [([PUBLIC], ["pothole"]), ([OWN], ["noise"]), ([PUBLIC, OWN], ["noise", "pothole"]), ([SUBMIT, OWN], ["noise"])],
)
def test_a_key_shows_what_it_carries(door: Door, sent: str, scopes: Sequence[Permission], codes: list[str]) -> None:
    assert seen(carrying(door, *scopes)) == codes


def test_a_key_that_only_submits_reads_no_report(door: Door, sent: str) -> None:
    narrow = carrying(door, SUBMIT)

    assert narrow.post(GOOD).status_code == 201
    for path in ("requests.json", f"requests/{sent}.json"):
        answer = narrow.get(path, as_client=True)
        assert (answer.status_code, said(answer)) == (403, "This key carries no reading of reports.")
    assert narrow.get("services.json", as_client=True).status_code == 200


def test_a_key_that_only_reads_submits_nothing(door: Door) -> None:
    answer = carrying(door, OWN, PUBLIC).post(GOOD)
    assert (answer.status_code, said(answer)) == (403, "api_key: does not carry client:submit")


def test_a_key_ends_when_it_was_meant_to(door: Door) -> None:
    bind(door.town.id)
    with transaction():
        commands.new_key(name="City app", by=door.town.house, secret=SECRET, ends_at=clock.now() + timedelta(hours=1))
    door.key = SECRET

    assert door.post(GOOD).status_code == 201
    with clock.frozen(clock.now() + timedelta(hours=1, seconds=1)):
        assert door.post(GOOD).status_code == 403


def test_a_rotated_key_and_its_follower_both_work_until_the_overlap_ends(door: Door) -> None:
    narrow = carrying(door, SUBMIT, OWN)
    bind(door.town.id)
    with transaction():
        _, secret, ended = commands.rotate_key("City app", by=door.town.house, overlap=timedelta(hours=24))
    new = Door(door.browser, door.town, secret, door.client_id)

    assert ended == 2
    assert [each.post(GOOD).status_code for each in (door, narrow, new)] == [201, 201, 201]
    assert seen(new) == ["pothole"] * 3  # its own, and nothing it was not meant to read before
    with clock.frozen(clock.now() + timedelta(hours=24, seconds=1)):
        assert [each.post(GOOD).status_code for each in (door, narrow, new)] == [403, 403, 201]


def test_an_overlap_never_prolongs_a_key(door: Door) -> None:
    bind(door.town.id)
    soon = clock.now() + timedelta(hours=1)
    with transaction():
        commands.end_keys("City app", at=soon, by=door.town.house)
    with transaction():
        commands.rotate_key("City app", by=door.town.house, overlap=timedelta(hours=24))
    bind(None)
    assert db.session.scalars(select(ApiKey.ends_at).order_by(ApiKey.created_at)).first() == soon


@pytest.mark.parametrize("end", ["ended", "revoked"])
def test_a_key_that_follows_one_that_is_over_carries_no_more_and_lives_no_longer(door: Door, end: str) -> None:
    began = clock.now()
    bind(door.town.id)
    with transaction():
        commands.new_key(name="City app", by=door.town.house, secret=SECRET, scopes=[SUBMIT], ends_at=began + timedelta(days=30))
    if end == "revoked":
        with transaction():
            commands.revoke_keys("City app", by=door.town.house)

    with clock.frozen(began + timedelta(days=40)), transaction():
        commands.rotate_key("City app", by=door.town.house)
        newest = db.session.scalars(select(ApiKey).order_by(ApiKey.created_at.desc())).first()
        assert newest is not None
        assert newest.ends_at is not None
        assert newest.scopes == [SUBMIT.value]
        assert timedelta(days=29, hours=23) < newest.ends_at - clock.now() <= timedelta(days=30)


def test_a_rotated_key_lives_as_long_as_somebody_says(door: Door) -> None:
    bind(door.town.id)
    with transaction():
        commands.rotate_key("City app", by=door.town.house, lifetime=timedelta(days=7))
    newest = db.session.scalars(select(ApiKey).order_by(ApiKey.created_at.desc())).first()
    assert newest is not None
    assert newest.ends_at is not None
    assert timedelta(days=6, hours=23) < newest.ends_at - clock.now() <= timedelta(days=7)


def test_a_use_is_written_down_once_an_hour(door: Door) -> None:
    writes: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("UPDATE api_key"):
            writes.append(statement)

    began = clock.now()
    event.listen(db.engine, "before_cursor_execute", count)
    try:
        for minutes in (0, 1, 59, 61, 62):
            with clock.frozen(began + timedelta(minutes=minutes)):
                assert door.get("requests.json", as_client=True).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)

    assert len(writes) == 2
    bind(None)
    assert db.session.scalar(select(ApiKey.used_at)) == began + timedelta(minutes=61)
