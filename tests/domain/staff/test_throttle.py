"""The throttle's leaking buckets."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from authority_portal.domain.staff import throttle
from authority_portal.domain.staff.throttle import LIMITS, Bucket, networks, pour
from authority_portal.foundation import clock
from authority_portal.foundation.db import db, transaction

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACCOUNT = Bucket("account", "ama@boston.example")


def let_through(at, *buckets):
    """Whether an attempt at `at` seconds after the start is let through."""
    with clock.frozen(START + timedelta(seconds=at)), transaction():
        return pour(buckets) is None


def test_a_few_tries_are_free_and_then_each_waits_twice_as_long(house):
    assert [let_through(0, ACCOUNT) for _ in range(6)] == [True] * 6
    waits = []
    at = 0.0
    for _ in range(6):
        with clock.frozen(START + timedelta(seconds=at)), transaction():
            wait = pour([ACCOUNT])
        waits.append(round(wait.total_seconds()))
        at += wait.total_seconds()
        assert let_through(at, ACCOUNT)

    assert waits == [1, 2, 4, 8, 16, 32]


def test_what_waits_is_not_counted_so_one_try_per_cap_always_gets_through(house):
    cap = LIMITS["account"].cap.total_seconds()
    through = [second for second in range(0, 4 * 3600, 5) if let_through(second, ACCOUNT)]

    assert max(later - sooner for sooner, later in zip(through, through[1:], strict=False)) <= cap + 5
    assert len([second for second in through if second > 3600]) <= 3 * 3600 / (cap / 2) + 1


def test_quiet_time_empties_the_bucket(house):
    for _ in range(6):
        let_through(0, ACCOUNT)
    later = 6 * LIMITS["account"].leak.total_seconds()

    assert [let_through(later, ACCOUNT) for _ in range(5)] == [True] * 5


def test_success_is_taken_back(house):
    for _ in range(6):
        let_through(0, ACCOUNT)
        with clock.frozen(START), transaction():
            throttle.take_back([ACCOUNT])

    assert let_through(0, ACCOUNT)


def test_a_known_browser_has_a_bucket_that_a_stranger_cannot_fill(house):
    for _ in range(50):
        let_through(0, ACCOUNT, *networks("203.0.113.9"))

    assert not let_through(0, ACCOUNT, *networks("198.51.100.1"))
    assert let_through(0, Bucket("browser", "ama|laptop"))


def test_one_password_for_many_accounts_is_stopped_at_the_network(house):
    through = [let_through(0, Bucket("account", f"{number}@boston.example"), *networks("203.0.113.9")) for number in range(200)]

    assert sum(through) == LIMITS["network"].free + 1
    assert let_through(0, Bucket("account", "1@boston.example"), *networks("198.51.100.1"))


def test_what_the_network_holds_back_counts_against_no_account_and_not_against_everybody(house):
    flood = networks("203.0.113.9")
    while let_through(0, *flood):
        pass

    assert not any(let_through(0, ACCOUNT, *flood, Bucket("everybody", "")) for _ in range(50))

    assert [let_through(0, ACCOUNT) for _ in range(6)] == [True] * 6
    assert all(let_through(0, Bucket("everybody", "")) for _ in range(LIMITS["everybody"].free + 1))


def test_many_networks_of_one_ipv6_site_are_held_back_together(house):
    through = [let_through(0, *networks(f"2001:db8:1:{number:x}::1")) for number in range(200)]

    assert sum(through) == LIMITS["site"].free + 1
    assert let_through(0, *networks("2001:db8:2::1"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.1", "203.0.113.254"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        ("::ffff:203.0.113.1", "203.0.113.7"),
        ("", None),
        ("not an address", "203.0.113.1, 10.0.0.1"),
    ],
)
def test_neighbours_share_a_bucket(app, one, other):
    assert networks(one)[0] == networks(other)[0]


def test_strangers_do_not_share_a_bucket(app):
    assert len({networks(a)[0] for a in ("203.0.113.1", "203.0.114.1", "2001:db8:1:2::1", "2001:db8:1:3::1", "x")}) == 5


def test_neither_address_nor_account_is_stored(house):
    let_through(0, ACCOUNT, *networks("203.0.113.9"), Bucket("everybody", ""))

    stored = b"".join(db.session.scalars(text("SELECT bucket FROM throttle")))
    assert b"ama" not in stored
    assert len(stored) == 3 * 32


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 900), min_size=5, max_size=40))
def test_no_rhythm_beats_the_average(app_house, pauses):
    """However the tries are spread, no more get through than the free ones and what leaked in the time they took."""
    bucket = Bucket("account", repr(pauses))
    at, through = 0.0, 0
    for pause in pauses:
        at += pause
        through += let_through(at, bucket)

    limit = LIMITS["account"]
    assert through <= limit.free + 1 + 12 + at / limit.leak.total_seconds()


@pytest.fixture(scope="module")
def app_house(app):
    """One context for all examples; what they leave is deleted."""
    with app.app_context():
        yield app
        with transaction():
            db.session.execute(text("DELETE FROM throttle"))


def test_a_hundred_at_the_same_moment_are_counted_one_by_one(committed):
    through = []

    def attempt():
        with committed.app_context(), transaction():
            through.append(pour([ACCOUNT, *networks("203.0.113.9")]) is None)

    threads = [threading.Thread(target=attempt) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(through) == 100
    assert sum(through) <= LIMITS["account"].free + 2


@pytest.mark.parametrize("mixed", [pour, throttle.take_back])
def test_whoever_counts_and_whoever_takes_back_never_wait_for_each_other_in_a_circle(committed, mixed):
    """Two real connections lock the same buckets, each given them in its own order, and each with a rest in between."""
    given = [*networks("203.0.113.9"), Bucket("everybody", ""), ACCOUNT, Bucket("browser", "ama|laptop")]
    with transaction():
        pour(given)
    errors, meeting = [], threading.Barrier(2)

    def rest(_connection, _cursor, statement, *_):
        if "throttle" in statement:
            time.sleep(0.03)

    def act(what, buckets):
        with committed.app_context():
            for _ in range(3):
                meeting.wait(30)
                try:
                    with transaction():
                        what(buckets)
                except OperationalError as error:
                    errors.append(type(error.orig).__name__)

    with committed.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", rest)
    try:
        threads = [threading.Thread(target=act, args=one) for one in ((throttle.take_back, given[::-1]), (mixed, given))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        event.remove(engine, "after_cursor_execute", rest)
    assert errors == []


def test_empty_buckets_are_swept_and_waiting_ones_stay(house):
    let_through(0, Bucket("everybody", ""))
    for _ in range(8):
        let_through(0, ACCOUNT)
    with clock.frozen(START + timedelta(seconds=10)), transaction():
        assert throttle.sweep() == 1
    assert db.session.scalar(text("SELECT count(*) FROM throttle")) == 1
