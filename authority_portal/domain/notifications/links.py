"""Residents' secret links: one per message and purpose, the same each time, of which only the digest is stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert

from authority_portal.config import settings
from authority_portal.domain.notifications.models import LinkToken
from authority_portal.foundation import clock, tokens
from authority_portal.foundation.db import db

Purpose = Literal["follow", "unsubscribe"]

AFTER_CLOSING = timedelta(days=90)
"""How long a link opens after its report was closed."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a token stands for."""

    authority_id: int
    report_id: int
    message_id: int | None
    purpose: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that needs a link; `closed_at` of its report decides when the link ends."""

    message_id: int
    report_id: int
    closed_at: datetime | None = None


def make(message_id: int, report_id: int, authority_id: int, purpose: Purpose, *, closed_at: datetime | None = None) -> str:
    """The token of one message. The caller commits."""
    return make_all([Wanted(message_id, report_id, closed_at)], authority_id=authority_id, purpose=purpose)[message_id]


def make_all(wanted: Iterable[Wanted], *, authority_id: int, purpose: Purpose) -> dict[int, str]:
    """The tokens of many messages by message id, in two statements. A token made with an older key of the ring stays."""
    wishes = list(wanted)
    possible = {
        wish.message_id: tokens.derived(f"link|{purpose}|{wish.message_id}", keys=settings().LINK_KEYS) for wish in wishes
    }
    digests = {tokens.digest(token): token for some in possible.values() for token in some}
    known = {digests[row] for row in db.session.scalars(select(LinkToken.digest).where(LinkToken.digest.in_(digests)))}
    chosen = {message_id: next((token for token in some if token in known), some[0]) for message_id, some in possible.items()}
    new = [
        {
            "digest": tokens.digest(chosen[wish.message_id]),
            "authority_id": authority_id,
            "report_id": wish.report_id,
            "message_id": wish.message_id,
            "purpose": purpose,
            "made_at": clock.now(),
            "ends_at": wish.closed_at and wish.closed_at + AFTER_CLOSING,
        }
        for wish in wishes
        if chosen[wish.message_id] not in known
    ]
    if new:
        db.session.execute(insert(LinkToken).values(new).on_conflict_do_nothing())
    return chosen


def resolve(token: str, purpose: Purpose) -> Link | None:
    """What a token opens; None if it is unknown, of another purpose, over or revoked. Every answer costs the same query."""
    row = db.session.execute(
        select(LinkToken.authority_id, LinkToken.report_id, LinkToken.message_id, LinkToken.purpose).where(
            LinkToken.digest == tokens.digest(token[:200]),
            LinkToken.purpose == purpose,
            LinkToken.revoked_at.is_(None),
            or_(LinkToken.ends_at.is_(None), LinkToken.ends_at > clock.now()),
        )
    ).first()
    return Link(*row) if row else None


def follow_closing(report_id: int, authority_id: int, *, closed_at: datetime | None) -> None:
    """Let the links of a report end some time after its closing, or not at all once it was reopened. The caller commits."""
    db.session.execute(
        update(LinkToken)
        .where(LinkToken.authority_id == authority_id, LinkToken.report_id == report_id)
        .values(ends_at=closed_at and closed_at + AFTER_CLOSING)
    )


def revoke(report_id: int, authority_id: int) -> None:
    """Close every link of a report at once, for good. The caller commits."""
    db.session.execute(
        update(LinkToken)
        .where(LinkToken.authority_id == authority_id, LinkToken.report_id == report_id, LinkToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
