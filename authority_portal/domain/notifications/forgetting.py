"""What ends with a resident's details: waiting messages, links that stop them, their language, the digest of what was sent."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, or_, select, update

from authority_portal.domain.notifications.models import LinkToken, Message, MessageDispatch
from authority_portal.domain.reports.models import Report
from authority_portal.foundation import clock
from authority_portal.foundation.db import db

UNKNOWN = "und"
"""The language of nobody, as BCP 47 calls it."""


def forget(person_ids: Collection[UUID], *, authority_id: int) -> int:
    """Let nothing go out any more to residents who were just erased; returns how many messages were waiting. The caller commits.

    One that is being sent at this moment ends by itself, and is not tried again. The link that follows a report stays: its page
    shows nothing personal, and after the erasure it is the resident's only way to see how the report ends. The digest of what
    was sent covers name and address; whoever has the key of the digests could try out with it whose report it was.
    """
    theirs = select(Message.id).where(Message.authority_id == authority_id, Message.person_id.in_(person_ids))
    cancelled = db.session.connection().execute(
        update(MessageDispatch)
        .where(
            MessageDispatch.authority_id == authority_id,
            MessageDispatch.message_id.in_(theirs),
            MessageDispatch.state == "pending",
        )
        .values(state="cancelled", failure="nobody wants it any more")
    )
    db.session.execute(
        update(LinkToken)
        .where(
            LinkToken.authority_id == authority_id,
            LinkToken.message_id.in_(theirs),
            LinkToken.purpose == "unsubscribe",
            LinkToken.revoked_at.is_(None),
        )
        .values(revoked_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Message)
        .where(and_(Message.authority_id == authority_id, Message.person_id.in_(person_ids)))
        .values(locale=UNKNOWN)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Report)
        .where(
            Report.authority_id == authority_id,
            Report.person_id.in_(person_ids),
            or_(Report.locale.is_not(None), Report.source_digest.is_not(None)),
        )
        .values(locale=None, source_digest=None)
        .execution_options(synchronize_session=False)
    )
    return cancelled.rowcount
