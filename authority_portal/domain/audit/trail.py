"""The audit log: append in the act's transaction, seal later, verify at any time.

Appending takes no shared lock. The sweeper seals what is unsealed, per authority, under an advisory lock: sequence without a
gap, the previous line's hash, and SHA-256 over both and the line's canonical JSON. Whoever keeps the last hash outside can
prove that nothing before it was changed, reordered or removed.
"""

import hashlib
import json
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import func, select, text

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit.models import AuditLine
from authority_portal.foundation import clock
from authority_portal.foundation.db import db

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Set by the entrance, so that a line can be found from a log and the other way round."""

_LOCK = 7_301  # first half of the advisory lock's key; the authority's id is the second


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of a verification. `broken_at` is the first sequence number that does not fit, or None."""

    lines: int
    head: bytes | None
    broken_at: int | None


def append(action: str, *, subject: str, by: Actor, **details: str | int | float | bool | list[str] | None) -> None:
    """Write one line into the running transaction. `details` name fields and counts, never personal values."""
    db.session.add(
        AuditLine(
            authority_id=by.authority_id,
            at=clock.now(),
            actor_id=by.id,
            actor_kind=by.kind,
            action=action,
            subject=subject,
            details=details,
            request_id=request_id.get(),
        )
    )


def seal(authority_id: int, *, limit: int = 5_000) -> int:
    """Seal up to `limit` waiting lines of one authority, oldest first; returns how many. The caller commits."""
    db.session.execute(text("SELECT pg_advisory_xact_lock(:room, :authority)"), {"room": _LOCK, "authority": authority_id})
    last = db.session.execute(
        select(AuditLine.seq, AuditLine.hash)
        .where(AuditLine.authority_id == authority_id, AuditLine.seq.is_not(None))
        .order_by(AuditLine.seq.desc())
        .limit(1)
    ).first()
    seq, head = (last[0] or 0, last[1] or b"") if last else (0, b"")
    waiting = db.session.scalars(
        select(AuditLine)
        .where(AuditLine.authority_id == authority_id, AuditLine.hash.is_(None))
        .order_by(AuditLine.id)
        .limit(limit)
    ).all()
    for line in waiting:
        seq += 1
        line.seq, line.prev_hash = seq, head
        line.hash = head = _hash(line, seq, head)
    db.session.flush()
    return len(waiting)


def waiting(authority_id: int) -> int:
    """How many lines of an authority are not sealed yet."""
    query = select(func.count()).where(AuditLine.authority_id == authority_id, AuditLine.hash.is_(None))
    return db.session.scalar(query) or 0


def verify(authority_id: int) -> Verdict:
    """Recompute the chain of an authority from its first line."""
    head, lines = b"", 0
    query = (
        select(AuditLine)
        .where(AuditLine.authority_id == authority_id, AuditLine.seq.is_not(None))
        .order_by(AuditLine.seq)
        .execution_options(yield_per=1_000)
    )
    for expected, line in enumerate(db.session.scalars(query), start=1):
        if line.seq != expected or line.prev_hash != head or line.hash != _hash(line, expected, head):
            return Verdict(lines, head, expected)
        head, lines = line.hash, expected
    return Verdict(lines, head or None, None)


def _hash(line: AuditLine, seq: int, head: bytes) -> bytes:
    canonical = json.dumps(
        {
            "seq": seq,
            "authority": line.authority_id,
            "at": line.at.isoformat(),
            "actor": str(line.actor_id),
            "kind": line.actor_kind,
            "action": line.action,
            "subject": line.subject,
            "details": line.details,
            "request": line.request_id,
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(head + canonical.encode()).digest()
