"""How far the messages of the whole house are, in counts: nothing about whom they go to, and no authority."""

from dataclasses import dataclass

from sqlalchemy import text

from authority_portal.foundation.db import db

_WAITING = text(
    """SELECT channel, count(*) FILTER (WHERE next_attempt_at <= now()) AS due,
        count(*) FILTER (WHERE next_attempt_at > now()) AS later, count(*) FILTER (WHERE refusals > 0) AS refused,
        coalesce(extract(epoch FROM now() - min(next_attempt_at) FILTER (WHERE next_attempt_at <= now())), 0)::float AS oldest
    FROM message_dispatch WHERE state IN ('pending', 'sending') GROUP BY channel ORDER BY channel"""
)
# The server's number is shortened to its class and the detail after the colon left out: few enough causes for labels.
_CAUSES = text(
    r"""SELECT channel, state, count(*) AS n,
        regexp_replace(regexp_replace(failure, '^([2-5])\d\d ', '\1xx '), ':.*$', '') AS cause
    FROM (
        SELECT channel, state, failure FROM message_dispatch
        WHERE state IN ('failed', 'unknown') AND next_attempt_at > now() - interval '1 day'
        UNION ALL
        SELECT channel, state, failure FROM message_dispatch WHERE state IN ('pending', 'sending') AND failure <> ''
    ) AS trouble
    GROUP BY channel, state, cause ORDER BY n DESC LIMIT 100"""
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages of one channel on their way: due now, due later, refused before, and the age in seconds of the oldest due."""

    channel: str
    due: int
    later: int
    refused: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """Messages that did not leave: on which channel, how they ended or that they wait, and why."""

    channel: str
    state: str
    cause: str
    n: int


def waiting() -> list[Waiting]:
    """What is on its way, by channel."""
    return [Waiting(row.channel, row.due, row.later, row.refused, row.oldest) for row in db.session.execute(_WAITING)]


def troubles() -> list[Trouble]:
    """What waits because it was refused, and what failed or was left unknown within the last day. At most a hundred causes."""
    return [Trouble(row.channel, row.state, row.cause, row.n) for row in db.session.execute(_CAUSES)]
