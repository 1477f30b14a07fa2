"""How a message travels: `pending → sending → sent | failed | unknown`, each arrow one short transaction of the caller.

Whoever claims gets a lease and a fencing token; without the token nothing can be written, so a worker that was taken for dead
and comes back changes nothing. Times are the database's, so that the clocks of several hosts do not matter. The dispatch rows
belong to the installation: nothing here needs an authority to be bound, and nothing here is personal.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, TextClause, bindparam, text

from authority_portal.domain.notifications.retries import MOST_ATTEMPTS, RESENT_WHEN_UNSURE, wait_after
from authority_portal.foundation.db import db

BATCH = 100
"""Messages that leave over one connection."""

ALONE_AFTER = 3
"""From this many deaths of workers on a message travels alone, so that it cannot sink its neighbours."""

_IS_FIRST = """NOT EXISTS (
    SELECT FROM message_dispatch AS earlier
    WHERE earlier.stream = d.stream AND earlier.message_id < d.message_id AND earlier.state IN ('pending', 'sending'))"""

_DUE = text(
    f"""SELECT d.message_id, d.authority_id, d.channel, d.attempts - d.refusals AS deaths FROM message_dispatch AS d
    WHERE d.state IN ('pending', 'sending') AND d.next_attempt_at <= now()
      AND (d.enqueued_at IS NULL OR d.enqueued_at < now() - :stale)
      AND {_IS_FIRST}
    ORDER BY d.authority_id, d.channel, d.message_id LIMIT :limit FOR UPDATE OF d SKIP LOCKED"""  # noqa: S608  # no value in it
)
_ENQUEUED = text("UPDATE message_dispatch SET enqueued_at = now(), batch_id = :batch WHERE message_id = ANY(:ids)")

# A lease that ran out is a death: after `handed_at` nobody knows whether the message arrived, and the row says so.
_CLAIM = text(
    f"""UPDATE message_dispatch AS m SET state = 'sending', attempts = m.attempts + 1, token = :token,
        ambiguous = m.ambiguous + (m.state = 'sending' AND m.handed_at IS NOT NULL)::int, handed_at = NULL,
        lease_until = now() + :lease, next_attempt_at = now() + :lease, enqueued_at = NULL
    WHERE m.message_id IN (
        SELECT d.message_id FROM message_dispatch AS d
        WHERE d.batch_id = :batch AND d.state IN ('pending', 'sending') AND d.next_attempt_at <= now() AND {_IS_FIRST}
        ORDER BY d.message_id LIMIT :limit FOR UPDATE OF d SKIP LOCKED)
    RETURNING m.message_id, m.authority_id, m.channel, m.attempts, m.refusals"""  # noqa: S608  # no value in it
)
_RENEW = text(
    """UPDATE message_dispatch SET lease_until = now() + :lease, next_attempt_at = now() + :lease
    WHERE token = :token AND batch_id = :batch AND state = 'sending' AND lease_until > now()"""
)
_HANDED_OVER = text(
    """UPDATE message_dispatch SET handed_at = now(), lease_until = now() + :lease, next_attempt_at = now() + :lease
    WHERE message_id = :id AND token = :token AND state = 'sending' AND lease_until > now()"""
)
_ENDED = text(
    """UPDATE message_dispatch SET state = :state, sent_at = CASE WHEN :state = 'sent' THEN now() END,
        token = NULL, lease_until = NULL, failure = :cause
    WHERE message_id = :id AND token = :token AND state = 'sending'"""
)
_LATER = text(
    """UPDATE message_dispatch SET state = 'pending', next_attempt_at = now() + :wait, ambiguous = ambiguous + :unsure,
        attempts = attempts - :untried, refusals = refusals + 1 - :untried, token = NULL, lease_until = NULL,
        handed_at = NULL, enqueued_at = NULL, failure = :cause
    WHERE message_id = :id AND token = :token AND state = 'sending'"""
)
_HELD = text(
    """UPDATE message_dispatch SET state = 'unknown', token = NULL, lease_until = NULL, failure = 'the answer never came'
    WHERE state = 'sending' AND next_attempt_at <= now() AND handed_at IS NOT NULL AND channel <> ALL(:resent)"""
)
_GIVEN_UP = text(
    """UPDATE message_dispatch SET state = 'failed', token = NULL, lease_until = NULL, failure = 'tried too often'
    WHERE state IN ('pending', 'sending') AND next_attempt_at <= now() AND attempts >= :most"""
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages to be sent over one connection of one channel, all of one authority."""

    id: int
    message_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message this process may send until its lease ends."""

    message_id: int
    batch_id: int
    authority_id: int
    channel: str
    attempts: int
    refusals: int
    token: UUID


def take_due(*, stale: timedelta, limit: int = 20 * BATCH) -> list[Batch]:
    """Form batches of what is due and nobody was told about within `stale`; marks them as told. The caller commits.

    Staleness counts from now in every state: whatever the queue lost, however often, is found again.
    """
    _run(_HELD, resent=list(RESENT_WHEN_UNSURE))
    _run(_GIVEN_UP, most=MOST_ATTEMPTS)
    groups: dict[tuple[int, str, int | None], list[int]] = {}
    for row in db.session.execute(_DUE, {"stale": stale, "limit": limit}):
        alone = row.message_id if row.deaths >= ALONE_AFTER else None
        groups.setdefault((row.authority_id, row.channel, alone), []).append(row.message_id)
    batches = [
        Batch(ids[start], tuple(ids[start : start + BATCH])) for ids in groups.values() for start in range(0, len(ids), BATCH)
    ]
    for batch in batches:
        _run(_ENQUEUED, batch=batch.id, ids=list(batch.message_ids))
    return batches


def claim(batch_id: int, *, lease: timedelta, limit: int = BATCH) -> list[Claimed]:
    """Take what is still due of a batch, in order. The caller commits before it talks to anybody outside.

    A message waits while an earlier one to the same person about the same report is on its way.
    """
    token = uuid4()
    rows = db.session.execute(_CLAIM, {"batch": batch_id, "token": token, "lease": lease, "limit": limit}).all()
    claimed = [
        Claimed(row.message_id, batch_id, row.authority_id, row.channel, row.attempts, row.refusals, token) for row in rows
    ]
    return sorted(claimed, key=lambda one: one.message_id)


def renew(message: Claimed, *, lease: timedelta) -> None:
    """Push the lease of everything that was claimed together with `message` and is not sent yet."""
    _run(_RENEW, token=message.token, batch=message.batch_id, lease=lease)


def handed_over(message: Claimed, *, lease: timedelta) -> bool:
    """The server said go ahead, the last byte is about to leave. False: the lease is lost, let go of the connection."""
    return _run(_HANDED_OVER, id=message.message_id, token=message.token, lease=lease) == 1


def sent(message: Claimed) -> None:
    """The server took the message."""
    _run(_ENDED, id=message.message_id, token=message.token, state="sent", cause="")


def cancelled(message: Claimed, *, cause: str) -> None:
    """Nobody wants the message any more: its reader stopped the news or was erased since it was planned."""
    _run(_ENDED, id=message.message_id, token=message.token, state="cancelled", cause=cause)


def failed(message: Claimed, *, cause: str, for_good: bool) -> None:
    """It did not leave. Tried again by the table of waits unless it is `for_good`. `cause` has no address and no content."""
    wait = None if for_good else wait_after(message.refusals + 1)
    if wait is None:
        _run(_ENDED, id=message.message_id, token=message.token, state="failed", cause=cause)
    else:
        _run(_LATER, id=message.message_id, token=message.token, wait=wait, cause=cause, unsure=0, untried=0)


def unsure(message: Claimed, *, cause: str) -> None:
    """The line broke after the last byte and before the answer: sent again and counted, or held, as the channel's rule says."""
    wait = wait_after(message.refusals + 1)
    if message.channel not in RESENT_WHEN_UNSURE or wait is None:
        _run(_ENDED, id=message.message_id, token=message.token, state="unknown", cause=cause)
    else:
        _run(_LATER, id=message.message_id, token=message.token, wait=wait, cause=cause, unsure=1, untried=0)


def let_go(message: Claimed) -> None:
    """Not tried after all, because this process ends: free for the next worker at once."""
    _run(_LATER, id=message.message_id, token=message.token, wait=timedelta(0), cause="", unsure=0, untried=1)


def _run(statement: TextClause, **values: object) -> int:
    result = db.session.connection().execute(statement.bindparams(*(bindparam(name) for name in values)), values)
    assert isinstance(result, CursorResult)
    return result.rowcount
