"""Events of the outbox: each acted upon once, in order, again after a failure, visible when it does not go away."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, bound_authority, db, transaction
from authority_portal.foundation.outbox import OutboxEvent
from authority_portal.jobs import dispatch, events
from tests.builders.authorities import Town, a_town
from tests.builders.travel import let_pass, plan_what_is_told

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def town(committed: object) -> Town:
    return a_town()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A handler of the kind `Heard` that keeps what it hears and fails when it is told to."""
    kept: list[dict[str, Any]] = []

    def hear(authority_id: int, payload: dict[str, Any]) -> None:
        assert bound_authority() == authority_id
        if payload.get("fails"):
            raise RuntimeError("rosa@example.org was in the way")
        kept.append(payload)

    monkeypatch.setitem(events.HANDLERS, "Heard", hear)
    monkeypatch.setitem(events.HANDLERS, "Errand", hear)
    monkeypatch.setattr(events, "ERRANDS", frozenset({"Errand"}))
    return kept


def tell(town: Town, kind: str = "Heard", *, stream: int | None = None, **payload: Any) -> int:
    bind(None)
    with transaction() as session:
        at = clock.now()
        row = OutboxEvent(authority_id=town.id, kind=kind, payload=payload, created_at=at, due_at=at, stream=stream)
        session.add(row)
        session.flush()
        return row.id


def event(event_id: int) -> OutboxEvent:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(OutboxEvent, event_id)


@pytest.mark.parametrize("kind", ["Heard", "Errand"])
def test_an_event_is_acted_upon_once(town: Town, heard: list[Any], kind: str) -> None:
    told = tell(town, kind, n=1)
    events.handle([told])
    events.handle([told, told])
    assert heard == [{"n": 1}]
    assert event(told).state == "done"


def test_a_cancelled_event_is_left_alone(town: Town, heard: list[Any]) -> None:
    told = tell(town)
    with transaction():
        db.session.get_one(OutboxEvent, told).state = "cancelled"
    events.handle([told])
    assert heard == []


def test_an_event_that_is_not_due_is_left_alone(town: Town, heard: list[Any]) -> None:
    told = tell(town)
    with transaction():
        db.session.get_one(OutboxEvent, told).due_at = clock.now() + timedelta(hours=1)
    events.handle([told])
    assert heard == []


@pytest.mark.parametrize("kind", ["Heard", "Errand"])
def test_a_failing_event_waits_and_the_others_go_on(town: Town, heard: list[Any], kind: str) -> None:
    bad, good = tell(town, kind, fails=True), tell(town, kind, n=2)
    events.handle([bad, good])
    assert heard == [{"n": 2}]
    row = event(bad)
    assert (row.state, row.attempts, row.last_error) == ("pending", 1, "RuntimeError")
    assert row.enqueued_at is None
    assert row.due_at > clock.now()


def test_an_event_nobody_knows_is_a_visible_error(town: Town) -> None:
    told = tell(town, "FromTheFuture")
    events.handle([told])
    assert (event(told).state, event(told).last_error) == ("pending", "UnknownKind")


def test_events_of_one_stream_keep_their_order(town: Town, heard: list[Any]) -> None:
    first, second, other = tell(town, stream=7, n=1), tell(town, stream=7, n=2), tell(town, stream=8, n=3)
    events.handle([second, other])
    assert heard == [{"n": 3}]
    assert event(second).enqueued_at is None
    events.handle([first, second])
    assert heard == [{"n": 3}, {"n": 1}, {"n": 2}]


def test_a_failing_event_holds_its_stream_until_it_works(town: Town, heard: list[Any]) -> None:
    first = tell(town, stream=7, fails=True)
    tell(town, stream=7, n=2)
    for _ in range(6):
        plan_what_is_told()
        let_pass(timedelta(hours=1))
    assert heard == []
    with transaction():
        db.session.get_one(OutboxEvent, first).payload = {"n": 1}
    plan_what_is_told()
    assert heard == [{"n": 1}, {"n": 2}]


def test_what_waits_behind_a_failing_event_is_not_told_over_and_over(town: Town, heard: list[Any]) -> None:
    first, second, other = tell(town, stream=7, fails=True), tell(town, stream=7, n=2), tell(town, stream=8, n=3)
    events.handle([first])
    dispatch.due_events()
    assert (event(second).enqueued_at, event(other).enqueued_at is None) == (None, False)
    let_pass(timedelta(hours=1))
    dispatch.due_events()
    assert event(second).enqueued_at is not None


def test_an_errand_whose_worker_died_is_run_again(town: Town, heard: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def die(_authority_id: int, _payload: dict[str, Any]) -> None:
        raise SystemExit

    told = tell(town, "Errand", n=1)
    hear = events.HANDLERS["Errand"]
    monkeypatch.setitem(events.HANDLERS, "Errand", die)
    with pytest.raises(SystemExit):
        events.handle([told])
    monkeypatch.setitem(events.HANDLERS, "Errand", hear)
    events.handle([told])
    assert heard == []
    let_pass(events.ERRAND_LEASE)
    events.handle([told])
    assert heard == [{"n": 1}]


def test_an_errand_runs_without_a_transaction_of_ours(town: Town, monkeypatch: pytest.MonkeyPatch, heard: list[Any]) -> None:
    seen: list[bool] = []
    monkeypatch.setitem(events.HANDLERS, "Errand", lambda _authority, _payload: seen.append(db.session().in_transaction()))
    events.handle([tell(town, "Errand")])
    assert seen == [False]


def test_what_failed_leaves_no_personal_data_in_the_row(town: Town, heard: list[Any]) -> None:
    told = tell(town, fails=True)
    events.handle([told])
    assert "rosa" not in (event(told).last_error or "")
    assert db.session.scalars(select(OutboxEvent.last_error)).all() == ["RuntimeError"]
