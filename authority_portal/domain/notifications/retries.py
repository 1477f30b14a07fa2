"""When a message is tried again, and what happens when nobody can know whether it arrived. Pure tables."""

from datetime import timedelta

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)

WAITS: tuple[timedelta, ...] = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    2 * _MINUTE,
    10 * _MINUTE,
    30 * _MINUTE,
    *(2 * _HOUR,) * 36,
)
"""How long to wait after the first, second … refusal. Together a little over three days; then it failed."""

MOST_ATTEMPTS = 100
"""How often a message is claimed at most. Only one that kills its workers comes that far."""

EVENT_WAITS: tuple[timedelta, ...] = (
    timedelta(seconds=2),
    timedelta(seconds=10),
    _MINUTE,
    5 * _MINUTE,
    30 * _MINUTE,
    _HOUR,
)
"""The same for events of the outbox. The last wait repeats: an event is never given up.

Until it works it holds back the later events of its stream, so that no news overtakes, and `flask outbox status` names it. Other
streams go on.
"""

RESENT_WHEN_UNSURE = frozenset({"email"})
"""Channels on which a message is sent again when the process or the line died after the last byte and before the answer.

The same Message-ID lets a mailbox drop the second copy, and the row counts it as `ambiguous`. On any other channel the message
is held as `unknown` until a person or the provider decides.
"""


def wait_after(refusals: int) -> timedelta | None:
    """How long a message waits after its `refusals`-th refusal for now; None when that was the last."""
    return WAITS[refusals - 1] if 1 <= refusals <= len(WAITS) else None


def event_wait_after(attempts: int) -> timedelta:
    """How long an event waits after its `attempts`-th failed attempt."""
    return EVENT_WAITS[min(max(attempts, 1), len(EVENT_WAITS)) - 1]
