"""The tables of waits."""

from datetime import timedelta

from authority_portal.domain.notifications.retries import (
    EVENT_WAITS,
    MOST_ATTEMPTS,
    WAITS,
    event_wait_after,
    wait_after,
)


def test_waits_never_shrink_and_last_three_days() -> None:
    assert list(WAITS) == sorted(WAITS)
    assert timedelta(days=3) <= sum(WAITS, timedelta()) < timedelta(days=4)


def test_a_message_is_tried_a_bounded_number_of_times() -> None:
    assert wait_after(1) == timedelta(seconds=10)
    assert wait_after(len(WAITS)) is not None
    assert wait_after(len(WAITS) + 1) is None
    assert len(WAITS) < MOST_ATTEMPTS


def test_an_event_is_never_given_up() -> None:
    assert event_wait_after(1) == EVENT_WAITS[0]
    assert event_wait_after(1_000) == EVENT_WAITS[-1]
