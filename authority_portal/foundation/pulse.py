"""How the house is doing, asked of the database: who is connected, whether somebody sweeps, what waits in the outbox.

Installation tables only, so no authority needs to be bound, and no value in it is personal.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from authority_portal.foundation.db import db

SWEEPER_LOCK = 7_302
"""Key of the advisory lock that the leading sweeper holds, on a connection that it uses at least once a second."""

_OWN = "portal-"

# The leader's age is read from its own connection: nothing has to be written for it, and nothing can look alive that is not.
_SWEEPER = text(
    """SELECT extract(epoch FROM clock_timestamp() - a.state_change)::float AS age
    FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = :key AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
)
_CONNECTIONS = text(
    """SELECT application_name AS process, coalesce(state, 'unknown') AS state, count(*) AS n FROM pg_stat_activity
    WHERE datname = current_database() AND starts_with(application_name, :own) GROUP BY 1, 2 ORDER BY 1, 2"""
)
_EVENTS = text(
    """SELECT kind, count(*) FILTER (WHERE due_at <= now()) AS due, count(*) FILTER (WHERE due_at > now()) AS later,
        count(*) FILTER (WHERE attempts > 0) AS failing,
        coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE due_at <= now())), 0)::float AS oldest
    FROM outbox_event WHERE state = 'pending' GROUP BY kind ORDER BY kind"""
)
_FAILING = text(
    """SELECT kind, last_error AS cause, count(*) AS n FROM outbox_event
    WHERE state = 'pending' AND last_error IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 50"""
)


@dataclass(frozen=True, slots=True)
class Connections:
    """How many connections a kind of process holds in one state (`active`, `idle`, `idle in transaction` …)."""

    process: str
    state: str
    n: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Events of one kind: due now, due later, failed at least once, and the age in seconds of the oldest that is due."""

    kind: str
    due: int
    later: int
    failing: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Failing:
    """Events of one kind that wait because of one kind of error."""

    kind: str
    cause: str
    n: int


def sweeper_age() -> timedelta | None:
    """How long ago the leading sweeper last used its lock's connection; None if nobody leads."""
    seconds = db.session.scalar(_SWEEPER, {"key": SWEEPER_LOCK})
    return None if seconds is None else timedelta(seconds=max(0.0, seconds))


def connections() -> list[Connections]:
    """Our processes' connections to this database."""
    return [Connections(row.process, row.state, row.n) for row in db.session.execute(_CONNECTIONS, {"own": _OWN})]


def events() -> list[Waiting]:
    """What waits in the outbox, by kind."""
    return [Waiting(row.kind, row.due, row.later, row.failing, row.oldest) for row in db.session.execute(_EVENTS)]


def failing_events() -> list[Failing]:
    """What waits because it failed, by kind of error. At most fifty."""
    return [Failing(row.kind, row.cause, row.n) for row in db.session.execute(_FAILING)]
