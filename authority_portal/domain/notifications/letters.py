"""What has to be known to write a message: read when it leaves, so that it says what is true then."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import undefer

from authority_portal.domain.access.actor import system
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.authorities.models import Category
from authority_portal.domain.notifications import links
from authority_portal.domain.notifications.models import Message
from authority_portal.domain.notifications.planning import Wording
from authority_portal.domain.people import commands as people
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.models import Report, Status, StatusChange
from authority_portal.domain.reports.queries.closing import public_closings
from authority_portal.foundation.db import db


@dataclass(frozen=True, slots=True)
class Letter:
    """The content of a message, without its reader. `status` is in the authority's words; `note` is what staff wrote for all.

    `ends_at` and `kept` are those of a notice on erasing the contact (`notices.py`).
    """

    wording: str
    locale: str
    reference: str
    category: str
    status: str
    group: str
    outcome: str | None
    note: str
    at: datetime
    authority: Card
    ends_at: datetime | None = None
    kept: bool = False
    follow: str = field(default="", repr=False)
    unsubscribe: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class Addressed:
    """A letter and where it goes. Never logged: it has no text form. `key` is the same whenever the message is sent again."""

    letter: Letter
    address: str
    key: str

    def __repr__(self) -> str:
        return "<addressed letter>"


@dataclass(frozen=True, slots=True)
class Mail:
    """Letters by message, the messages whose reader's contact was damaged, and those whose key this host lacks."""

    letters: dict[int, Addressed] = field(default_factory=dict)
    broken: frozenset[int] = frozenset()
    locked: frozenset[int] = frozenset()


def address_all(message_ids: Collection[int], *, authority: Card, batch_id: int) -> Mail:
    """Read what is needed to send these messages, open the addresses and make the links. The caller commits.

    A message whose reader stopped the news, was erased or has no address any more is left out: nobody waits for it.
    """
    rows = db.session.execute(
        select(Message, Person, StatusChange, Status.name, Status.group, Report.reference, Category.name)
        .join(Person, (Person.authority_id == Message.authority_id) & (Person.id == Message.person_id))
        .join(StatusChange, (StatusChange.authority_id == Message.authority_id) & (StatusChange.id == Message.change_id))
        .join(Status, (Status.authority_id == Message.authority_id) & (Status.id == StatusChange.to_status_id))
        .join(Report, (Report.authority_id == Message.authority_id) & (Report.id == Message.report_id))
        .join(Category, (Category.authority_id == Message.authority_id) & (Category.id == Report.category_id))
        .where(
            Message.authority_id == authority.id,
            Message.id.in_(message_ids),
            Person.stopped_at.is_(None),
            Person.erased_at.is_(None),
        )
        .options(undefer(Person.email_sealed))
    ).all()
    if not rows:
        return Mail()
    opened = people.mailed({row[1].id: row[1] for row in rows}.values(), batch=f"batch:{batch_id}", by=system(authority.id))
    closed = public_closings({row[0].report_id for row in rows}, authority.id)
    wanted = [links.Wanted(row[0].id, row[0].report_id, closed.get(row[0].report_id)) for row in rows]
    follow = links.make_all(wanted, authority_id=authority.id, purpose="follow")
    unsubscribe = links.make_all(wanted, authority_id=authority.id, purpose="unsubscribe")
    made = {}
    for message, person, change, status, group, reference, category in rows:
        letter = Letter(
            wording=message.event,
            locale=message.locale,
            reference=reference,
            category=category,
            status=status,
            group=group,
            outcome=change.outcome,
            note=change.note if message.event != Wording.RETENTION else "",
            at=change.changed_at,
            authority=authority,
            **_of_notice(message.details),
            follow=follow[message.id],
            unsubscribe=unsubscribe[message.id],
        )
        if person.id in opened.addresses:
            made[message.id] = Addressed(letter, opened.addresses[person.id], key_of(message.dedupe_key, person.id))
    broken, locked = (frozenset(row[0].id for row in rows if row[1].id in persons) for persons in (opened.broken, opened.locked))
    return Mail(made, broken, locked)


def _of_notice(details: dict[str, Any]) -> dict[str, Any]:
    return {"ends_at": datetime.fromisoformat(details["ends_at"]), "kept": details["kept"]} if "ends_at" in details else {}


def key_of(dedupe_key: str, person_id: UUID) -> str:
    """A message's name on the wire, at every attempt. Nobody can guess it: a person's id is random and never leaves the house."""
    return hashlib.sha256(f"{dedupe_key}|{person_id}".encode()).hexdigest()[:32]
