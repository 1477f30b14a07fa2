"""How far the messages of one report came: which channel, which state, when; never to whom."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.notifications.models import Message, MessageDispatch
from authority_portal.domain.reports.queries.report import SeenReport
from authority_portal.foundation.db import db


@dataclass(frozen=True, slots=True)
class Delivery:
    """The state of one message. `at` is when it was sent, or when the next try is due."""

    channel: str
    state: str
    at: datetime | None
    failure: str
    attempts: int
    ambiguous: int


def of(report: SeenReport, *, by: Actor) -> dict[int, list[Delivery]]:
    """Deliveries by the step they tell of; empty for those who may not see the message log of this report."""
    if not by.may(Permission.REPORT_READ_MESSAGES, report):
        return {}
    rows = db.session.execute(
        select(
            Message.change_id,
            Message.channel,
            MessageDispatch.state,
            MessageDispatch.sent_at,
            MessageDispatch.next_attempt_at,
            MessageDispatch.failure,
            MessageDispatch.attempts,
            MessageDispatch.ambiguous,
        )
        .join(MessageDispatch, MessageDispatch.message_id == Message.id)
        .where(Message.authority_id == report.authority_id, Message.report_id == report.id, Message.change_id.is_not(None))
        .order_by(Message.id)
    )
    found: dict[int, list[Delivery]] = {}
    for row in rows:
        waits = row.state in ("pending", "sending")
        at = row.next_attempt_at if waits else row.sent_at
        found.setdefault(row.change_id, []).append(Delivery(row.channel, row.state, at, row.failure, row.attempts, row.ambiguous))
    return found
