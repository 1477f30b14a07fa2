"""A resident stops the messages about one report, by the link at the foot of each."""

from sqlalchemy import and_, select

from authority_portal.domain.access.actor import system
from authority_portal.domain.notifications.links import Link
from authority_portal.domain.notifications.models import Message
from authority_portal.domain.people import commands as people
from authority_portal.domain.people.models import Person
from authority_portal.foundation.db import db


def stop(link: Link) -> None:
    """No more messages about the link's report for whoever got its message. The caller commits. Said twice, it stays."""
    person = db.session.scalar(
        select(Person)
        .join(Message, and_(Message.authority_id == Person.authority_id, Message.person_id == Person.id))
        .where(Message.authority_id == link.authority_id, Message.id == link.message_id)
    )
    if person is not None:
        people.stop(person, by=system(link.authority_id))
