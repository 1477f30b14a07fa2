"""How far the messages about a report came, for those who may know it; never to whom."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, true

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.scope import Reach
from authority_portal.domain.notifications import causes
from authority_portal.domain.notifications.models import Message, MessageDispatch
from authority_portal.domain.reports.models import Report
from authority_portal.foundation.db import db


@dataclass(frozen=True, slots=True)
class MessageState:
    """One message of a report: which wording, about which step, on which channel, how far, and since when.

    `ambiguous` counts how often it was sent again because nobody could know whether it had arrived.
    """

    change_id: int | None
    wording: str
    channel: str
    state: str
    at: datetime
    ambiguous: int
    failure: str


def states_of(report_id: int, *, by: Actor) -> list[MessageState]:
    """The messages about one report in the order they were made; none for somebody who may not know of them. One statement."""
    reach = by.reach(Permission.REPORT_READ_MESSAGES)
    if reach is None or reach is Reach.OWN:
        return []
    held = true() if reach is Reach.AUTHORITY else or_(Report.team_id.in_(by.team_ids), Report.assignee_id == by.id)
    rows = db.session.execute(
        select(
            Message.change_id,
            Message.event,
            Message.channel,
            # The record of a delivery without trouble is cleared away after a while; the message itself stays.
            func.coalesce(MessageDispatch.state, "sent"),
            func.coalesce(MessageDispatch.sent_at, Message.made_at),
            func.coalesce(MessageDispatch.ambiguous, 0),
            func.coalesce(MessageDispatch.failure, "").label("failure"),
        )
        .outerjoin(MessageDispatch, MessageDispatch.message_id == Message.id)
        .join(Report, (Report.authority_id == Message.authority_id) & (Report.id == Message.report_id))
        .where(Message.authority_id == by.authority_id, Message.report_id == report_id, held)
        .order_by(Message.id)
    )
    return [MessageState(*row[:-1], failure=causes.read(row[-1])) for row in rows]
