"""The sweeper: one leads, a failure stops nothing, and neither Redis nor PostgreSQL going away ends it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import redis
from flask import Flask
from rq import Queue
from sqlalchemy import create_engine, pool, text

from authority_portal.config import settings
from authority_portal.foundation import bell
from authority_portal.foundation.db import bind, db
from authority_portal.foundation.outbox import OutboxEvent
from authority_portal.jobs import dispatch, queues
from authority_portal.jobs.schedule import SCHEDULE, Periodic
from authority_portal.jobs.sweep import LOCK, Sweeper
from tests.builders.authorities import a_town
from tests.builders.processes import eventually
from tests.builders.reports import a_report
from tests.builders.travel import let_pass

SOON = timedelta(milliseconds=50)


@contextmanager
def sweeping(app: Flask, *schedules: tuple[Periodic, ...]) -> Iterator[None]:
    """One sweeper per schedule, each in a thread of its own."""
    stop = threading.Event()
    threads = [threading.Thread(target=Sweeper(app, stop, schedule).run, daemon=True) for schedule in schedules]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()


@pytest.fixture
def queue(environment: dict[str, str]) -> Iterator[Queue]:
    made = Queue(queues.MESSAGES, connection=redis.Redis.from_url(environment["PORTAL_REDIS_URL"]), serializer="json")
    made.empty()
    bell.connection.cache_clear()
    yield made
    made.empty()
    bell.connection.cache_clear()


def test_one_leads_and_another_takes_over(committed: Flask) -> None:
    runs: list[str] = []
    first, second = ((Periodic(name, SOON, lambda name=name: runs.append(name)),) for name in "ab")  # type: ignore[misc]
    stop = threading.Event()
    leader = threading.Thread(target=Sweeper(committed, stop, first).run)
    leader.start()
    eventually(lambda: "a" in runs)
    with sweeping(committed, second):
        time.sleep(1.2)
        assert "b" not in runs
        stop.set()
        leader.join(10)
        eventually(lambda: "b" in runs, seconds=5)


def test_failing_work_stops_nothing(committed: Flask) -> None:
    runs: list[int] = []

    def fail() -> None:
        raise RuntimeError

    with sweeping(committed, (Periodic("bad", SOON, fail), Periodic("good", SOON, lambda: runs.append(1)))):
        eventually(lambda: len(runs) > 3)


def test_a_restarted_database_ends_leadership_and_not_the_sweeper(committed: Flask, environment: dict[str, str]) -> None:
    runs: list[int] = []
    with sweeping(committed, (Periodic("work", SOON, lambda: runs.append(1)),)):
        eventually(lambda: len(runs) > 1)
        engine = create_engine(environment["PORTAL_DATABASE_OWNER_URL"], poolclass=pool.NullPool)
        with engine.begin() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock"),
                {"lock": LOCK},
            )
        seen = len(runs)
        eventually(lambda: len(runs) > seen + 3, seconds=10)


def test_the_sweeper_goes_on_without_redis(committed: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_REDIS_URL", "unix:///nowhere/redis.sock")
    settings.cache_clear()
    runs: list[int] = []
    try:
        with sweeping(committed, (Periodic("work", SOON, lambda: runs.append(1)),)):
            eventually(lambda: len(runs) > 3)
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_the_bell_wakes_the_sweeper_at_once(committed: Flask, queue: Queue) -> None:
    woken: list[float] = []
    work = (
        Periodic("rung", timedelta(hours=1), lambda: woken.append(time.monotonic()), at_the_bell=True),
        Periodic("not rung", timedelta(hours=1), lambda: woken.append(0.0)),
    )
    with sweeping(committed, work):
        eventually(lambda: len(woken) == 2)
        time.sleep(0.2)
        rung = time.monotonic()
        bell.ring(1)
        eventually(lambda: len(woken) == 3)
        assert 0 < woken[-1] - rung < 0.5


def test_events_are_told_to_the_queue_as_ids_in_json_and_again_if_they_are_lost(committed: Flask, queue: Queue) -> None:
    a_report(a_town())
    bind(None)
    event_id = db.session.scalar(db.select(OutboxEvent.id))
    db.session.rollback()
    dispatch.due_events()
    (job,) = queue.jobs
    assert (job.func_name, job.args) == ("authority_portal.jobs.queues.do", ["handle", [event_id]])
    assert b"rosa" not in b"".join(queue.connection.hgetall(job.key).values())
    queue.empty()
    dispatch.due_events()
    assert queue.count == 0
    let_pass(queues.STALE + timedelta(seconds=1))
    dispatch.due_events()
    assert queue.count == 1


def test_nothing_is_marked_as_told_while_redis_is_away(committed: Flask, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    a_report(a_town())
    bind(None)
    monkeypatch.setenv("PORTAL_REDIS_URL", "unix:///nowhere/redis.sock")
    settings.cache_clear()
    bell.connection.cache_clear()
    with pytest.raises(redis.RedisError):
        dispatch.due_events()
    monkeypatch.undo()
    settings.cache_clear()
    bell.connection.cache_clear()
    dispatch.due_events()
    assert queue.count == 1


def test_everything_on_the_schedule_runs_on_an_empty_and_on_a_used_house(committed: Flask, queue: Queue) -> None:
    for work in SCHEDULE:
        bind(None)
        work.run()
    a_report(a_town())
    for work in SCHEDULE:
        bind(None)
        work.run()
    assert {work.name for work in SCHEDULE if work.at_the_bell} == {"due events", "due messages"}
