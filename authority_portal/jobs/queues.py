"""The queues on Redis: they wake a worker and say which rows to look at, nothing more. Whatever they lose is told again."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import structlog
from rq import Queue

from authority_portal.foundation import bell
from authority_portal.foundation.db import bind
from authority_portal.jobs import deliver, events

log = structlog.get_logger("jobs")

MESSAGES, ERRANDS = "messages", "errands"
"""Every worker listens to exactly one of them: only then does Redis hand a job over without a moment in which it is nowhere."""

WORK: dict[str, Callable[[Any], None]] = {"handle": events.handle, "deliver": deliver.deliver_due}
"""What a job can ask for."""

LONGEST_JOB = 900
"""Seconds. A batch bounds itself long before; this ends a job that hangs."""

STALE = timedelta(seconds=10)
"""What nobody took within this time was lost on the way and is told again."""

ENTRANCE = "authority_portal.jobs.queues.do"
"""What every job names, and all that a worker runs (`listening.OwnJob`)."""


def put(queue: str, work: str, arguments: Iterable[Any]) -> None:
    """Ask for one job per argument (ids only). Raises redis.RedisError when Redis does not take them."""
    wanted = [
        Queue.prepare_data(ENTRANCE, args=(work, argument), timeout=LONGEST_JOB, result_ttl=0, ttl=600, failure_ttl=600)
        for argument in arguments
    ]
    if wanted:
        Queue(queue, connection=bell.connection(), serializer="json").enqueue_many(wanted)


def do(work: str, argument: Any) -> None:
    """What every job runs, inside the application context its worker opened. Never fails: the truth is in the database.

    A traceback would be kept in Redis by the queue, so it is logged here and goes no further.
    """
    bind(None)
    try:
        WORK[work](argument)
    except Exception:
        log.exception("job failed", work=work, argument=argument)
